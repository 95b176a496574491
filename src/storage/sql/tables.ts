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
  /** `member` or `postmaster`; a word of a newer version counts as `member`. */
  role: string
  /** 0 or 1. */
  locked: number
  /** Days, 0 for never; null: as the setting says. */
  retention_days: number | null
}

/** One row for each member of a role address. */
export interface AliasMemberTable {
  /** An account's key. */
  member: string
  /** The role address's name in lower case. */
  alias: string
  /** Its name as given. */
  name: string
}

export interface Tables {
  account: AccountTable
  alias_member: AliasMemberTable
}
