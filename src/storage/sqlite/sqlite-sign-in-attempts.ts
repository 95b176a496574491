/**
 * Failed sign-ins in one SQLite file, shared by all processes of a house. Not synced: after a power cut a
 * guesser has a few tries more, and no sign-in ever waits for the disk.
 */
import type { AttemptLimits, SignInAttempts } from '../../ports/sign-in-attempts.js'
import { ATTEMPT_MIGRATIONS, type AttemptTables } from '../sql/attempt-tables.js'
import { migrate } from '../sql/migrate.js'
import { createSqlSignInAttempts } from '../sql/sql-sign-in-attempts.js'
import { openSqliteEngine } from './sqlite-engine.js'

/** @throws GatewayError `store.cannot-create`, `store.damaged`, `store.unavailable` */
export async function openSqliteSignInAttempts(file: string, limits: AttemptLimits): Promise<SignInAttempts> {
  const engine = await openSqliteEngine<AttemptTables>(file, false)
  try {
    await engine.attempt(() => migrate(engine.db, ATTEMPT_MIGRATIONS))
  } catch (error) {
    await engine.db.destroy()
    throw error
  }
  return createSqlSignInAttempts(engine, limits)
}
