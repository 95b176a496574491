/** Removes messages, many of them with one sync of each folder. */
import { syncFolder } from './folder-sync.js'
import { inParallel } from './in-parallel.js'
import { locate, placePath, type Place } from './locate.js'
import type { EntryFolder, MaildirEntry } from './maildir-entry.js'
import { guard, MaildirError, toMaildirError } from './maildir-error.js'
import type { MaildirGround, RemoveOutcome } from './maildir.js'

const UNLINK_AT_ONCE = 16
const MOST_ATTEMPTS = 4

/** What became of one entry: the folder it was removed from, `gone`, or why it could not be removed. */
type Attempt = EntryFolder | 'gone' | MaildirError

/** Removes messages for good, wherever they lie now; outcomes are in the order of the entries. Never rejects. */
export async function removeAll(
  ground: MaildirGround,
  entries: readonly MaildirEntry[],
): Promise<RemoveOutcome[]> {
  const attempts = await unlinkAll(ground, entries)
  const failures = await syncTouched(ground, new Set(attempts.values()))
  return entries.map((entry) => {
    const attempt = attempts.get(entry.unique)
    if (attempt instanceof MaildirError) return { entry, removed: false, cause: attempt }
    if (attempt !== 'new' && attempt !== 'cur') return { entry, removed: false, cause: undefined }
    const cause = failures.get(attempt)
    return cause ? { entry, removed: false, cause } : { entry, removed: true }
  })
}

/** Unlinks each message where its entry says it lies; those that are not there are looked for together. */
async function unlinkAll(
  ground: MaildirGround,
  entries: readonly MaildirEntry[],
): Promise<Map<string, Attempt>> {
  const attempts = new Map<string, Attempt>()
  let places = new Map<string, Place>(entries.map((entry) => [entry.unique, entry]))
  for (let attempt = 1; places.size > 0; attempt += 1) {
    await inParallel([...places], UNLINK_AT_ONCE, async ([unique, place]) => {
      attempts.set(unique, await unlink(ground, place))
    })
    const gone = new Set([...places.keys()].filter((unique) => attempts.get(unique) === 'gone'))
    if (gone.size === 0 || attempt === MOST_ATTEMPTS) break
    places = await locate(ground, gone).catch((error: unknown) => {
      for (const unique of gone) attempts.set(unique, toMaildirError('names', ground.path, error))
      return new Map<string, Place>()
    })
  }
  return attempts
}

async function unlink(ground: MaildirGround, place: Place): Promise<Attempt> {
  const path = placePath(ground, place)
  try {
    await guard('unlink', path, ground.files.unlink(path))
    return place.folder
  } catch (error) {
    const failure = toMaildirError('unlink', path, error)
    return failure.code === 'ENOENT' ? 'gone' : failure
  }
}

async function syncTouched(
  ground: MaildirGround,
  touched: ReadonlySet<Attempt>,
): Promise<Map<EntryFolder, MaildirError>> {
  const failures = new Map<EntryFolder, MaildirError>()
  const folders = (['new', 'cur'] as const).filter((folder) => touched.has(folder))
  await Promise.all(
    folders.map(async (folder) => {
      const path = `${ground.path}/${folder}`
      await syncFolder(ground.files, path).catch((error: unknown) => {
        failures.set(folder, toMaildirError('syncFolder', path, error))
      })
    }),
  )
  return failures
}
