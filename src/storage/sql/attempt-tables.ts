/** The tables of failed sign-ins. They are no part of the directory: an engine may keep them where a sync is not needed. */
import type { Kysely, Migration } from 'kysely'

/** One row for each failure that still counts, and for each attempt that is being looked at. */
export interface AttemptTable {
  id: string
  /** Whose failures in a row it belongs to; null when they have ended and only the address counts it. */
  account: string | null
  address: string
  /** Milliseconds since 1970. */
  at: number
  /** 1 while nobody knows how it ends. */
  in_flight: number
}

export interface BlockTable {
  account: string
  /** Milliseconds since 1970. */
  until: number
}

export interface AttemptTables {
  attempt: AttemptTable
  block: BlockTable
}

export const ATTEMPT_MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001-attempts': {
    async up(db: Kysely<AttemptTables>) {
      await db.schema
        .createTable('attempt')
        .ifNotExists()
        .addColumn('id', 'varchar(36)', (column) => column.primaryKey())
        .addColumn('account', 'varchar(64)')
        .addColumn('address', 'varchar(64)', (column) => column.notNull())
        .addColumn('at', 'bigint', (column) => column.notNull())
        .addColumn('in_flight', 'smallint', (column) => column.notNull())
        .execute()
      for (const column of ['account', 'address', 'at'])
        await db.schema
          .createIndex(`attempt_by_${column}`)
          .ifNotExists()
          .on('attempt')
          .column(column)
          .execute()
      await db.schema
        .createTable('block')
        .ifNotExists()
        .addColumn('account', 'varchar(64)', (column) => column.primaryKey())
        .addColumn('until', 'bigint', (column) => column.notNull())
        .execute()
    },
  },
}
