import { expect } from 'chai'
import { fitting, reply } from '../../../src/smtp/reply.ts'

describe('an SMTP reply', () => {
  it('has a code, a status and at least one line', () => {
    expect(reply(250, '2.0.0', 'one', 'two')).to.deep.equal({
      code: 250,
      status: '2.0.0',
      lines: ['one', 'two'],
    })
  })

  it('has text without controls', () => {
    expect(fitting('a\r\nb\0c\td\u007F')).to.equal('a??b?c?d?')
  })

  it('has text that fits into 512 octets with code, status and line end', () => {
    expect(fitting('x'.repeat(480))).to.equal('x'.repeat(480))
    const cut = fitting('x'.repeat(481))
    expect(cut).to.equal(`${'x'.repeat(477)}...`)
    expect(`550-5.1.10 ${cut}\r\n`.length).to.be.at.most(512)
  })
})
