/**
 * Reads a Maildir's entries, and keeps them until a folder changes.
 * Reads `new` before `cur`, so that a message another reader picks up meanwhile is seen twice rather than never.
 * Refuses to trust a folder that changed less than 2 s before it was read: times of change come in coarse ticks.
 */
import { arrivalOf, parseEntryName, type Arrival, type EntryName, type Sizes } from './entry-name.js'
import type { FileFacts } from './file-layer.js'
import { filePath } from './file-path.js'
import { inParallel, inSlices } from './in-parallel.js'
import { forgetPlaces } from './locate.js'
import { entryOf, type EntryFolder, type MaildirEntry } from './maildir-entry.js'
import { codeOf, guard, guardInPlace, MaildirError } from './maildir-error.js'
import type { MaildirGround } from './maildir.js'
import { measurePath } from './measure.js'
import { measureInPlace } from './measure-in-place.js'

/** The entries of one moment. `stamp` is undefined if they must not be used again. */
export interface Listing {
  readonly entries: readonly MaildirEntry[]
  readonly stamp: string | undefined
}

const REST_MS = 2000
const OPEN_AT_ONCE = 16
const MOST_ATTEMPTS = 4
/** Failures that are no fault of the file that was to be read: leaving it out would hide it. */
const NOT_THE_FILE: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE', 'ENOMEM', 'EUNKNOWN'])

/** The entries as they are now: the last listing if it still holds, else a new one. */
export async function currentListing(ground: MaildirGround, last: Listing | undefined): Promise<Listing> {
  const missing = new Set<string>()
  let before = await stampOf(ground)
  if (last?.stamp !== undefined && last.stamp === before.text) return last
  forgetPlaces(ground)
  for (let attempt = 1; ; attempt += 1) {
    const candidates = await readCandidates(ground)
    const after = await stampOf(ground)
    const quiet = after.text === before.text
    if (quiet || attempt > 1) {
      const { entries, vanished, unreadable } = await completed(ground, inOrder(candidates), missing)
      if (!vanished || attempt >= MOST_ATTEMPTS) {
        for (const error of unreadable) ground.unreadable(error)
        // That a file may be read again is not seen by its folder.
        const trusted = quiet && !vanished && unreadable.length === 0 && before.restedMs >= REST_MS
        return { entries, stamp: trusted ? before.text : undefined }
      }
    }
    before = await stampOf(ground)
  }
}

/** The state of both folders by which a change is seen. */
interface Stamp {
  readonly text: string
  /** how long neither folder had changed when this was taken; negative if the clock went back */
  readonly restedMs: number
}

async function stampOf(ground: MaildirGround): Promise<Stamp> {
  const takenMs = ground.now()
  const [fresh, seen] = await factsOfFolders(ground)
  const parts = [fresh, seen].map((facts) => `${facts.device}:${facts.inode}:${facts.modifiedNs}`)
  const changedNs = fresh.modifiedNs > seen.modifiedNs ? fresh.modifiedNs : seen.modifiedNs
  return { text: parts.join(' '), restedMs: takenMs - Number(changedNs / 1_000_000n) }
}

/** Looked at once in place and both at once aside, because that is all that an unchanged Maildir costs. */
function factsOfFolders({
  files,
  path,
  pace,
}: MaildirGround): [FileFacts, FileFacts] | Promise<[FileFacts, FileFacts]> {
  const [fresh, seen] = [`${path}/new`, `${path}/cur`]
  const aside = (path: string): Promise<FileFacts> => guard('stat', path, files.stat(path))
  const bothAside = (): Promise<[FileFacts, FileFacts]> => Promise.all([aside(fresh), aside(seen)])
  const statInPlace = files.statInPlace?.bind(files)
  if (!statInPlace) return bothAside()
  const inPlace = (path: string): FileFacts => guardInPlace('stat', path, () => statInPlace(path))
  return pace.run((): [FileFacts, FileFacts] => [inPlace(fresh), inPlace(seen)], bothAside)
}

/** A file name before it is known whether it is a message. */
interface Candidate extends EntryName, Arrival {
  readonly folder: EntryFolder
  readonly name: string
}

