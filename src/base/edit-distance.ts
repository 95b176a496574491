/** How many letters one word is from another. */

/**
 * Damerau-Levenshtein distance in its restricted form: letters that are missing, added, replaced, or swapped with
 * their neighbour, no letter touched twice. Lengths that differ by more than `most` are far without counting.
 */
export function editDistance(one: string, other: string, most: number): number {
  if (Math.abs(one.length - other.length) > most) return Number.POSITIVE_INFINITY
  let beforeLast: readonly number[] = []
  let last: readonly number[] = Array.from({ length: other.length + 1 }, (_, at) => at)
  for (let i = 1; i <= one.length; i += 1) {
    const row = [i]
    for (let j = 1; j <= other.length; j += 1) {
      const same = one[i - 1] === other[j - 1]
      const swapped = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]
      row.push(
        Math.min(
          (last[j] ?? 0) + 1,
          (row[j - 1] ?? 0) + 1,
          (last[j - 1] ?? 0) + (same ? 0 : 1),
          swapped ? (beforeLast[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
        ),
      )
    }
    // A swap reaches back two rows; once both are too far, everything that follows is.
    if (Math.min(...row) > most && Math.min(...last) >= most) return Number.POSITIVE_INFINITY
    beforeLast = last
    last = row
  }
  return last[other.length] ?? 0
}
