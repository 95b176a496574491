/** Counts connections, in all and for each client address, and says when there are too many. */

export interface ConnectionCounter {
  /** Counts a new connection, unless it is one too many: then it is not counted and the answer is false. */
  enter(address: string): boolean
  /** A counted connection ended. */
  leave(address: string): void
}

/** @param limits `perAddress` may be `Infinity` */
export function createConnectionCounter(limits: {
  readonly inAll: number
  readonly perAddress: number
}): ConnectionCounter {
  const counts = new Map<string, number>()
  let all = 0

  return {
    enter(address) {
      const count = counts.get(address) ?? 0
      if (all >= limits.inAll || count >= limits.perAddress) return false
      all += 1
      counts.set(address, count + 1)
      return true
    },
    leave(address) {
      const count = (counts.get(address) ?? 1) - 1
      all -= 1
      if (count > 0) counts.set(address, count)
      else counts.delete(address)
    },
  }
}
