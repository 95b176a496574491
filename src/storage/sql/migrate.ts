/** Brings a database to the tables of this version. */
import { Migrator, type Kysely, type Migration } from 'kysely'
import { GatewayError } from '../../base/errors.js'

/** @throws GatewayError `store.damaged` when a newer version wrote it; nothing is changed then */
export async function migrate<Tables>(
  db: Kysely<Tables>,
  migrations: Readonly<Record<string, Migration>>,
): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => ({ ...migrations }) } })
  const applied = (await migrator.getMigrations()).filter((migration) => migration.executedAt !== undefined)
  const { error } = await migrator.migrateToLatest()
  if (error === undefined) return
  if (error instanceof Error && error.message.startsWith('corrupted migrations')) {
    throw new GatewayError(
      'store.damaged',
      'the directory was written by a newer Relais; nothing was changed',
      {
        cause: { error, applied: applied.length },
      },
    )
  }
  throw error
}
