/** Bounded parallel work, so that 100,000 files do not become 100,000 open ones. */

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
