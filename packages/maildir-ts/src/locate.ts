/**
 * Finds files by their unique part after other programs renamed them. Where one was renamed many were, most likely: what
 * one reading of the folders found is kept for those that are asked for next, and tried before they are read again.
 */
import { parseEntryName } from './entry-name.js'
import type { FilePath } from './file-layer.js'
import { filePath } from './file-path.js'
import { inSlices } from './in-parallel.js'
import type { EntryFolder, MaildirEntry } from './maildir-entry.js'
import { codeOf, guard } from './maildir-error.js'
import type { MaildirGround } from './maildir.js'

/** Where a message lies. */
export interface Place {
  readonly folder: EntryFolder
  readonly name: string
}

/** Where all messages lay when the folders were last read here. */
const seen = new WeakMap<MaildirGround, ReadonlyMap<string, Place>>()

/** Another place than its entry says, where a message was seen last. */
export function lastSeen(
  ground: MaildirGround,
  entry: Pick<MaildirEntry, 'unique' | 'folder' | 'name'>,
): Place | undefined {
  const place = seen.get(ground)?.get(entry.unique)
  return place?.name === entry.name && place.folder === entry.folder ? undefined : place
}

/** Lets what was seen go: a new listing knows better. */
export function forgetPlaces(ground: MaildirGround): void {
  seen.delete(ground)
}

// A reader that changes flags at every moment could hide a file from more readings than one.
const MOST_READINGS = 4

/** The places of those of these messages that are there, by unique part. @throws MaildirError */
export async function locate(
  ground: MaildirGround,
  uniques: ReadonlySet<string>,
): Promise<Map<string, Place>> {
  const all = new Map<string, Place>()
  let before = await changeTimes(ground)
  for (let reading = 1; reading <= MOST_READINGS; reading += 1) {
    await readPlaces(ground, all)
    const after = await changeTimes(ground)
    if (after === before || [...uniques].every((unique) => all.has(unique))) break
    before = after
  }
  seen.set(ground, all)
  const asked = new Map<string, Place>()
  for (const unique of uniques) {
    const place = all.get(unique)
    if (place) asked.set(unique, place)
  }
  return asked
}

async function readPlaces({ files, path }: MaildirGround, places: Map<string, Place>): Promise<void> {
  for (const folder of ['new', 'cur'] as const) {
    const names = await guard('names', `${path}/${folder}`, files.names(`${path}/${folder}`))
    await inSlices(names, (name) => {
      if (!name.startsWith('.')) places.set(parseEntryName(name).unique, { folder, name })
    })
  }
}

/** The path of a message where its entry says it lies. */
export function placePath({ path }: Pick<MaildirGround, 'path'>, { folder, name }: Place): FilePath {
  return filePath(`${path}/${folder}`, name)
}

/**
 * Does something to a message's file where its entry says it lies, or else where it lies now.
 * Undefined: it is gone. `work` fails with `ENOENT` if the file is not there.
 * @throws MaildirError
 */
export async function atPlace<T>(
  ground: MaildirGround,
  entry: Pick<MaildirEntry, 'unique' | 'folder' | 'name'>,
  work: (place: Place) => Promise<T>,
): Promise<T | undefined> {
  let place: Place | undefined = entry
  const moved = lastSeen(ground, entry)
  for (let attempt = 1; place && attempt <= MOST_READINGS; attempt += 1) {
    try {
      return await work(place)
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error
    }
    place = attempt === 1 && moved ? moved : (await locate(ground, new Set([entry.unique]))).get(entry.unique)
  }
  return undefined
}

async function changeTimes({ files, path }: MaildirGround): Promise<string> {
  const folders = [`${path}/new`, `${path}/cur`]
  const facts = await Promise.all(folders.map((folder) => guard('stat', folder, files.stat(folder))))
  return facts.map(({ modifiedNs }) => String(modifiedNs)).join(' ')
}
