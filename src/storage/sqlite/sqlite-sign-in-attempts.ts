/**
 * Failed sign-ins in one SQLite file, shared by all processes of a house. Not synced: after a power cut a
 * guesser has a few tries more, and no sign-in ever waits for the disk. A file that is damaged, as a power cut may
 * leave it, is thrown away: nothing in it is worth a start that fails.
 */
import { rm } from 'node:fs/promises'
import { failureCode } from '../../base/errors.js'
import { silentLog, type Log } from '../../base/log.js'
import type { AttemptLimits, SignInAttempts } from '../../ports/sign-in-attempts.js'
import { ATTEMPT_MIGRATIONS, type AttemptTables } from '../sql/attempt-tables.js'
import { migrate } from '../sql/migrate.js'
import { createSqlSignInAttempts } from '../sql/sql-sign-in-attempts.js'
import { openSqliteEngine } from './sqlite-engine.js'

/** @throws GatewayError `store.cannot-create`, `store.unavailable` */
export async function openSqliteSignInAttempts(
  file: string,
  limits: AttemptLimits,
  log: Log = silentLog,
): Promise<SignInAttempts> {
  try {
    return await open(file, limits)
  } catch (error) {
    if (failureCode(error) !== 'store.damaged') throw error
    log.warn({ err: error }, 'counts of failed sign-ins are damaged; counting begins anew')
    for (const suffix of ['', '-wal', '-shm']) await rm(`${file}${suffix}`, { force: true })
    return open(file, limits)
  }
}

async function open(file: string, limits: AttemptLimits): Promise<SignInAttempts> {
  const engine = await openSqliteEngine<AttemptTables>(file, false)
  try {
    await engine.attempt(() => migrate(engine.db, ATTEMPT_MIGRATIONS))
  } catch (error) {
    await engine.db.destroy()
    throw error
  }
  return createSqlSignInAttempts(engine, limits)
}
