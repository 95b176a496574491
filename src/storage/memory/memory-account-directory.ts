/** The account directory in this process's memory: it begins empty and ends with it. For test suites. */
import { GatewayError } from '../../base/errors.js'
import type { Account, AccountDirectory } from '../../ports/account-directory.js'

export function createMemoryAccountDirectory(): AccountDirectory {
  const accounts = new Map<string, Account>()

  function get(key: string): Account {
    const account = accounts.get(key)
    if (account === undefined)
      throw new GatewayError('account.unknown', `there is no account ${JSON.stringify(key)}`)
    return account
  }

  return {
    find: async (key) => accounts.get(key),
    list: async () => [...accounts.values()].toSorted((one, other) => (one.key < other.key ? -1 : 1)),

    async add(account) {
      if (accounts.has(account.key))
        throw new GatewayError('account.exists', `there is an account ${account.name} already`)
      accounts.set(account.key, { ...account })
    },

    async setPasswordRecord(key, passwordRecord) {
      accounts.set(key, { ...get(key), passwordRecord })
    },

    async setQuota(key, quotaOctets) {
      accounts.set(key, { ...get(key), quotaOctets })
    },

    async remove(key) {
      accounts.delete(get(key).key)
    },

    close: async () => {},
  }
}
