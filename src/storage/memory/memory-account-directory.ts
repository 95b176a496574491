/** The account directory in this process's memory: it begins empty and ends with it. For test suites. */
import { GatewayError } from '../../base/errors.js'
import type { Account, AccountDirectory, Alias } from '../../ports/account-directory.js'

export function createMemoryAccountDirectory(): AccountDirectory {
  const accounts = new Map<string, Account>()
  const aliases = new Map<string, Alias>()

  function get(key: string): Account {
    const account = accounts.get(key)
    if (account === undefined) throw unknown(`there is no account ${JSON.stringify(key)}`)
    return account
  }

  function keepAlias(alias: Alias, members: readonly string[]): void {
    if (members.length === 0) aliases.delete(alias.key)
    else aliases.set(alias.key, { ...alias, members: [...members].toSorted() })
  }

  const all = (): readonly Account[] => [...accounts.values()].toSorted(byKey)

  return {
    // Nobody else can change it.
    changeMark: async () => 0,
    find: async (key) => accounts.get(key),
    list: async () => all(),

    async add(account) {
      if (accounts.has(account.key) || aliases.has(account.key)) throw exists(account.name)
      accounts.set(account.key, { ...account })
    },

    async change(key, change, onlyIf) {
      const account = get(key)
      if (onlyIf !== undefined && onlyIf.passwordRecord !== account.passwordRecord) return false
      accounts.set(key, { ...account, ...change })
      return true
    },

    async remove(key) {
      accounts.delete(get(key).key)
      for (const alias of aliases.values())
        keepAlias(
          alias,
          alias.members.filter((member) => member !== key),
        )
    },

    async reachedBy(key) {
      const account = accounts.get(key)
      return account === undefined ? (aliases.get(key)?.members ?? []).map(get) : [account]
    },

    withRole: async (role) => all().filter((account) => account.role === role),
    aliases: async () => [...aliases.values()].toSorted(byKey),

    async addToAlias(alias) {
      if (accounts.has(alias.key)) throw exists(alias.name)
      const known = aliases.get(alias.key)
      const added = alias.members.map((member) => get(member).key)
      keepAlias(known ?? alias, [...new Set([...(known?.members ?? []), ...added])])
    },

    async removeFromAlias(key, members) {
      const alias = aliases.get(key)
      if (alias === undefined) throw unknown(`there is no role address ${JSON.stringify(key)}`)
      for (const member of members ?? [])
        if (!alias.members.includes(member)) throw unknown(`${member} is no member of ${key}`)
      keepAlias(
        alias,
        members === undefined ? [] : alias.members.filter((member) => !members.includes(member)),
      )
    },

    close: async () => {},
  }
}

function byKey(one: { readonly key: string }, other: { readonly key: string }): number {
  return one.key < other.key ? -1 : 1
}

function exists(name: string): GatewayError {
  return new GatewayError('account.exists', `there is an account or role address ${name} already`)
}

function unknown(message: string): GatewayError {
  return new GatewayError('account.unknown', message)
}
