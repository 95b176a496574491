/**
 * Remembers for a while who has signed in with what, so that a client that polls costs no hash each time.
 *
 * What is remembered is an HMAC under a key that is random for each process and never leaves it. The password
 * record is part of what it is made of: a changed record finds nothing, so there is nothing to empty.
 */
import { createHmac, randomBytes } from 'node:crypto'
import type { Account } from '../ports/account-directory.js'
import { preparedOrUndefined } from './password-rules.js'

export interface SignInCache {
  has(account: Account, password: string, atMs: number): boolean
  /** The same, and remembers it anew when it is so. */
  renew(account: Account, password: string, atMs: number): boolean
  /** Forgets it `lifetimeMs` after it was last remembered. */
  remember(account: Account, password: string, atMs: number): void
}

/** @param mostKept the oldest are forgotten first */
export function createSignInCache(lifetimeMs: number, mostKept = 10_000): SignInCache {
  const key = randomBytes(32)
  const until = new Map<string, number>()

  function digest({ key: account, passwordRecord }: Account, password: string): string {
    return createHmac('sha256', key)
      .update(JSON.stringify([account, passwordRecord, preparedOrUndefined(password) ?? password]))
      .digest('base64')
  }

  const isKnown = (entry: string, atMs: number): boolean => (until.get(entry) ?? 0) > atMs

  return {
    has: (account, password, atMs) => isKnown(digest(account, password), atMs),

    renew(account, password, atMs) {
      const entry = digest(account, password)
      if (!isKnown(entry, atMs)) return false
      until.delete(entry)
      until.set(entry, atMs + lifetimeMs)
      return true
    },

    remember(account, password, atMs) {
      if (lifetimeMs === 0) return
      const entry = digest(account, password)
      until.delete(entry)
      until.set(entry, atMs + lifetimeMs)
      for (const oldest of until.keys()) {
        if (until.size <= mostKept) return
        until.delete(oldest)
      }
    },
  }
}
