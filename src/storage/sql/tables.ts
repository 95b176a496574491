/** The tables of the directory, as Kysely sees them. Every table is keyed by account first. */

export interface AccountTable {
  /** Name in lower case. */
  key: string
  /** Name as registered. */
  name: string
  password_record: string
  /** ISO 8601 in UTC, so that every engine keeps it alike. */
  created_at: string
  /** Octets; null: as the setting says. */
  quota_octets: number | null
}

export interface Tables {
  account: AccountTable
}
