/**
 * The one set of migrations of the directory for every SQL engine, in order of their names.
 * A migration that has been released is never changed; it must do nothing when it is run twice,
 * because two processes may start on one fresh file.
 */
import type { Kysely, Migration } from 'kysely'
import type { Tables } from './tables.js'

export const DIRECTORY_MIGRATIONS: Readonly<Record<string, Migration>> = {
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
      if (await has(db, 'quota_octets')) return
      await db.schema.alterTable('account').addColumn('quota_octets', 'bigint').execute()
    },
  },
  '0003-roles': {
    async up(db: Kysely<Tables>) {
      if (!(await has(db, 'role')))
        await db.schema
          .alterTable('account')
          .addColumn('role', 'varchar(16)', (column) => column.notNull().defaultTo('member'))
          .execute()
      if (!(await has(db, 'locked')))
        await db.schema
          .alterTable('account')
          .addColumn('locked', 'smallint', (column) => column.notNull().defaultTo(0))
          .execute()
      if (!(await has(db, 'retention_days')))
        await db.schema.alterTable('account').addColumn('retention_days', 'integer').execute()
      await db.schema
        .createTable('alias_member')
        .ifNotExists()
        .addColumn('member', 'varchar(64)', (column) =>
          column.notNull().references('account.key').onDelete('cascade'),
        )
        .addColumn('alias', 'varchar(64)', (column) => column.notNull())
        .addColumn('name', 'varchar(64)', (column) => column.notNull())
        .addPrimaryKeyConstraint('alias_member_key', ['member', 'alias'])
        .execute()
      await db.schema
        .createIndex('alias_member_by_alias')
        .ifNotExists()
        .on('alias_member')
        .column('alias')
        .execute()
    },
  },
}

async function has(db: Kysely<Tables>, column: keyof Tables['account']): Promise<boolean> {
  const tables = await db.introspection.getTables()
  const account = tables.find(({ name }) => name === 'account')
  return account?.columns.some(({ name }) => name === column) === true
}
