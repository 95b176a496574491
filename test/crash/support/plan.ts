/** How much a test does and from which seed. Both are printed: the same seed draws the same run again. */

/** `npm run test:crash`; `npm test` runs the short form. */
const LONG = process.env['CRASH_FORM'] === 'long'

/** What a test draws from. */
export interface Draw {
  /** 0 up to, and never, 1. */
  next(): number
  /** A whole number of a range, both ends included. */
  within(low: number, high: number): number
  /** One of these. */
  of<Item>(items: readonly [Item, ...Item[]]): Item
  /** Another one, so that what runs at the same time does not draw from the same hat. */
  fork(): Draw
}

export interface Plan {
  readonly rounds: number
  readonly seed: number
  readonly draw: Draw
}

/** `CRASH_ROUNDS` and `CRASH_SEED` take the place of what is chosen here. */
export function planOf(what: string, rounds: { readonly short: number; readonly long: number }): Plan {
  const count = Number(process.env['CRASH_ROUNDS'] ?? (LONG ? rounds.long : rounds.short))
  const seed = Number(process.env['CRASH_SEED'] ?? Date.now() % 1_000_000)
  console.log(`      ${what}: ${count} rounds, CRASH_SEED=${seed}`)
  return { rounds: count, seed, draw: drawFrom(seed) }
}

/** mulberry32. */
function drawFrom(seed: number): Draw {
  let state = seed
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const within: Draw['within'] = (low, high) => low + Math.floor(next() * (high - low + 1))
  return {
    next,
    within,
    of: (items) => items[within(0, items.length - 1)] ?? items[0],
    fork: () => drawFrom(within(0, 2 ** 31)),
  }
}
