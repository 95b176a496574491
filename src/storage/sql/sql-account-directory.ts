/** The account directory in SQL, for every engine; what differs between engines comes in as `SqlEngine`. */
import { GatewayError } from '../../base/errors.js'
import type { Account, AccountChange, AccountDirectory, Alias } from '../../ports/account-directory.js'
import type { SqlEngine } from './sql-engine.js'
import type { AccountTable, AliasMemberTable, Tables } from './tables.js'

/** @param changeMark see `AccountDirectory`; each engine has its own way of noticing others */
export function createSqlAccountDirectory(
  { db, attempt, isUniqueViolation }: SqlEngine<Tables>,
  changeMark: () => Promise<number>,
): AccountDirectory {
  /** Compiled once: every sign-in asks, and putting a query together costs more than running this one. */
  const oneAccount = db.selectFrom('account').selectAll().where('key', '=', '').compile()

  async function account(key: string): Promise<AccountTable | undefined> {
    const { rows } = await db.executeQuery<AccountTable>({ ...oneAccount, parameters: [key] })
    return rows[0]
  }

  function membersOf(alias: string): Promise<AccountTable[]> {
    return db
      .selectFrom('alias_member')
      .innerJoin('account', 'account.key', 'alias_member.member')
      .selectAll('account')
      .where('alias', '=', alias)
      .orderBy('account.key')
      .execute()
  }

  return {
    changeMark,

    async find(key) {
      if (!isText(key)) return undefined
      const row = await attempt(() => account(key))
      return row === undefined ? undefined : toAccount(row)
    },

    async list() {
      const rows = await attempt(() => db.selectFrom('account').selectAll().orderBy('key').execute())
      return rows.map(toAccount)
    },

    async add(added) {
      try {
        await attempt(() =>
          db.transaction().execute(async (within) => {
            const alias = within.selectFrom('alias_member').select('name').where('alias', '=', added.key)
            const taken = await alias.executeTakeFirst()
            if (taken !== undefined) throw exists(taken.name, 'a role address')
            await within.insertInto('account').values(toRow(added)).execute()
          }),
        )
      } catch (error) {
        if (!isUniqueViolation(error)) throw error
        throw exists(added.name, 'an account', error)
      }
    },

    async change(key, change, onlyIf) {
      if (!isText(key)) throw unknown(key)
      const columns = toColumns(change)
      const { numUpdatedRows } = await attempt(() => {
        const update = db.updateTable('account').set(columns).where('key', '=', key)
        const guarded =
          onlyIf === undefined ? update : update.where('password_record', '=', onlyIf.passwordRecord)
        return guarded.executeTakeFirstOrThrow()
      })
      if (numUpdatedRows > 0n) return true
      if ((await attempt(() => account(key))) === undefined) throw unknown(key)
      return false
    },

    async remove(key) {
      if (!isText(key)) throw unknown(key)
      const { numDeletedRows } = await attempt(() =>
        db.deleteFrom('account').where('key', '=', key).executeTakeFirstOrThrow(),
      )
      if (numDeletedRows === 0n) throw unknown(key)
    },

    async reachedBy(key) {
      if (!isText(key)) return []
      const row = await attempt(() => account(key))
      const rows = row === undefined ? await attempt(() => membersOf(key)) : [row]
      return rows.map(toAccount)
    },

    async withRole(role) {
      const rows = await attempt(() =>
        db.selectFrom('account').selectAll().where('role', '=', role).orderBy('key').execute(),
      )
      return rows.map(toAccount)
    },

    async aliases() {
      const rows = await attempt(() =>
        db.selectFrom('alias_member').selectAll().orderBy('alias').orderBy('member').execute(),
      )
      return toAliases(rows)
    },

    async addToAlias({ key, name, members }) {
      await attempt(() =>
        db.transaction().execute(async (within) => {
          if (
            (await within.selectFrom('account').select('key').where('key', '=', key).executeTakeFirst()) !==
            undefined
          )
            throw exists(name, 'an account')
          for (const member of members) {
            const found = await within
              .selectFrom('account')
              .select('key')
              .where('key', '=', member)
              .executeTakeFirst()
            if (found === undefined || !isText(member)) throw unknown(member)
            await within
              .insertInto('alias_member')
              .values({ alias: key, name, member })
              .onConflict((conflict) => conflict.columns(['member', 'alias']).doNothing())
              .execute()
          }
        }),
      )
    },

    async removeFromAlias(key, members) {
      await attempt(() =>
        db.transaction().execute(async (within) => {
          const rows = await within
            .selectFrom('alias_member')
            .select('member')
            .where('alias', '=', key)
            .execute()
          const present = rows.map(({ member }) => member)
          if (present.length === 0 || !isText(key))
            throw new GatewayError('account.unknown', `there is no role address ${JSON.stringify(key)}`)
          for (const member of members ?? present) {
            if (!present.includes(member))
              throw new GatewayError('account.unknown', `${member} is no member of ${key}`)
            await within
              .deleteFrom('alias_member')
              .where('alias', '=', key)
              .where('member', '=', member)
              .execute()
          }
        }),
      )
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
    role: row.role === 'postmaster' ? 'postmaster' : 'member',
    locked: row.locked !== 0,
    quotaOctets: row.quota_octets ?? undefined,
    retentionDays: row.retention_days ?? undefined,
  }
}

function toRow(account: Account): AccountTable {
  const { name, key, passwordRecord, createdAt, role, locked, quotaOctets, retentionDays } = account
  return {
    key,
    name,
    password_record: passwordRecord,
    created_at: createdAt.toISOString(),
    role,
    locked: locked ? 1 : 0,
    quota_octets: quotaOctets ?? null,
    retention_days: retentionDays ?? null,
  }
}

/** Only what is named, also when it is named as `undefined`. */
function toColumns(change: AccountChange): Partial<AccountTable> {
  const { passwordRecord, role, locked, quotaOctets, retentionDays } = change
  return {
    ...('passwordRecord' in change && { password_record: passwordRecord }),
    ...('role' in change && { role }),
    ...('locked' in change && { locked: locked === true ? 1 : 0 }),
    ...('quotaOctets' in change && { quota_octets: quotaOctets ?? null }),
    ...('retentionDays' in change && { retention_days: retentionDays ?? null }),
  }
}

function toAliases(rows: readonly AliasMemberTable[]): readonly Alias[] {
  const keys = [...new Set(rows.map(({ alias }) => alias))]
  return keys.map((key) => {
    const own = rows.filter(({ alias }) => alias === key)
    return { key, name: own[0]?.name ?? key, members: own.map(({ member }) => member) }
  })
}

function exists(name: string, what: string, cause?: unknown): GatewayError {
  return new GatewayError('account.exists', `there is ${what} ${name} already`, { cause })
}

function unknown(key: string): GatewayError {
  return new GatewayError('account.unknown', `there is no account ${JSON.stringify(key)}`)
}
