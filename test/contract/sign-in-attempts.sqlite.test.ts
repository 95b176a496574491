import { DatabaseSync } from '@photostructure/sqlite'
import { expect } from 'chai'
import { readFile, stat, writeFile } from 'node:fs/promises'
import type { Attempt } from '../../src/ports/sign-in-attempts.ts'
import { openSqliteSignInAttempts } from '../../src/storage/sqlite/sqlite-sign-in-attempts.ts'
import { signInAttemptsContract } from './sign-in-attempts.ts'
import { tempFolder } from './support/temp-folder.ts'

const LIMITS = {
  perAccount: { failures: 2, blockMs: 10_000 },
  perAddress: { failures: 1000, withinMs: 60_000 },
}
const ALICE: Attempt = { account: 'alice', address: '192.0.2.1' }

describe('SQLite', () => {
  const newPath = tempFolder()
  const newFile = (): string => `${newPath()}/run/sign-ins.sqlite`

  signInAttemptsContract('SQLite', (limits) => {
    const file = newFile()
    return { open: () => openSqliteSignInAttempts(file, limits) }
  })

  describe('the file of failed sign-ins', () => {
    it('is for its owner alone', async () => {
      const file = newFile()
      const attempts = await openSqliteSignInAttempts(file, LIMITS)
      expect((await stat(file)).mode & 0o777).to.equal(0o600)
      await attempts.close()
    })

    it('is thrown away when it is damaged, and counting begins anew', async () => {
      const file = newFile()
      const before = await openSqliteSignInAttempts(file, LIMITS)
      await before.book(ALICE, new Date(0))
      await before.close()
      for (const octets of [Buffer.alloc(9000, 'no database'), (await readFile(file)).fill(0xff, 4096)]) {
        await writeFile(file, octets)
        const after = await openSqliteSignInAttempts(file, LIMITS)
        expect((await after.book(ALICE, new Date(0))).kind).to.equal('booked')
        await after.close()
      }
    })

    it('keeps a block over a restart', async () => {
      const file = newFile()
      const now = new Date('2026-11-21T03:04:05Z')
      const before = await openSqliteSignInAttempts(file, LIMITS)
      for (let time = 0; time < 2; time += 1) {
        const booking = await before.book(ALICE, now)
        if (booking.kind === 'booked') await booking.fail(now)
      }
      await before.close()
      const after = await openSqliteSignInAttempts(file, LIMITS)
      expect((await after.look(ALICE, now)).kind).to.equal('locked')
      await after.close()
    })

    it('counts attempts of a process that ended in their midst as failures, a minute later', async () => {
      const file = newFile()
      const now = Date.parse('2026-11-21T03:04:05Z')
      const dead = await openSqliteSignInAttempts(file, LIMITS)
      await dead.book(ALICE, new Date(now))
      await dead.book(ALICE, new Date(now))
      await dead.close()
      const alive = await openSqliteSignInAttempts(file, LIMITS)
      expect((await alive.book(ALICE, new Date(now + 59_000))).kind).to.equal('pending')
      expect((await alive.book(ALICE, new Date(now + 60_001))).kind).to.equal('locked')
      expect((await alive.book(ALICE, new Date(now + 70_001))).kind).to.equal('booked')
      await alive.close()
    })

    it('does not grow with names that nobody has', async function () {
      this.timeout(30_000)
      const file = newFile()
      const attempts = await openSqliteSignInAttempts(file, { ...LIMITS, perAddress: undefined })
      const other = new DatabaseSync(file)
      other.exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 101500)
        INSERT INTO attempt SELECT 'id' || i, 'name ' || i, 'address', i, 0 FROM n`)
      const now = new Date('2026-11-21T03:04:05Z')
      for (let time = 0; time < 1000; time += 1) {
        const booking = await attempts.book({ account: `${time}`, address: 'x' }, now)
        if (booking.kind === 'booked') await booking.withdraw()
      }
      const count = other.prepare('SELECT count(*) AS rows FROM attempt').get()
      expect(Number(count?.['rows'])).to.be.at.most(100_000)
      other.close()
      await attempts.close()
    })
  })
})
