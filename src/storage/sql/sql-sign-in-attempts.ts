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
import { compileCounts, type CountQuery } from './attempt-counts.js'
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
  const counts = compileCounts(db)
  let booked = 0

  async function tidy(now: number): Promise<void> {
    booked += 1
    if (booked % TIDY_EVERY !== 0) return
    await run(() => forgetOld(db, limits, now))
  }

  function booking(id: string, attempt: Attempt): Booking {
    const { account } = attempt
    return {
      kind: 'booked',
      succeed: () =>
        run(() =>
          db.transaction().execute(async (within) => {
            await within.deleteFrom('attempt').where('id', '=', id).execute()
            await endRow(within, account)
          }),
        ),
      fail: (at) => run(() => db.transaction().execute((within) => fail(within, id, attempt, at.getTime()))),
      withdraw: () =>
        run(async () => {
          await db.deleteFrom('attempt').where('id', '=', id).execute()
        }),
    }
  }

  async function fail(
    within: Transaction<AttemptTables>,
    id: string,
    attempt: Attempt,
    now: number,
  ): Promise<boolean> {
    await within.updateTable('attempt').set({ in_flight: 0 }).where('id', '=', id).execute()
    if (limits.perAccount === undefined) return false
    const flightSince = now - LONGEST_FLIGHT_MS
    const { failures } = await counts(within, { ...attempt, addressSince: now, flightSince })
    if (failures < limits.perAccount.failures) return false
    await block(within, attempt.account, now + limits.perAccount.blockMs)
    return true
  }

  return {
    look: (attempt, at) => run(() => state(db, counts, limits, attempt, at.getTime())),

    async book(attempt, at) {
      const now = at.getTime()
      await tidy(now)
      return run(() =>
        db.transaction().execute(async (within) => {
          const found = await state(within, counts, limits, attempt, now)
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
  counts: CountQuery,
  { perAccount, perAddress }: AttemptLimits,
  attempt: Attempt,
  now: number,
): Promise<AttemptState> {
  const { ofAddress, until, failures, inFlight } = await counts(db, {
    ...attempt,
    addressSince: now - (perAddress?.withinMs ?? 0),
    flightSince: now - LONGEST_FLIGHT_MS,
  })
  if (perAddress !== undefined && ofAddress >= perAddress.failures) return { kind: 'limited' }
  if (perAccount === undefined) return { kind: 'free', failures: 0 }
  // A clock that was set back must not make a block longer than it ever was.
  if (until > now && until <= now + perAccount.blockMs) return { kind: 'locked', until: new Date(until) }
  if (failures + inFlight < perAccount.failures) return { kind: 'free', failures }
  if (inFlight > 0) return { kind: 'pending' }
  // Attempts of a process that ended before it settled them: together they are a block, from now on.
  await block(db, attempt.account, now + perAccount.blockMs)
  return { kind: 'locked', until: new Date(now + perAccount.blockMs) }
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
