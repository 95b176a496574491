/** The existing names that an unknown one was probably meant to be. Pure. */
import { editDistance } from '../base/edit-distance.js'

/** Wrong letters that a name of so many letters may have. */
const MOST_EDITS = 2
const SHORT_NAME = 4
const MOST_NAMES = 3

/**
 * At most three names, the nearest first: two wrong letters at most, one in a name of up to four.
 * @param name lower case
 * @param names lower case
 */
export function nearestNames(name: string, names: readonly string[]): readonly string[] {
  const most = name.length <= SHORT_NAME ? 1 : MOST_EDITS
  return names
    .map((known) => ({ known, edits: editDistance(name, known, most) }))
    .filter((candidate) => candidate.edits <= most)
    .toSorted((one, other) => one.edits - other.edits || (one.known < other.known ? -1 : 1))
    .slice(0, MOST_NAMES)
    .map(({ known }) => known)
}
