/**
 * Lets a few costly pieces of work through at a time and keeps the rest in order.
 * Hashing a password occupies a core for a quarter of a second; unbounded, guessing would starve mail.
 */
import { GatewayError } from '../base/errors.js'

export interface Turnstile {
  /** Runs `work` when its turn comes. @throws GatewayError `sign-in.busy` when too many wait already */
  pass<Result>(work: () => Promise<Result>): Promise<Result>
}

/**
 * @param atOnce pieces of work under way together
 * @param mostWaiting past this many waiting, newcomers are turned away at once
 */
export function createTurnstile(atOnce: number, mostWaiting: number): Turnstile {
  const waiting: (() => void)[] = []
  let busy = 0

  async function enter(): Promise<void> {
    if (busy < atOnce) {
      busy += 1
      return
    }
    if (waiting.length >= mostWaiting) {
      throw new GatewayError('sign-in.busy', 'too many sign-ins are waiting; try again in a moment')
    }
    await new Promise<void>((resolve) => waiting.push(resolve))
  }

  function leave(): void {
    const next = waiting.shift()
    if (next === undefined) busy -= 1
    else next()
  }

  return {
    async pass(work) {
      await enter()
      try {
        return await work()
      } finally {
        leave()
      }
    },
  }
}
