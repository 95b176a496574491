/**
 * The one set of migrations for every SQL engine, in order of their names.
 * A migration that has been released is never changed; it must do nothing when it is run twice,
 * because two processes may start on one fresh file.
 */
import { Migrator, type Kysely, type Migration } from 'kysely'
import { GatewayError } from '../../base/errors.js'
import type { Tables } from './tables.js'

const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001-accounts': {
    async up(db: Kysely<Tables>) {
      await db.schema
        .createTable('account')
        .ifNotExists()
        .addColumn('key', 'varchar(64)', (column) => column.primaryKey())
        .addColumn('name', 'varchar(64)', (column) => column.notNull())
        .addColumn('password_record', 'text', (column) => column.notNull())
        .addColumn('created_at', 'text', (column) => column.notNull())
        .execute()
    },
  },
  '0002-quota': {
    async up(db: Kysely<Tables>) {
      const tables = await db.introspection.getTables()
      const known = tables
        .find(({ name }) => name === 'account')
        ?.columns.some(({ name }) => name === 'quota_octets')
      if (known !== true) await db.schema.alterTable('account').addColumn('quota_octets', 'bigint').execute()
    },
  },
}

/** Brings a database to this version's tables. @throws GatewayError `store.damaged` when a newer version wrote it */
export async function migrate(db: Kysely<Tables>): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => ({ ...MIGRATIONS }) } })
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
