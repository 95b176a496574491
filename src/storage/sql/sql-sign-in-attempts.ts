/**
 * Failed sign-ins in SQL, for every engine. An attempt is a row from the moment it is booked; what it did to
 * its account is decided when it is settled.
 */
import { randomUUID } from 'node:crypto'
import type { Kysely, Transaction } from 'kysely'
import type {
  Attempt,
  AttemptLimits,
  AttemptState,
  Booking,
  SignInAttempts,
} from '../../ports/sign-in-attempts.js'
import type { AttemptTables } from './attempt-tables.js'
import type { SqlEngine } from './sql-engine.js'

/** After this long nobody is looking at an attempt any more: its process has ended, and it counts as a failure. */
const LONGEST_FLIGHT_MS = 60_000
/** Rows past which the oldest are forgotten: names that do not exist must not fill a disk. */
const MOST_ROWS = 100_000
/** Bookings between two looks at how many rows there are. */
const TIDY_EVERY = 1000

export function createSqlSignInAttempts(
  { db, attempt: run }: SqlEngine<AttemptTables>,
  limits: AttemptLimits,
): SignInAttempts {
  let booked = 0

  async function tidy(now: number): Promise<void> {
    booked += 1
    if (booked % TIDY_EVERY !== 0) return
    await run(() => forgetOld(db, limits, now))
  }

  function booking(id: string, { account }: Attempt): Booking {
    return {
      kind: 'booked',
      succeed: () =>
        run(() =>
          db.transaction().execute(async (within) => {
            await within.deleteFrom('attempt').where('id', '=', id).execute()
            await endRow(within, account)
          }),
        ),
      fail: (at) => run(() => db.transaction().execute((within) => fail(within, id, account, at.getTime()))),
      withdraw: () =>
        run(async () => {
          await db.deleteFrom('attempt').where('id', '=', id).execute()
        }),
    }
  }

  async function fail(
    within: Transaction<AttemptTables>,
    id: string,
    account: string,
    now: number,
  ): Promise<boolean> {
    await within.updateTable('attempt').set({ in_flight: 0 }).where('id', '=', id).execute()
    if (limits.perAccount === undefined) return false
    const { failures } = await counts(within, account, now)
    if (failures < limits.perAccount.failures) return false
    await block(within, account, now + limits.perAccount.blockMs)
    return true
  }

  return {
    look: (attempt, at) => run(() => state(db, limits, attempt, at.getTime())),

    async book(attempt, at) {
      const now = at.getTime()
      await tidy(now)
      return run(() =>
        db.transaction().execute(async (within) => {
          const found = await state(within, limits, attempt, now)
          if (found.kind !== 'free') return found
          const id = randomUUID()
          const row = { id, account: attempt.account, address: attempt.address, at: now, in_flight: 1 }
          await within.insertInto('attempt').values(row).execute()
          return booking(id, attempt)
        }),
      )
    },

    forgetOrphans: () =>
      run(async () => {
        await db.deleteFrom('attempt').where('in_flight', '=', 1).execute()
      }),

    forget: (account) =>
      run(() =>
        db.transaction().execute(async (within) => {
          await endRow(within, account)
          await within.deleteFrom('block').where('account', '=', account).execute()
        }),
      ),

    close: () => db.destroy(),
  }
}

/** What stands against an attempt now. A block that has ended has ended the failures before it when it began. */
async function state(
  db: Kysely<AttemptTables>,
  { perAccount, perAddress }: AttemptLimits,
  { account, address }: Attempt,
  now: number,
): Promise<AttemptState> {
  if (perAddress !== undefined) {
    const failures = await failuresOf(db, address, now - perAddress.withinMs)
    if (failures >= perAddress.failures) return { kind: 'limited' }
  }
  if (perAccount === undefined) return { kind: 'free', failures: 0 }
  const until = await blockedUntil(db, account)
  // A clock that was set back must not make a block longer than it ever was.
  if (until > now && until <= now + perAccount.blockMs) return { kind: 'locked', until: new Date(until) }
  const { failures, inFlight } = await counts(db, account, now)
  if (failures + inFlight < perAccount.failures) return { kind: 'free', failures }
  if (inFlight > 0) return { kind: 'pending' }
  // Attempts of a process that ended before it settled them: together they are a block, from now on.
  await block(db, account, now + perAccount.blockMs)
  return { kind: 'locked', until: new Date(now + perAccount.blockMs) }
}

async function failuresOf(db: Kysely<AttemptTables>, address: string, since: number): Promise<number> {
  const { count } = await db
    .selectFrom('attempt')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('address', '=', address)
    .where('at', '>', since)
    .executeTakeFirstOrThrow()
  return count
}

async function blockedUntil(db: Kysely<AttemptTables>, account: string): Promise<number> {
  const row = await db.selectFrom('block').select('until').where('account', '=', account).executeTakeFirst()
  return row?.until ?? 0
}

/** The account's failures in a row, and the attempts that may still become some. */
async function counts(
  db: Kysely<AttemptTables>,
  account: string,
  now: number,
): Promise<{ readonly failures: number; readonly inFlight: number }> {
  const rows = await db
    .selectFrom('attempt')
    .select(['in_flight', 'at'])
    .where('account', '=', account)
    .execute()
  const inFlight = rows.filter((row) => row.in_flight === 1 && row.at > now - LONGEST_FLIGHT_MS).length
  return { failures: rows.length - inFlight, inFlight }
}

/** Ends the failures in a row: they go on counting for their addresses only. Attempts in flight are not ended. */
async function endRow(db: Kysely<AttemptTables>, account: string): Promise<void> {
  await db
    .updateTable('attempt')
    .set({ account: null })
    .where('account', '=', account)
    .where('in_flight', '=', 0)
    .execute()
}

async function block(db: Kysely<AttemptTables>, account: string, until: number): Promise<void> {
  await db
    .insertInto('block')
    .values({ account, until })
    .onConflict((conflict) => conflict.column('account').doUpdateSet({ until }))
    .execute()
  await db.updateTable('attempt').set({ account: null }).where('account', '=', account).execute()
}

/** Forgets what counts for nobody any more, and the oldest of what is too much. */
async function forgetOld(
  db: Kysely<AttemptTables>,
  { perAddress }: AttemptLimits,
  now: number,
): Promise<void> {
  await db
    .deleteFrom('attempt')
    .where('account', 'is', null)
    .where('at', '<=', now - (perAddress?.withinMs ?? 0))
    .execute()
  await db.deleteFrom('block').where('until', '<=', now).execute()
  const tooOld = await db
    .selectFrom('attempt')
    .select('at')
    .orderBy('at', 'desc')
    .offset(MOST_ROWS)
    .limit(1)
    .executeTakeFirst()
  if (tooOld !== undefined) await db.deleteFrom('attempt').where('at', '<=', tooOld.at).execute()
}
