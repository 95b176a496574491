import { expect } from 'chai'
import { GatewayError, type FailureCode } from '../../../src/base/errors.ts'
import { failureReply } from '../../../src/smtp/failures.ts'

/** Every code, once; the compiler holds the list complete. */
const CODES = Object.keys({
  'account.exists': 0,
  'account.name-refused': 0,
  'account.password-refused': 0,
  'account.unknown': 0,
  'config.invalid': 0,
  'input.refused': 0,
  'listen.refused': 0,
  'mailbox.full': 0,
  'maildrop.in-use': 0,
  'message.gone': 0,
  'message.header-too-large': 0,
  'message.line-ends': 0,
  'message.loop': 0,
  'message.too-large': 0,
  'root.in-use': 0,
  'sender.forged': 0,
  'sender.not-own': 0,
  'sender.sign-in-required': 0,
  'sign-in.busy': 0,
  'sign-in.limited': 0,
  'sign-in.locked': 0,
  'sign-in.malformed': 0,
  'sign-in.refused': 0,
  'sign-in.refused-last': 0,
  'sign-in.too-soon': 0,
  'store.cannot-create': 0,
  'store.damaged': 0,
  'store.full': 0,
  'store.unavailable': 0,
  'usage.wrong': 0,
} satisfies Record<FailureCode, number>)

const isCode = (text: string): text is FailureCode => CODES.includes(text)

describe('the SMTP reply to a failure', () => {
  for (const code of CODES.filter(isCode)) {
    if (code === 'sender.not-own') continue
    it(`${code} has a status code of its reply code’s class, and says nothing of its inside`, () => {
      const error = new GatewayError(code, 'secret inside')
      const { code: replyCode, status, lines } = failureReply(error)
      expect(replyCode).to.be.within(400, 599)
      expect(status).to.match(new RegExp(`^${Math.floor(replyCode / 100)}\\.\\d{1,3}\\.\\d{1,3}$`))
      expect(lines.join('')).to.not.contain('secret')
      for (const line of lines) expect(line).to.match(/^[ -~]{1,480}$/)
      if (error.temporary) expect(replyCode).to.be.below(500)
    })
  }

  const words = [
    ['store.full', 452, '4.3.1'],
    ['store.unavailable', 451, '4.3.0'],
    ['message.too-large', 552, '5.3.4'],
    ['message.line-ends', 550, '5.6.0'],
    ['sender.sign-in-required', 530, '5.7.0'],
    ['sign-in.refused', 535, '5.7.8'],
    ['sign-in.refused-last', 535, '5.7.8'],
    ['sign-in.locked', 454, '4.7.0'],
  ] as const
  for (const [code, replyCode, status] of words) {
    it(`${code} is ${replyCode} ${status}`, () => {
      expect(failureReply(new GatewayError(code, ''))).to.include({ code: replyCode, status })
    })
  }

  it('sender.not-own tells the client its own address, as one safe line', () => {
    const told = failureReply(new GatewayError('sender.not-own', 'not alice@glo2000.ca\r\n250 x'))
    expect(told).to.deep.equal({ code: 550, status: '5.7.1', lines: ['not alice@glo2000.ca??250 x'] })
  })

  it('is temporary for whatever is a bug, so that the sender keeps the message', () => {
    for (const thrown of [new Error('secret'), 'text', undefined, null])
      expect(failureReply(thrown)).to.include({ code: 451, status: '4.3.0' })
  })
})
