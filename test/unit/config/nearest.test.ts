import { expect } from 'chai'
import { nearest } from '../../../src/config/nearest.ts'

const KNOWN = ['domain', 'smtp.port', 'pop3.port', 'pop3s.port', 'max_message_octets', 'lockout.attempts']

describe('the nearest known name', () => {
  const expectations: readonly (readonly [name: string, meant: string | undefined])[] = [
    ['domian', 'domain'],
    ['Domain', 'domain'],
    ['smtp.prot', 'smtp.port'],
    ['pop3s.prt', 'pop3s.port'],
    ['pop3.port_', 'pop3.port'],
    ['max-message-octets', 'max_message_octets'],
    ['MaxMessageOctets', 'max_message_octets'],
    ['auth.attempts', 'lockout.attempts'],
    ['server.attempts', 'lockout.attempts'],
    ['plugins', undefined],
    ['', undefined],
    ['d'.repeat(10_000), undefined],
  ]
  for (const [name, meant] of expectations) {
    it(`of "${name.slice(0, 20)}" is ${meant ?? 'nothing'}`, () => {
      expect(nearest(name, KNOWN)).to.equal(meant)
    })
  }
})
