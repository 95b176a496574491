/** The known name that was probably meant by an unknown one. */
import { editDistance } from '../base/edit-distance.js'

/** A name with more wrong letters than this is taken for another word. */
const MAX_EDITS = 2

/**
 * The known name closest to `name`, or `undefined` if none is close: the same name in another table,
 * or at most two letters wrong. Case, hyphens and underscores make no difference.
 */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const sameLast = known.find((k) => last(plain(k)) === last(plain(name)))
  const ranked = known
    .map((k) => ({ name: k, edits: editDistance(plain(name), plain(k), MAX_EDITS) }))
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
