/**
 * What each client network has used up of something in the last 24 hours: messages, and their octets. In memory; what
 * was spent before a start is spent again from what lies on the disk.
 */
import type { Clock } from '../base/clock.js'
import { clientNetwork } from '../base/client-network.js'

export interface DayLimits {
  /** 0: no bound. */
  readonly messages: number
  /** 0: no bound. */
  readonly octets: number
}

/** One message on its way; it counts from the beginning, so that many at once are no way round the limit. */
export interface Spending {
  /** It is over: its octets count from now on. */
  settle(octets: number): void
  /** It came to nothing. After `settle` nothing changes. */
  giveBack(): void
}

export interface DayBudget {
  /** Whether the client may still begin a message. */
  allows(clientAddress: string): boolean
  begin(clientAddress: string): Spending
  /** Counts a message of some time ago. */
  spend(clientAddress: string, octets: number, at: Date): void
  /** Forgets what is a day old. */
  forget(): void
}

interface Spent {
  readonly atMs: number
  octets: number
}

const DAY_MS = 24 * 60 * 60 * 1000

export function createDayBudget(limits: DayLimits, clock: Clock): DayBudget {
  const spentBy = new Map<string, Set<Spent>>()

  function add(clientAddress: string, spent: Spent): Set<Spent> {
    const network = clientNetwork(clientAddress)
    const all = spentBy.get(network) ?? new Set()
    all.add(spent)
    spentBy.set(network, all)
    return all
  }

  /** Also forgets what does not count any more. */
  function counted(network: string): ReadonlySet<Spent> {
    const all = spentBy.get(network) ?? new Set()
    const sinceMs = clock().getTime() - DAY_MS
    for (const spent of all) if (spent.atMs <= sinceMs) all.delete(spent)
    if (all.size === 0) spentBy.delete(network)
    return all
  }

  return {
    allows(clientAddress) {
      const all = counted(clientNetwork(clientAddress))
      const octets = [...all].reduce((sum, spent) => sum + spent.octets, 0)
      return (
        (limits.messages === 0 || all.size < limits.messages) &&
        (limits.octets === 0 || octets < limits.octets)
      )
    },
    begin(clientAddress) {
      const spent: Spent = { atMs: clock().getTime(), octets: 0 }
      const all = add(clientAddress, spent)
      let settled = false
      return {
        settle(octets) {
          settled = true
          spent.octets = octets
        },
        giveBack() {
          if (!settled) all.delete(spent)
        },
      }
    },
    spend(clientAddress, octets, at) {
      if (at.getTime() > clock().getTime() - DAY_MS) add(clientAddress, { atMs: at.getTime(), octets })
    },
    forget() {
      for (const network of spentBy.keys()) counted(network)
    },
  }
}
