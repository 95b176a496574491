/**
 * Counts what comes from each of many, and says when one of them sends more in a minute than it may: a bucket for
 * each that holds a minute's worth and fills up steadily. Memory is bounded: the ones longest unheard of are forgotten.
 */

export interface RateLimiter {
  /** Counts one more; one too many is not counted, and the answer is false. */
  take(key: string): boolean
}

export interface RateLimits {
  /** `Infinity` sets no bound. */
  readonly perMinute: number
  /** How many are remembered at once. */
  readonly keys?: number
  /** A clock that never goes back. */
  readonly nowMs?: () => number
}

const MINUTE_MS = 60_000

export function createRateLimiter(limits: RateLimits): RateLimiter {
  const { perMinute, keys = 100_000, nowMs = () => performance.now() } = limits
  const buckets = new Map<string, { readonly left: number; readonly atMs: number }>()

  return {
    take(key) {
      if (perMinute === Number.POSITIVE_INFINITY) return true
      const atMs = nowMs()
      const bucket = buckets.get(key) ?? { left: perMinute, atMs }
      const filled = bucket.left + ((atMs - bucket.atMs) / MINUTE_MS) * perMinute
      const left = Math.min(perMinute, filled)
      const taken = left >= 1
      // Deleted first, so that the map's order is that of the last call.
      buckets.delete(key)
      buckets.set(key, { left: taken ? left - 1 : left, atMs })
      for (const oldest of buckets.keys()) {
        if (buckets.size <= keys) break
        buckets.delete(oldest)
      }
      return taken
    },
  }
}
