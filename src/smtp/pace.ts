/** How slowly a message may come before we stop waiting for the rest of it. Pure. */

export interface Pace {
  /** The whole message must be here within this. */
  readonly totalMs: number
  /** On the average, once `graceMs` have passed; 0 for no bound. */
  readonly octetsPerSecond: number
  readonly graceMs: number
}

export function tooSlow(
  { totalMs, octetsPerSecond, graceMs }: Pace,
  sinceMs: number,
  octets: number,
): boolean {
  if (sinceMs > totalMs) return true
  return sinceMs > graceMs && octets < (octetsPerSecond * sinceMs) / 1000
}
