/**
 * How long and from which seed the fuzz tests run: `FUZZ_RUNS` (a multiple of the usual, 1) and `FUZZ_SEED`. Without
 * a seed each run has its own; a failure prints it, and what failed goes into the corpus of its protocol.
 */
import type { Parameters } from 'fast-check'

const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31)

/** Options of fast-check's `assert`. @param usualRuns how many inputs are tried by default */
export function fuzz<Input>(usualRuns: number): Parameters<Input> {
  return { seed, numRuns: Math.ceil(usualRuns * Number(process.env['FUZZ_RUNS'] ?? 1)) }
}