async function readCandidates({ files, path }: MaildirGround): Promise<Candidate[]> {
  const candidates: Candidate[] = []
  for (const folder of ['new', 'cur'] as const) {
    const names = await guard('names', `${path}/${folder}`, files.names(`${path}/${folder}`))
    await inSlices(names, (name) => {
      if (name.startsWith('.')) return
      const { unique, flags, sizes } = parseEntryName(name)
      const { micros, count } = arrivalOf(unique)
      candidates.push({ unique, flags, sizes, folder, name, micros, count })
    })
  }
  return candidates
}

/** Sorts by arrival and drops doubles: of two files with one unique part the one that was read later stays. */
function inOrder(candidates: Candidate[]): Candidate[] {
  // Sorting is stable, so that doubles stay in the order in which they were read.
  return candidates.toSorted(byArrival).filter(({ unique }, at, all) => all[at + 1]?.unique !== unique)
}

function byArrival(a: Candidate, b: Candidate): number {
  return compare(a.micros, b.micros) || a.count - b.count || compare(a.unique, b.unique)
}

function compare<T extends number | string>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** What became of the candidates of one reading. */
interface Completed {
  readonly entries: MaildirEntry[]
  /** a file went away meanwhile, perhaps to another name */
  readonly vanished: boolean
  readonly unreadable: readonly MaildirError[]
}

/**
 * Adds the sizes that names do not tell and leaves out what is no message that can be read.
 * @param missing places where a name led nowhere in this listing: if one is seen again it is a link, and did not vanish
 */
async function completed(
  ground: MaildirGround,
  candidates: readonly Candidate[],
  missing: Set<string>,
): Promise<Completed> {
  // Kept here as well: the cache may forget anything meanwhile.
  const known = new Map<Candidate, Sizes>()
  const unknown: Candidate[] = []
  for (const candidate of candidates) {
    const sizes = ground.sizes.get(candidate.unique)
    if (sizes) known.set(candidate, sizes)
    else if (!candidate.sizes || ground.doubted.has(candidate.unique)) unknown.push(candidate)
  }
  const learn = (candidate: Candidate, sizes: Sizes): void => {
    known.set(candidate, sizes)
    ground.sizes.set(candidate.unique, sizes)
  }
  const without = new Set<Candidate>()
  const unreadable: MaildirError[] = []
  let vanished = false
  async function measureSlowly(candidate: Candidate): Promise<void> {
    const found = await measured(ground, candidate)
    if (found !== undefined && found !== null && !(found instanceof MaildirError))
      return learn(candidate, found)
    without.add(candidate)
    if (found instanceof MaildirError) unreadable.push(found)
    if (found !== undefined) return
    const place = `${candidate.folder}/${candidate.name}`
    vanished ||= !missing.has(place)
    missing.add(place)
  }
  await measureInPlace(ground.files, unknown, {
    pathOf: ({ folder, name }) => filePath(`${ground.path}/${folder}`, name),
    found: learn,
    slowly: (left) => inParallel(left, OPEN_AT_ONCE, measureSlowly),
  })
  const entries: MaildirEntry[] = []
  await inSlices(candidates, (candidate) => {
    const sizes = without.has(candidate) ? undefined : (known.get(candidate) ?? candidate.sizes)
    if (sizes) entries.push(entryOf(candidate, candidate.folder, candidate.name, sizes))
  })
  forget(ground, entries)
  return { entries, vanished, unreadable }
}

/** The sizes of a file by reading it; undefined if its name leads nowhere, null if it is no file, or why it cannot be read. */
async function measured(
  { files, path }: MaildirGround,
  { folder, name }: Candidate,
): Promise<Sizes | MaildirError | undefined | null> {
  try {
    return await measurePath(files, filePath(`${path}/${folder}`, name))
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    if (error instanceof MaildirError && !NOT_THE_FILE.has(error.code)) return error
    throw error
  }
}

/** Forgets what is not there any more: of the sizes once that is the larger part of them. */
function forget({ sizes, doubted }: MaildirGround, entries: readonly MaildirEntry[]): void {
  const known = [...sizes.keys()]
  const crowded = known.length > 2 * entries.length
  if (!crowded && doubted.size === 0) return
  const there = new Set(entries.map(({ unique }) => unique))
  for (const unique of doubted) if (!there.has(unique)) doubted.delete(unique)
  if (crowded) for (const unique of known) if (!there.has(unique)) sizes.delete(unique)
}
