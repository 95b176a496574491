/**
 * Removes messages that are older than the house or their owner wants them kept: some minutes after the start and then
 * every hour, one account after the other. Holds a maildrop while it removes from it, and never for long; one that a
 * session holds is left for the next round. Nothing is removed unless somebody has set an age.
 */
import { setImmediate } from 'node:timers/promises'
import type { Clock } from '../base/clock.js'
import { failureCode } from '../base/errors.js'
import type { Log } from '../base/log.js'
import type { MailTrail } from '../ports/mail-trail.js'
import type { MailboxStore } from '../ports/mailbox-store.js'

export interface RetentionOptions {
  readonly mailboxes: Pick<MailboxStore, 'openMaildrop'>
  readonly trail: Pick<MailTrail, 'record'>
  readonly log: Log
  readonly clock: Clock
  /** The accounts that there are. */
  accounts(): Promise<readonly string[]>
  /** Days after which a message of this account is removed; 0 and `undefined`: never. */
  retentionOf(key: string): Promise<number | undefined>
  readonly firstMs?: number
  readonly everyMs?: number
}

export interface Retention {
  /** Looks through all accounts now; never fails. */
  sweep(): Promise<void>
  /** Resolves once nothing is removed any more. */
  close(): Promise<void>
}

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS
/** So many messages are removed while a maildrop is held; then others get their turn. */
const MOST_AT_ONCE = 500

export function startRetention(options: RetentionOptions): Retention {
  const { mailboxes, trail, log, clock, firstMs = 5 * MINUTE_MS, everyMs = 60 * MINUTE_MS } = options
  let closed = false
  let round = Promise.resolve()
  const sweep = (): Promise<void> => (round = round.then(sweepAll))
  let timer = setTimeout(() => {
    void sweep()
    timer = setInterval(() => void sweep(), everyMs).unref()
  }, firstMs).unref()

  async function sweepAll(): Promise<void> {
    try {
      for (const key of await options.accounts()) if (!closed) await sweepOne(key)
    } catch (err) {
      log.warn({ err }, 'the accounts could not be listed to remove old messages')
    }
  }

  async function sweepOne(key: string): Promise<void> {
    try {
      const days = await options.retentionOf(key)
      if (days === undefined || days === 0) return
      while (await removeSome(key, days)) await setImmediate()
    } catch (err) {
      // A session is reading; there is another round.
      if (failureCode(err) === 'maildrop.in-use') return
      log.warn({ account: key, err }, 'old messages could not be removed')
    }
  }

  /** Whether there may be more to remove, and time for it. */
  async function removeSome(key: string, days: number): Promise<boolean> {
    const maildrop = await mailboxes.openMaildrop(key, { waitMs: 0 })
    try {
      const old = maildrop.arrivedBefore(new Date(clock().getTime() - days * DAY_MS))
      const doomed = old.slice(0, MOST_AT_ONCE)
      if (doomed.length === 0) return false
      const there = new Set(await maildrop.remove(doomed))
      const uids = doomed.filter((entry) => !there.has(entry)).map(({ uid }) => uid)
      if (uids.length > 0)
        trail.record({ event: 'removed', account: key, uids, reason: `older than ${days} days` })
      if (there.size > 0)
        log.warn({ account: key, messages: there.size }, 'old messages could not be removed')
      return !closed && uids.length > 0 && old.length > doomed.length
    } finally {
      await maildrop.close()
    }
  }

  return {
    sweep,
    async close() {
      closed = true
      clearTimeout(timer)
      await round
    },
  }
}
