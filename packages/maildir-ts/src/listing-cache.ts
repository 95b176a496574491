/** Keeps the listings of many Maildirs in memory, as many entries in total as are allowed; who was not asked longest goes first. */
import type { Listing } from './listing.js'

/** Keeps listings by the path of their Maildir. It may forget anything at any time. */
export interface ListingCache {
  get(path: string): Listing | undefined
  /** @param letGo called once when the listing is let go to make room, perhaps at once */
  set(path: string, listing: Listing, letGo: () => void): void
  delete(path: string): void
}

interface Kept {
  readonly listing: Listing
  readonly letGo: () => void
}

/** A cache for any number of Maildirs. @param mostEntries of all listings together; an entry takes some 220 octets */
export function createListingCache(mostEntries: number): ListingCache {
  // In the order in which they were last asked for.
  const kept = new Map<string, Kept>()
  let total = 0

  function drop(path: string): Kept | undefined {
    const dropped = kept.get(path)
    if (dropped && kept.delete(path)) total -= dropped.listing.entries.length
    return dropped
  }

  return {
    get(path) {
      const found = kept.get(path)
      if (found && kept.delete(path)) kept.set(path, found)
      return found?.listing
    },
    set(path, listing, letGo) {
      drop(path)
      kept.set(path, { listing, letGo })
      total += listing.entries.length
      for (const oldest of kept.keys()) {
        if (total <= mostEntries) break
        drop(oldest)?.letGo()
      }
    },
    delete: (path) => void drop(path),
  }
}
