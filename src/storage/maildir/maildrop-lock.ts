/** Holds a maildrop for one session at a time (RFC 1939 §4). */
import { GatewayError } from '../../base/errors.js'

export interface MaildropLock {
  /**
   * Takes a maildrop; the answer gives it back, once, and does nothing when called again.
   * @param waitMs how long to wait for its present holder
   * @throws GatewayError `maildrop.in-use`
   */
  acquire(key: string, waitMs: number): Promise<() => void>
}

/** Locks within this process. */
export function createMaildropLock(): MaildropLock {
  const queues = new Map<string, (() => void)[]>()

  function release(key: string): void {
    const next = queues.get(key)?.shift()
    if (next === undefined) queues.delete(key)
    else next()
  }

  async function wait(key: string, queue: (() => void)[], waitMs: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        queue.splice(queue.indexOf(turn), 1)
        reject(new GatewayError('maildrop.in-use', `another session holds the maildrop of ${key}`))
      }, waitMs)
      const turn = (): void => {
        clearTimeout(timer)
        resolve()
      }
      queue.push(turn)
    })
  }

  return {
    async acquire(key, waitMs) {
      const queue = queues.get(key)
      if (queue === undefined) queues.set(key, [])
      else await wait(key, queue, waitMs)
      let held = true
      return () => {
        if (held) release(key)
        held = false
      }
    },
  }
}
