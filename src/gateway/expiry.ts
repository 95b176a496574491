/**
 * How long messages are kept, over all accounts, as a client may be told before it has signed in (RFC 2449 §6.7).
 * Looked at once a minute: it is a hint, and each account's own number is exact.
 */
import type { Log } from '../base/log.js'
import type { Expiry } from '../pop3/session.js'
import type { Account } from '../ports/account-directory.js'

export interface ExpiryWatch {
  readonly current: () => Expiry
  close(): void
}

const EVERY_MS = 60_000

/** @param settingDays as `retention.days` has it: 0 for never */
export async function watchExpiry(
  list: () => Promise<readonly Account[]>,
  settingDays: number,
  log: Log,
): Promise<ExpiryWatch> {
  let current = expiryOf([], settingDays)

  async function look(): Promise<void> {
    try {
      current = expiryOf(await list(), settingDays)
    } catch (error) {
      log.warn({ err: error }, 'the accounts could not be listed to tell how long messages are kept')
    }
  }

  await look()
  const timer = setInterval(() => void look(), EVERY_MS).unref()
  return { current: () => current, close: () => clearInterval(timer) }
}

/** Days after which messages of an account are removed; `undefined` for never. */
export function retentionDaysOf(account: Account, settingDays: number): number | undefined {
  const days = account.retentionDays ?? settingDays
  return days === 0 ? undefined : days
}

/** Without accounts, as it will be for the first one. */
export function expiryOf(accounts: readonly Account[], settingDays: number): Expiry {
  const kept = new Set(accounts.map((account) => retentionDaysOf(account, settingDays)))
  if (kept.size === 0) kept.add(settingDays === 0 ? undefined : settingDays)
  const numbers = [...kept].filter((days) => days !== undefined)
  return { days: numbers.length === 0 ? undefined : Math.min(...numbers), differs: kept.size > 1 }
}
