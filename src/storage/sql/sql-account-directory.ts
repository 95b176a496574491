/** The account directory in SQL, for every engine; what differs between engines comes in as `SqlEngine`. */
import type { Kysely } from 'kysely'
import { GatewayError } from '../../base/errors.js'
import type { Account, AccountDirectory } from '../../ports/account-directory.js'
import type { AccountTable, Tables } from './tables.js'

/** What an engine does in its own way. */
export interface SqlEngine {
  readonly db: Kysely<Tables>
  /** Runs queries; waits out another process's lock without blocking, and names what failed. */
  attempt<Result>(queries: () => Promise<Result>): Promise<Result>
  isUniqueViolation(error: unknown): boolean
}

export function createSqlAccountDirectory({ db, attempt, isUniqueViolation }: SqlEngine): AccountDirectory {
  async function update(key: string, columns: Partial<AccountTable>): Promise<void> {
    if (!isText(key)) throw unknown(key)
    const { numUpdatedRows } = await attempt(() =>
      db.updateTable('account').set(columns).where('key', '=', key).executeTakeFirstOrThrow(),
    )
    if (numUpdatedRows === 0n) throw unknown(key)
  }

  return {
    async find(key) {
      if (!isText(key)) return undefined
      const row = await attempt(() =>
        db.selectFrom('account').selectAll().where('key', '=', key).executeTakeFirst(),
      )
      return row === undefined ? undefined : toAccount(row)
    },

    async list() {
      const rows = await attempt(() => db.selectFrom('account').selectAll().orderBy('key').execute())
      return rows.map(toAccount)
    },

    async add(account) {
      try {
        await attempt(() => db.insertInto('account').values(toRow(account)).execute())
      } catch (error) {
        if (!isUniqueViolation(error)) throw error
        throw new GatewayError('account.exists', `there is an account ${account.name} already`, {
          cause: error,
        })
      }
    },

    setPasswordRecord: (key, passwordRecord) => update(key, { password_record: passwordRecord }),
    setQuota: (key, quotaOctets) => update(key, { quota_octets: quotaOctets ?? null }),

    async remove(key) {
      if (!isText(key)) throw unknown(key)
      const { numDeletedRows } = await attempt(() =>
        db.deleteFrom('account').where('key', '=', key).executeTakeFirstOrThrow(),
      )
      if (numDeletedRows === 0n) throw unknown(key)
    },

    close: () => db.destroy(),
  }
}

/** Whether an engine can compare it: a driver may cut a text at NUL, and `alice\0` would find `alice`. */
function isText(key: string): boolean {
  return !key.includes('\0')
}

function toAccount(row: AccountTable): Account {
  return {
    name: row.name,
    key: row.key,
    passwordRecord: row.password_record,
    createdAt: new Date(row.created_at),
    quotaOctets: row.quota_octets === null ? undefined : row.quota_octets,
  }
}

function toRow(account: Account): AccountTable {
  const { name, key, passwordRecord, createdAt, quotaOctets } = account
  return {
    key,
    name,
    password_record: passwordRecord,
    created_at: createdAt.toISOString(),
    quota_octets: quotaOctets ?? null,
  }
}

function unknown(key: string): GatewayError {
  return new GatewayError('account.unknown', `there is no account ${JSON.stringify(key)}`)
}
