import { expect } from 'chai'
import { isMeant, type LostFilter } from '../../../src/lost/filter.ts'
import type { LostEntry } from '../../../src/lost/lost-folder.ts'

const ENTRY: LostEntry = {
  id: 'm1',
  octets: 1000,
  blockOctets: 300,
  circumstances: {
    reason: 'unknown-recipient',
    recipients: ['Xeno@glo2000.ca', 'yoko@glo2000.ca'],
    reversePath: 'Dave@example.org',
    clientAddress: '192.0.2.7',
    answered: 550,
    receivedAt: new Date('2026-11-21T03:04:05Z'),
  },
}
const FOREIGN: LostEntry = { id: 'm2', octets: 10, blockOctets: 0, circumstances: undefined }

describe('a filter of lost messages', () => {
  const table: readonly (readonly [filter: LostFilter, meant: boolean, foreign: boolean])[] = [
    [{}, true, true],
    [{ ids: ['m0', 'm1', 'm2'] }, true, true],
    [{ ids: ['m'] }, false, false],
    [{ recipient: 'xeno@GLO2000.ca' }, true, false],
    [{ recipient: 'YOKO' }, true, false],
    [{ recipient: 'yok' }, false, false],
    [{ recipient: 'xeno@example.org' }, false, false],
    [{ from: 'dave@example.org' }, true, false],
    [{ from: '' }, false, false],
    [{ since: new Date('2026-11-21T03:04:05Z') }, true, false],
    [{ since: new Date('2026-11-21T03:04:06Z') }, false, false],
    [{ reason: 'unknown-recipient' }, true, false],
    [{ reason: 'no-postmaster' }, false, false],
    [{ recipient: 'xeno', from: 'dave@example.org', reason: 'unknown-recipient', ids: ['m1'] }, true, false],
    [{ recipient: 'xeno', from: 'eve@example.org' }, false, false],
  ]
  for (const [filter, meant, foreign] of table) {
    it(`${JSON.stringify(filter)} means ${meant ? 'this one' : 'another'}`, () => {
      expect(isMeant(ENTRY, filter)).to.equal(meant)
      expect(isMeant(FOREIGN, filter)).to.equal(foreign)
    })
  }
})
