import { expect } from 'chai'
import { parseMailboxes } from '../../../src/message/mailboxes.ts'

describe('the mailboxes of a field', () => {
  const read: readonly (readonly [value: string, ...addresses: string[]])[] = [
    ['alice@glo2000.ca', 'alice@glo2000.ca'],
    [' Alice <alice@GLO2000.ca>', 'alice@glo2000.ca'],
    ['J. R. Doe <j@x.org>, b@y.org', 'j@x.org', 'b@y.org'],
    ['"Doe, J. <no@no.org>" <j@x.org>', 'j@x.org'],
    ['"a \\" b" <j@x.org>', 'j@x.org'],
    ['(bob@glo2000.ca) alice (one (two) \\) three) @ glo2000 . ca (x)', 'alice@glo2000.ca'],
    ['alice@glo2000.ca.', 'alice@glo2000.ca'],
    ['"alice"@glo2000.ca', 'alice@glo2000.ca'],
    ['"a b@c"@glo2000.ca', 'a b@c@glo2000.ca'],
    ['a.b@[192.0.2.1]', 'a.b@[192.0.2.1]'],
    ['<@relay.org,@other.org:alice@glo2000.ca>', 'alice@glo2000.ca'],
    ['staff: alice@x.org, Bob <bob@y.org>;, carol@z.org', 'alice@x.org', 'bob@y.org', 'carol@z.org'],
    ['undisclosed: ;'],
    [''],
    [', ,alice@x.org,', 'alice@x.org'],
    ['Élodie <élodie@bücher.example>', 'élodie@bücher.example'],
    ['alice\r\n <alice@x.org>', 'alice@x.org'],
  ]
  for (const [value, ...addresses] of read) {
    it(`are read: ${JSON.stringify(value)}`, () => {
      const mailboxes = parseMailboxes(value)?.map(({ localPart, domain }) => `${localPart}@${domain}`)
      expect(mailboxes).to.deep.equal(addresses)
    })
  }

  const unreadable = [
    'alice',
    '@x.org',
    'alice@',
    'a@b@c',
    'alice@x.org <bob@y.org>',
    'alice <bob@y.org',
    'alice <bob@y.org> carol',
    'alice bob@y.org',
    'a..b@x.org',
    '.a@x.org',
    'a@x..org',
    'staff: alice@x.org',
    'staff: more: alice@x.org;;',
    'alice@x.org;',
    '"open <alice@x.org>',
    '(open alice@x.org',
    'alice\u0000@x.org',
    'alice@x.org ."more"',
    'alice@"x.org"',
    'alice@x.org\\',
    '<>',
  ]
  for (const value of unreadable) {
    it(`are none: ${JSON.stringify(value)}`, () => {
      expect(parseMailboxes(value)).to.equal(undefined)
    })
  }

  it('are found in linear time, whatever is nested or open', () => {
    for (const value of ['('.repeat(60_000), '"'.repeat(60_001), '<'.repeat(60_000), 'a,'.repeat(30_000)]) {
      const began = process.cpuUsage()
      parseMailboxes(value)
      expect(process.cpuUsage(began).user, value.slice(0, 3)).to.be.below(1_000_000)
    }
  })
})
