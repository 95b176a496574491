/** The known name that was probably meant by an unknown one. */

/** A name with more wrong letters than this is taken for another word. */
const MAX_EDITS = 2

/**
 * The known name closest to `name`, or `undefined` if none is close: the same name in another table,
 * or at most two letters wrong. Case, hyphens and underscores make no difference.
 */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const sameLast = known.find((k) => last(plain(k)) === last(plain(name)))
  const ranked = known
    .map((k) => ({ name: k, edits: edits(plain(name), plain(k)) }))
    .filter((candidate) => candidate.edits <= MAX_EDITS)
    .toSorted((a, b) => a.edits - b.edits)
  return ranked[0]?.name ?? sameLast
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[_-]/g, '')
}

function last(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1)
}

/** Levenshtein distance; anything much longer than a known name is far without counting. */
function edits(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > MAX_EDITS) return Number.POSITIVE_INFINITY
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1]
    for (let j = 0; j < b.length; j++) {
      const substituted = (row[j] ?? 0) + (a[i] === b[j] ? 0 : 1)
      next.push(Math.min(substituted, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
