/** Much work that leaves room for other work: few files open at a time, few milliseconds in one piece. */
import { setImmediate } from 'node:timers/promises'

const SLICE = 5000

/** Runs `work` on each item, at most `limit` at a time; results in order. After a failure no further work begins. */
export async function inParallel<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = []
  // All lanes take from one iterator.
  const queue = items.entries()
  let stopped = false
  const lane = async (): Promise<void> => {
    for (const [at, item] of queue) {
      if (stopped) return
      try {
        results[at] = await work(item)
      } catch (error) {
        stopped = true
        throw error
      }
    }
  }
  const lanes = await Promise.allSettled(Array.from({ length: Math.min(limit, items.length) }, lane))
  for (const outcome of lanes) if (outcome.status === 'rejected') throw outcome.reason
  return results
}

/** Runs `work` on each item in order, and lets others run in between. */
export async function inSlices<T>(items: readonly T[], work: (item: T) => void): Promise<void> {
  for (let from = 0; from < items.length; from += SLICE) {
    if (from > 0) await setImmediate()
    for (const item of items.slice(from, from + SLICE)) work(item)
  }
}
