/** The account directory in one SQLite file, shared by the server and the command line. */
import type { AccountDirectory } from '../../ports/account-directory.js'
import { migrate } from '../sql/migrate.js'
import { DIRECTORY_MIGRATIONS } from '../sql/migrations.js'
import { createSqlAccountDirectory } from '../sql/sql-account-directory.js'
import type { Tables } from '../sql/tables.js'
import { openSqliteEngine } from './sqlite-engine.js'

/**
 * Opens the directory, making the file (mode 0600) and its tables when they are not there.
 * @throws GatewayError `store.cannot-create`, `store.damaged`, `store.unavailable`
 */
export async function openSqliteAccountDirectory(file: string): Promise<AccountDirectory> {
  const engine = await openSqliteEngine<Tables>(file, true)
  try {
    await engine.attempt(() => migrate(engine.db, DIRECTORY_MIGRATIONS))
  } catch (error) {
    await engine.db.destroy()
    throw error
  }
  return createSqlAccountDirectory(engine, engine.dataVersion)
}
