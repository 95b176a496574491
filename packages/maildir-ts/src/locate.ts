/** Finds files by their unique part after other programs renamed them. */
import { parseEntryName } from './entry-name.js'
import type { FilePath } from './file-layer.js'
import { filePath } from './file-path.js'
import type { EntryFolder, MaildirEntry } from './maildir-entry.js'
import { codeOf, guard } from './maildir-error.js'
import type { MaildirGround } from './maildir.js'

/** Where a message lies. */
export interface Place {
  readonly folder: EntryFolder
  readonly name: string
}

// A reader that changes flags at every moment could hide a file from more readings than one.
const MOST_READINGS = 4

/** The places of those of these messages that are there, by unique part. @throws MaildirError */
export async function locate(
  ground: MaildirGround,
  uniques: ReadonlySet<string>,
): Promise<Map<string, Place>> {
  const places = new Map<string, Place>()
  let before = await changeTimes(ground)
  for (let reading = 1; reading <= MOST_READINGS; reading += 1) {
    for (const folder of ['new', 'cur'] as const) {
      const path = `${ground.path}/${folder}`
      for (const name of await guard('names', path, ground.files.names(path))) {
        const { unique } = parseEntryName(name)
        if (uniques.has(unique) && !name.startsWith('.')) places.set(unique, { folder, name })
      }
    }
    const after = await changeTimes(ground)
    if (places.size === uniques.size || after === before) break
    before = after
  }
  return places
}

/** The path of a message where its entry says it lies. */
export function placePath(ground: MaildirGround, { folder, name }: Place): FilePath {
  return filePath(`${ground.path}/${folder}`, name)
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
  for (let attempt = 1; place && attempt <= MOST_READINGS; attempt += 1) {
    try {
      return await work(place)
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error
    }
    place = (await locate(ground, new Set([entry.unique]))).get(entry.unique)
  }
  return undefined
}

async function changeTimes({ files, path }: MaildirGround): Promise<string> {
  const folders = [`${path}/new`, `${path}/cur`]
  const facts = await Promise.all(folders.map((folder) => guard('stat', folder, files.stat(folder))))
  return facts.map(({ modifiedNs }) => String(modifiedNs)).join(' ')
}
