import { expect } from 'chai'
import { offeredMechanisms } from '../../../src/sasl/offered.ts'

const CLEAR = { address: '192.0.2.1' }
const TLS_1_3 = { address: '192.0.2.1', tlsExporter: Buffer.alloc(32, 7) }

describe('the offered mechanisms', () => {
  it('of SMTP are PLAIN and LOGIN, where passwords may be sent', () => {
    for (const channel of [CLEAR, TLS_1_3]) {
      expect(offeredMechanisms({ protocol: 'smtp', clearPasswords: true, channel })).to.deep.equal([
        'PLAIN',
        'LOGIN',
      ])
      expect(offeredMechanisms({ protocol: 'smtp', clearPasswords: false, channel })).to.deep.equal([])
    }
  })

  it('of POP3 begin with SCRAM, and end with PLAIN where passwords may be sent', () => {
    const pop3 = { protocol: 'pop3', channel: CLEAR } as const
    expect(offeredMechanisms({ ...pop3, clearPasswords: false })).to.deep.equal(['SCRAM-SHA3-512'])
    expect(offeredMechanisms({ ...pop3, clearPasswords: true })).to.deep.equal(['SCRAM-SHA3-512', 'PLAIN'])
  })

  it('of POP3 bind to the channel first, where there is one to bind to', () => {
    const pop3 = { protocol: 'pop3', channel: TLS_1_3 } as const
    const bound = ['SCRAM-SHA3-512-PLUS', 'SCRAM-SHA3-512']
    expect(offeredMechanisms({ ...pop3, clearPasswords: false })).to.deep.equal(bound)
    expect(offeredMechanisms({ ...pop3, clearPasswords: true })).to.deep.equal([...bound, 'PLAIN'])
  })
})
