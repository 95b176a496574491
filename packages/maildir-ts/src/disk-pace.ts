/**
 * Decides whether a short file operation is done in place or through the thread pool. In place it takes some
 * microseconds as long as the system has what is asked for in memory, a tenth of what a step through the pool costs;
 * but where it has to wait for a disk, everybody waits.
 *
 * Refuses to hold others up: nothing is done in place before the pool was seen to answer quickly, two slow operations
 * close to each other send all that follow to the pool for a stretch, each time for twice as long, and after some
 * milliseconds in place others get their turn. One slow operation alone is the system's scheduler, most likely.
 */
import { setImmediate } from 'node:timers/promises'

/** One for all that lies on one disk. */
export interface DiskPace {
  /**
   * Does `inPlace` and answers at once, or promises the answer of `aside`, which does the same through the pool. Fails
   * as the one that was done.
   */
  run<T>(inPlace: () => T, aside: () => Promise<T>): T | Promise<T>
}

/** How a pace is made; each option has a default, they exist for tests. */
export interface DiskPaceOptions {
  /** a clock that never goes back; default: `performance.now` */
  readonly nowMs?: () => number
}

/** So many operations in the pool must have been quick before the first in place. */
const PROOFS = 3
/** The pool's answer may have waited for other work as well. */
const QUICK_ASIDE_MS = 20
/** What is in memory takes 0.1 ms; a disk with a moving arm 10, and the system's scheduler may take as much. */
const SLOW_MS = 10
/** Two slow operations among so many are no chance. */
const CLOSE = 20
const SHORTEST_STRETCH_MS = 250
const LONGEST_STRETCH_MS = 60_000
/** So many quick operations in place make up for a slow one. */
const AMENDS = 1000
/** Time in place after which others get their turn. */
const TURN_MS = 2

/** A pace that has seen nothing yet. */
export function createDiskPace({ nowMs = () => performance.now() }: DiskPaceOptions = {}): DiskPace {
  let proofs = 0
  let stretchMs = SHORTEST_STRETCH_MS
  let asideUntilMs = -Infinity
  let sinceSlow = Infinity
  let inTurnMs = 0
  let turn: Promise<void> | undefined

  async function runAside<T>(work: () => Promise<T>): Promise<T> {
    const beganMs = nowMs()
    try {
      return await work()
    } finally {
      const endedMs = nowMs()
      if (endedMs - beganMs >= QUICK_ASIDE_MS) proofs = 0
      else if (endedMs >= asideUntilMs) proofs += 1
    }
  }

  function runInPlace<T>(work: () => T): T {
    const beganMs = nowMs()
    try {
      return work()
    } finally {
      const endedMs = nowMs()
      inTurnMs += endedMs - beganMs
      sinceSlow += 1
      if (endedMs - beganMs >= SLOW_MS) wasSlow(endedMs)
      else if (sinceSlow >= AMENDS) stretchMs = SHORTEST_STRETCH_MS
    }
  }

  function wasSlow(endedMs: number): void {
    const byChance = sinceSlow > CLOSE
    sinceSlow = 0
    if (byChance) return
    proofs = 0
    asideUntilMs = endedMs + stretchMs
    stretchMs = Math.min(LONGEST_STRETCH_MS, stretchMs * 2)
  }

  async function giveTurn(): Promise<void> {
    // The first may come before timers and sockets have had theirs.
    await setImmediate()
    await setImmediate()
    inTurnMs = 0
    turn = undefined
  }

  function runNow<T>(inPlace: () => T, aside: () => Promise<T>): T | Promise<T> {
    return proofs >= PROOFS ? runInPlace(inPlace) : runAside(aside)
  }

  return {
    run(inPlace, aside) {
      if (inTurnMs < TURN_MS) return runNow(inPlace, aside)
      turn ??= giveTurn()
      return turn.then(() => runNow(inPlace, aside))
    },
  }
}

/** The pace of this process's disk, unless a Maildir is opened with another. */
export const processPace: DiskPace = createDiskPace()
