/**
 * Keeps `lost/` within its bounds. What was answered with 5xx was promised to nobody: it goes when it is old, or the
 * oldest first when there is too much of it, and one client cannot fill the place in a day. What was answered with 250
 * never goes to make room.
 *
 * Everything it counts is derived from the entries themselves, at the start and once a day; other processes may take
 * entries out at any time.
 */
import { systemClock, type Clock } from '../base/clock.js'
import { silentLog, type Log } from '../base/log.js'
import type { MailTrail } from '../ports/mail-trail.js'
import type { IncomingMessage } from '../ports/mailbox-store.js'
import { lostBlock, type LostCircumstances } from './block.js'
import { createDayBudget } from './day-budget.js'
import type { LostEntry, LostFolder, LostView } from './lost-folder.js'

/** 0 is no bound, everywhere. */
export interface LostLimits {
  /** All entries answered with 5xx together. */
  readonly octets: number
  /** Age of an entry answered with 5xx. */
  readonly days: number
  /** Age of an entry answered with 250; it is removed a week after a warning in the log. */
  readonly promisedDays: number
  /** Entries answered with 5xx that one client's mail may make in 24 hours, and their octets. */
  readonly addressMessagesPerDay: number
  readonly addressOctetsPerDay: number
}

export interface LostKeeper extends LostFolder {
  /** Looks at all entries and removes what has to go, as it does once a day; never rejects. One look at a time. */
  look(): Promise<void>
  /** Ends what is under way and looks no more. */
  close(): Promise<void>
}

export interface LostKeeperOptions {
  readonly folder: LostFolder
  readonly limits: LostLimits
  readonly trail: MailTrail
  readonly log?: Log
  readonly clock?: Clock
  /** Time from one look to the next; default a day. */
  readonly everyMs?: number
}

const DAY_MS = 24 * 60 * 60 * 1000
const WARNING_MS = 7 * DAY_MS
/** Room is made for some time to come, so that a full folder is not read for every message. */
const AFTER_MAKING_ROOM = 0.9
/** Entries that are removed with one sync. */
const AT_ONCE = 100

export function openLostKeeper(options: LostKeeperOptions): LostKeeper {
  const { folder, limits, trail, log = silentLog, clock = systemClock, everyMs = DAY_MS } = options
  const budget = createDayBudget(
    { messages: limits.addressMessagesPerDay, octets: limits.addressOctetsPerDay },
    clock,
  )
  /** When we warned of a promised entry that is old; forgotten at the end, so that it is warned of again. */
  const warnedAtMs = new Map<string, number>()
  /** Of entries answered with 5xx. */
  let octets = 0
  /** Of those that came since the look under way began. */
  let newOctets = 0
  let closed = false
  let underWay: Promise<void> | undefined

  const first = lookFor((entry) => {
    const { clientAddress, receivedAt } = entry.circumstances
    budget.spend(clientAddress, entry.octets, receivedAt)
  })
  const timer = setInterval(() => void look(), everyMs).unref()

  const look = (): Promise<void> => lookFor(() => {})

  function lookFor(meet: (entry: RefusedEntry) => void): Promise<void> {
    underWay ??= lookOnce(meet)
      .catch((error: unknown) => log.error({ err: error }, 'the lost folder cannot be looked through'))
      .finally(() => (underWay = undefined))
    return underWay
  }

  async function lookOnce(meet: (entry: RefusedEntry) => void): Promise<void> {
    budget.forget()
    newOctets = 0
    const view = await folder.view()
    const nowMs = clock().getTime()
    const doomed: LostEntry[] = []
    const warned = new Set<string>()
    let found = 0
    for await (const entry of view.entries()) {
      if (closed) return
      const { circumstances } = entry
      if (circumstances === undefined) continue
      const old = isOld(entry.id, circumstances, nowMs)
      if (warnedAtMs.has(entry.id)) warned.add(entry.id)
      if (old) doomed.push(entry)
      else if (circumstances.answered === 550) {
        found += entry.octets
        meet({ ...entry, circumstances })
      }
    }
    for (const id of warnedAtMs.keys()) if (!warned.has(id)) warnedAtMs.delete(id)
    await removeAll(view, doomed, 'age')
    octets = found + newOctets
    if (isTooMuch()) await makeRoom(view)
  }

  function isOld(id: string, { answered, receivedAt }: LostCircumstances, nowMs: number): boolean {
    const days = answered === 550 ? limits.days : limits.promisedDays
    if (days === 0 || nowMs - receivedAt.getTime() <= days * DAY_MS) return false
    if (answered === 550) return true
    const warned = warnedAtMs.get(id)
    if (warned !== undefined) return nowMs - warned >= WARNING_MS
    warnedAtMs.set(id, nowMs)
    log.warn({ id, days }, 'a message in lost/ that was promised is old; it is removed in a week')
    return false
  }

  const isTooMuch = (): boolean => limits.octets > 0 && octets > limits.octets

  /** Removes the oldest that were promised to nobody. */
  async function makeRoom(view: LostView): Promise<void> {
    let excess = octets - limits.octets * AFTER_MAKING_ROOM
    const doomed: LostEntry[] = []
    for await (const entry of view.entries()) {
      if (closed || excess <= 0) break
      if (entry.circumstances?.answered !== 550) continue
      doomed.push(entry)
      excess -= entry.octets
    }
    const left = new Set(await removeAll(view, doomed, 'room'))
    for (const entry of doomed) if (!left.has(entry)) octets -= entry.octets
  }

  /** Answers those that are still there. */
  async function removeAll(
    view: LostView,
    doomed: readonly LostEntry[],
    why: 'age' | 'room',
  ): Promise<readonly LostEntry[]> {
    const left: LostEntry[] = []
    for (let at = 0; at < doomed.length; at += AT_ONCE) {
      const some = doomed.slice(at, at + AT_ONCE)
      const still = new Set(await view.remove(some))
      left.push(...still)
      for (const entry of some) {
        if (still.has(entry)) continue
        const { reason, recipients, answered } = entry.circumstances ?? {}
        trail.record({
          event: 'discarded',
          id: entry.id,
          why,
          reason,
          recipients,
          answered,
          octets: entry.octets,
        })
      }
    }
    if (left.length > 0) log.error({ messages: left.length }, 'messages in lost/ could not be removed')
    return left
  }

  /** A message answered with 5xx, counted once it is kept. */
  function counted(message: IncomingMessage, circumstances: LostCircumstances): IncomingMessage {
    const spending = budget.begin(circumstances.clientAddress)
    let written = Buffer.byteLength(lostBlock(circumstances))
    return {
      ...message,
      async write(chunk) {
        await message.write(chunk)
        written += chunk.length
      },
      async commit() {
        const outcomes = await message.commit()
        if (!outcomes.every(({ stored }) => stored)) return outcomes
        spending.settle(written)
        octets += written
        newOctets += written
        if (isTooMuch()) void look()
        return outcomes
      },
      async abort() {
        spending.giveBack()
        await message.abort()
      },
    }
  }

  return {
    view: () => folder.view(),
    look,
    async begin(circumstances) {
      const message = await folder.begin(circumstances)
      return circumstances.answered === 550 ? counted(message, circumstances) : message
    },
    async admits(clientAddress) {
      await first
      return budget.allows(clientAddress)
    },
    async close() {
      closed = true
      clearInterval(timer)
      await underWay
    },
  }
}

/** An entry with a block, whose sender was answered with 5xx. */
type RefusedEntry = LostEntry & { readonly circumstances: LostCircumstances }
