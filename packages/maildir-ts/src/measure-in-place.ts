/**
 * Measures many small files without a step through the thread pool for each: with their octets in the page cache such
 * a step costs more than the reading. Refuses to hold others up: it works in slices of some milliseconds, and when it
 * finds that it waits for a disk, it goes the asynchronous way for a stretch, the next time for twice as long.
 */
import { setImmediate } from 'node:timers/promises'
import type { Sizes } from './entry-name.js'
import type { FileLayer, FilePath } from './file-layer.js'
import { LineEndCounter } from './line-ends.js'

const SLICE_MS = 5
/** From the page cache a file takes some 0.01 ms; a slice with a file of several milliseconds holds far fewer. */
const SLOW_MS_A_FILE = 0.1
const FIRST_STRETCH = 1000
const MOST_IN_SLICE = 2000
const LARGEST_OCTETS = 65_536

/** What is done with each item. */
export interface Measuring<T> {
  pathOf(item: T): FilePath
  /** takes the sizes, as sent, of what was measured in place */
  found(item: T, sizes: Sizes): void
  /** measures the others: large files, what is no file, what failed, and stretches after a slow slice */
  slowly(items: readonly T[]): Promise<unknown>
  /** a clock that never goes back; default: `performance.now` */
  nowMs?(): number
}

/** Measures each item in one way or the other; all of them the slow way if the layer knows no other. */
export async function measureInPlace<T>(
  files: FileLayer,
  items: readonly T[],
  measuring: Measuring<T>,
): Promise<void> {
  if (!files.readWhole) return void (await measuring.slowly(items))
  const buffer = Buffer.allocUnsafe(items.length === 0 ? 0 : LARGEST_OCTETS)
  let stretch = FIRST_STRETCH
  for (let from = 0; from < items.length;) {
    const { to, left, slow } = measureSlice(files, items, from, measuring, buffer)
    from = to
    if (slow) {
      left.push(...items.slice(to, to + stretch))
      from += stretch
      stretch *= 2
    }
    if (left.length > 0) await measuring.slowly(left)
    await setImmediate()
  }
}

/** Measures from an item on until the slice is over. */
function measureSlice<T>(
  files: FileLayer,
  items: readonly T[],
  from: number,
  { pathOf, found, nowMs = () => performance.now() }: Measuring<T>,
  buffer: Buffer,
): { to: number; left: T[]; slow: boolean } {
  const left: T[] = []
  const beganMs = nowMs()
  let tookMs = 0
  let to = from
  for (const item of items.slice(from, from + MOST_IN_SLICE)) {
    const sizes = measure(files, pathOf(item), buffer)
    if (sizes) found(item, sizes)
    else left.push(item)
    to += 1
    tookMs = nowMs() - beganMs
    if (tookMs >= SLICE_MS) break
  }
  return { to, left, slow: tookMs >= SLICE_MS && tookMs > SLOW_MS_A_FILE * (to - from) }
}

function measure(files: FileLayer, path: FilePath, buffer: Buffer): Sizes | undefined {
  try {
    const octets = files.readWhole?.(path, buffer)
    if (octets === undefined) return undefined
    const counter = new LineEndCounter()
    counter.add(buffer.subarray(0, octets))
    return counter.sizesAsSent
  } catch {
    // The asynchronous way finds out again what is wrong, and tells it.
    return undefined
  }
}
