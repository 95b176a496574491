/** Holds what a key names for one holder at a time, within this process; those who wait come in the order of asking. */

export interface KeyedLock {
  /**
   * Takes a key; the answer gives it back, once, and does nothing when called again.
   * Answers `undefined` when the key was still held after the wait.
   * @param waitMs how long to wait for the present holder; 0 answers at once
   */
  acquire(key: string, waitMs: number): Promise<(() => void) | undefined>
}

export function createKeyedLock(): KeyedLock {
  const queues = new Map<string, (() => void)[]>()

  function release(key: string): void {
    const next = queues.get(key)?.shift()
    if (next === undefined) queues.delete(key)
    else next()
  }

  /** Answers whether the turn came in time. */
  function wait(queue: (() => void)[], waitMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        queue.splice(queue.indexOf(turn), 1)
        resolve(false)
      }, waitMs)
      const turn = (): void => {
        clearTimeout(timer)
        resolve(true)
      }
      queue.push(turn)
    })
  }

  return {
    async acquire(key, waitMs) {
      const queue = queues.get(key)
      if (queue === undefined) queues.set(key, [])
      else if (!(await wait(queue, waitMs))) return undefined
      let held = true
      return () => {
        if (held) release(key)
        held = false
      }
    },
  }
}
