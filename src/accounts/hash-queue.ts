/**
 * Whose password is looked at next. Hashing one takes a core for a quarter of a second; unbounded, guessing would
 * starve mail, and in the order of arrival one guesser would starve everybody else.
 *
 * Addresses take turns, whatever the number of attempts each has waiting; those that have signed in before come
 * before those that never have, but for every fourth turn, so that they cannot keep newcomers out for ever. When too
 * many wait, the place of a newcomer is given to them. One attempt at a time for each address and each account.
 */
import { GatewayError } from '../base/errors.js'

export interface HashQueue {
  /**
   * Runs `work` when its turn comes.
   * @throws GatewayError `sign-in.busy` when it does not come in time, or too many wait already
   */
  run<Result>(who: Asking, work: () => Promise<Result>): Promise<Result>
  /** This address has signed in: its attempts come first from now on. */
  prefer(address: string): void
}

export interface Asking {
  /** What is counted as one client. */
  readonly address: string
  readonly account: string
}

export interface HashQueueOptions {
  /** Pieces of work at once. */
  readonly atOnce: number
  /** How long an attempt waits for its turn. */
  readonly patienceMs: number
  /** Attempts waiting, in all and of one address, past which newcomers are turned away. */
  readonly mostWaiting: number
  readonly mostWaitingOfAddress: number
  /** Addresses that are remembered as having signed in. */
  readonly mostPreferred: number
}

export const DEFAULT_HASH_QUEUE: Omit<HashQueueOptions, 'atOnce'> = {
  patienceMs: 20_000,
  mostWaiting: 1000,
  mostWaitingOfAddress: 100,
  mostPreferred: 10_000,
}

interface Waiter {
  readonly who: Asking
  start(): void
  /** Ends the waiting with `sign-in.busy`. */
  turnAway(): void
}

/** Turns of preferred addresses after which a newcomer has one. */
const PREFERRED_IN_A_ROW = 3

export function createHashQueue(options: HashQueueOptions): HashQueue {
  const { atOnce, patienceMs, mostWaiting, mostWaitingOfAddress, mostPreferred } = options
  /** By address, in the order in which they come next; an address goes to the end when it has had a turn. */
  const waiting = new Map<string, Waiter[]>()
  const preferred = new Set<string>()
  const busyAddresses = new Set<string>()
  const busyAccounts = new Set<string>()
  let underWay = 0
  let preferredInARow = 0
  let inAll = 0

  function nextOf(isWanted: (address: string) => boolean): Waiter | undefined {
    for (const [address, waiters] of waiting) {
      if (busyAddresses.has(address) || !isWanted(address)) continue
      const next = waiters.find(({ who }) => !busyAccounts.has(who.account))
      if (next !== undefined) return next
    }
    return undefined
  }

  function leave(waiter: Waiter): void {
    const { address } = waiter.who
    const waiters = (waiting.get(address) ?? []).filter((other) => other !== waiter)
    inAll -= 1
    waiting.delete(address)
    if (waiters.length > 0) waiting.set(address, waiters)
  }

  function dispatch(): void {
    while (underWay < atOnce) {
      const next = nextTurn()
      if (next === undefined) return
      leave(next)
      enter(next.who)
      next.start()
    }
  }

  function nextTurn(): Waiter | undefined {
    const newcomer = (): Waiter | undefined => nextOf((address) => !preferred.has(address))
    const known = nextOf((address) => preferred.has(address))
    const next = preferredInARow < PREFERRED_IN_A_ROW ? (known ?? newcomer()) : (newcomer() ?? known)
    preferredInARow = next !== undefined && next === known ? preferredInARow + 1 : 0
    return next
  }

  /** Makes room for an address that has signed in before: the newcomer who came last gives up his place. */
  function turnNewcomerAway(): boolean {
    const newcomers = [...waiting].filter(([address]) => !preferred.has(address))
    const last = newcomers.at(-1)?.[1].at(-1)
    last?.turnAway()
    return last !== undefined
  }

  function enter({ address, account }: Asking): void {
    underWay += 1
    busyAddresses.add(address)
    busyAccounts.add(account)
  }

  function done({ address, account }: Asking): void {
    underWay -= 1
    busyAddresses.delete(address)
    busyAccounts.delete(account)
    dispatch()
  }

  function wait(who: Asking): Promise<void> {
    const ofAddress = waiting.get(who.address) ?? []
    if (ofAddress.length >= mostWaitingOfAddress) throw busy()
    if (inAll >= mostWaiting && !(preferred.has(who.address) && turnNewcomerAway())) throw busy()
    return new Promise((resolve, reject) => {
      const turnAway = (): void => {
        clearTimeout(timer)
        leave(waiter)
        reject(busy())
      }
      const timer = setTimeout(turnAway, patienceMs)
      const waiter: Waiter = {
        who,
        turnAway,
        start() {
          clearTimeout(timer)
          resolve()
        },
      }
      waiting.set(who.address, [...(waiting.get(who.address) ?? []), waiter])
      inAll += 1
      dispatch()
    })
  }

  return {
    async run(who, work) {
      await wait(who)
      try {
        return await work()
      } finally {
        done(who)
      }
    },

    prefer(address) {
      preferred.delete(address)
      preferred.add(address)
      for (const oldest of preferred) {
        if (preferred.size <= mostPreferred) return
        preferred.delete(oldest)
      }
    },
  }
}

function busy(): GatewayError {
  return new GatewayError('sign-in.busy', 'too many sign-ins are waiting; try again in a moment')
}
