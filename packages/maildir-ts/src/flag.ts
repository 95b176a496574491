/** Changes flags, which are part of a file's name. Source: D. J. Bernstein's maildir page, `:2,`. */
import { parseEntryName, withFlags } from './entry-name.js'
import { syncFolder } from './folder-sync.js'
import { inParallel } from './in-parallel.js'
import { atPlace, placePath, type Place } from './locate.js'
import type { EntryFolder, MaildirEntry } from './maildir-entry.js'
import { guard, MaildirError, toMaildirError } from './maildir-error.js'
import type { FlagChange, MaildirGround } from './maildir.js'

const RENAME_AT_ONCE = 8

/**
 * Adds and removes flags; the message moves to `cur`, where alone flags are allowed. Flags that are not named stay.
 * @throws MaildirError `ENOENT` gone, `EINVAL` a flag that is no ASCII letter
 */
export async function flagEntry(
  ground: MaildirGround,
  entry: MaildirEntry,
  change: FlagChange,
): Promise<MaildirEntry> {
  demandLetters(ground, change)
  const renamed = await rename(ground, entry, change)
  if (!renamed) throw new MaildirError('rename', placePath(ground, entry), 'ENOENT')
  await syncFolders(ground, new Set([renamed.from.folder]))
  return { ...entry, ...renamed.to, flags: parseEntryName(renamed.to.name).flags }
}

/**
 * The same for many messages, with one sync of each folder. Leaves alone what is gone and what has such flags already.
 * @throws MaildirError the first failure, when all others are flagged; `EINVAL` a flag that is no ASCII letter
 */
export async function flagAll(
  ground: MaildirGround,
  entries: readonly MaildirEntry[],
  change: FlagChange,
): Promise<void> {
  demandLetters(ground, change)
  const left = new Set<EntryFolder>()
  let failure: MaildirError | undefined
  await inParallel(entries, RENAME_AT_ONCE, async (entry) => {
    if (entry.folder === 'cur' && withFlags(entry.name, flagsOf(entry.name, change)) === entry.name) return
    try {
      const renamed = await rename(ground, entry, change)
      if (renamed) left.add(renamed.from.folder)
    } catch (error) {
      failure ??= toMaildirError('rename', placePath(ground, entry), error)
    }
  })
  if (left.size > 0) await syncFolders(ground, left)
  if (failure) throw failure
}

function demandLetters(ground: MaildirGround, { add = '', remove = '' }: FlagChange): void {
  if (/^[A-Za-z]*$/.test(add + remove)) return
  throw new MaildirError('flag', ground.path, 'EINVAL', 'flags are ASCII letters')
}

/** From where to where the message was moved; undefined if it is gone. */
async function rename(
  ground: MaildirGround,
  entry: MaildirEntry,
  change: FlagChange,
): Promise<{ from: Place; to: Place } | undefined> {
  return atPlace(ground, entry, async (from) => {
    const to: Place = { folder: 'cur', name: withFlags(from.name, flagsOf(from.name, change)) }
    const [source, target] = [placePath(ground, from), placePath(ground, to)]
    await guard('rename', source, ground.files.rename(source, target))
    return { from, to }
  })
}

function flagsOf(name: string, { add = '', remove = '' }: FlagChange): string {
  return Array.from(parseEntryName(name).flags + add)
    .filter((flag) => !remove.includes(flag))
    .join('')
}

async function syncFolders(ground: MaildirGround, left: ReadonlySet<EntryFolder>): Promise<void> {
  await syncFolder(ground.files, `${ground.path}/cur`)
  // Only now: were the entry in `new` to vanish from the disk first, a power cut could leave none.
  if (left.has('new')) await syncFolder(ground.files, `${ground.path}/new`)
}
