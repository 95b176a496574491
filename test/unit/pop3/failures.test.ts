import { expect } from 'chai'
import { type FailureCode, GatewayError } from '../../../src/base/errors.ts'
import { refusalOf } from '../../../src/pop3/failures.ts'
import { ENGLISH } from '../../../src/pop3/texts.ts'

const CODES: readonly FailureCode[] = [
  'account.exists',
  'account.name-refused',
  'account.password-refused',
  'account.unknown',
  'config.invalid',
  'input.refused',
  'listen.refused',
  'mailbox.full',
  'maildrop.in-use',
  'message.gone',
  'message.header-too-large',
  'message.line-ends',
  'message.loop',
  'message.too-large',
  'root.in-use',
  'sender.forged',
  'sender.not-own',
  'sender.sign-in-required',
  'sign-in.busy',
  'sign-in.limited',
  'sign-in.locked',
  'sign-in.malformed',
  'sign-in.refused',
  'sign-in.refused-last',
  'sign-in.too-soon',
  'store.cannot-create',
  'store.damaged',
  'store.full',
  'store.unavailable',
  'usage.wrong',
]

describe('POP3 failures', () => {
  it('are SYS/TEMP exactly when trying again may help, and SYS/PERM when not', () => {
    for (const code of CODES) {
      const error = new GatewayError(code, '')
      const refusal = refusalOf(error, ENGLISH)
      if (refusal.code === 'SYS/TEMP') expect(error.temporary, code).to.equal(true)
      if (refusal.code === 'SYS/PERM') expect(error.temporary, code).to.equal(false)
    }
  })

  it('say the same of an unknown name and a wrong password (RFC 3206 §5)', () => {
    const refused = refusalOf(new GatewayError('sign-in.refused', ''), ENGLISH)
    expect(refused.code).to.equal('AUTH')
    expect(refusalOf(new GatewayError('account.unknown', ''), ENGLISH)).to.deep.equal(refused)
  })

  it('say IN-USE of a maildrop that is held (RFC 2449 §8.1.2)', () => {
    expect(refusalOf(new GatewayError('maildrop.in-use', ''), ENGLISH).code).to.equal('IN-USE')
  })

  it('say SYS/TEMP of a bug, and nothing of what it was', () => {
    const bug = refusalOf(new TypeError('/etc/passwd'), ENGLISH)
    expect(bug).to.deep.equal({ code: 'SYS/TEMP', text: ENGLISH.tryLater })
  })

  it('have texts that are short and no response code by accident (RFC 2449 §6.4)', () => {
    for (const text of Object.values(ENGLISH)) {
      if (typeof text !== 'string') continue
      expect(text).to.match(/^[^[\r\n][^\r\n]{0,400}$/)
    }
  })
})
