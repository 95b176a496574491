/** Finds one message by its unique part. */
import { parseEntryName } from './entry-name.js'
import { atPlace, locate, placePath, type Place } from './locate.js'
import { entryOf, type MaildirEntry } from './maildir-entry.js'
import type { MaildirGround } from './maildir.js'
import { measurePath } from './measure.js'

/** The message with this unique part, wherever it lies now; undefined if it is gone. @throws MaildirError */
export async function findEntry(ground: MaildirGround, unique: string): Promise<MaildirEntry | undefined> {
  const place = (await locate(ground, new Set([unique]))).get(unique)
  return place && (await atPlace(ground, { unique, ...place }, (place) => entryAt(ground, place)))
}

/** The entry of a file; undefined if it is no file but a folder or the like. @throws MaildirError */
async function entryAt(ground: MaildirGround, place: Place): Promise<MaildirEntry | undefined> {
  const parts = parseEntryName(place.name)
  const known = ground.sizes.get(parts.unique) ?? (ground.doubted.has(parts.unique) ? undefined : parts.sizes)
  const sizes = known ?? (await measurePath(ground.files, placePath(ground, place)))
  if (!sizes) return undefined
  if (!known) ground.sizes.set(parts.unique, sizes)
  return entryOf(parts, place.folder, place.name, sizes)
}
