/**
 * Moves a message into another Maildir: a second link there, synced, and only then the first one goes.
 * A power cut or a failure between leaves the message in both, never in none.
 */
import { cutInfo, formatEntryName, parseEntryName, toUniqueId } from './entry-name.js'
import { findEntry } from './find-entry.js'
import { syncFolder } from './folder-sync.js'
import { LineEndCounter } from './line-ends.js'
import { atPlace, locate, placePath, type Place } from './locate.js'
import type { MaildirEntry } from './maildir-entry.js'
import { codeOf, guard, MaildirError } from './maildir-error.js'
import type { MaildirGround } from './maildir.js'
import { openMessage } from './message-file.js'
import { removeAll } from './remove.js'
import { COPY_INSTEAD, Stage } from './stage.js'

/**
 * Moves a message; folder and flags stay, and so does the unique part unless the other Maildir has it already.
 * @throws MaildirError `ENOENT` gone; after other failures the message may lie in both
 */
export async function moveEntry(
  ground: MaildirGround,
  entry: MaildirEntry,
  to: MaildirGround,
): Promise<MaildirEntry> {
  const gone = new MaildirError('link', placePath(ground, entry), 'ENOENT')
  if (to.path === ground.path) {
    const found = await findEntry(ground, entry.unique)
    if (!found) throw gone
    return found
  }
  const taken = (await locate(to, new Set([entry.unique]))).has(entry.unique)
  const moved = await atPlace(ground, entry, async (from): Promise<MaildirEntry> => {
    const target = taken ? await renamedEntry(ground, { ...entry, ...from }, to) : { ...entry, ...from }
    await linkOrCopy(ground, from, to, target)
    return { ...target, flags: parseEntryName(from.name).flags }
  })
  if (!moved) throw gone
  const known = ground.sizes.get(entry.unique)
  if (known) to.sizes.set(moved.unique, known)
  if (!taken && ground.doubted.has(entry.unique)) to.doubted.add(moved.unique)
  await syncFolder(to.files, `${to.path}/${moved.folder}`)
  const [outcome] = await removeAll(ground, [entry])
  if (outcome && !outcome.removed && outcome.cause) throw outcome.cause
  return moved
}

/**
 * The entry under a new unique part, with sizes that are true because the name will be believed; without them where
 * the last line has no end: what is sent then is more than `W=` may say.
 */
async function renamedEntry(
  ground: MaildirGround,
  entry: MaildirEntry,
  to: MaildirGround,
): Promise<MaildirEntry> {
  const counter = await counted(ground, entry)
  const unique = to.namer.next()
  const { sizes, sizesAsSent } = counter
  const base = sizes.octets === sizesAsSent.octets ? formatEntryName(unique, sizes) : unique
  return { ...entry, ...sizesAsSent, unique, uid: toUniqueId(unique), name: base + cutInfo(entry.name).info }
}

async function counted(ground: MaildirGround, entry: MaildirEntry): Promise<LineEndCounter> {
  const file = await openMessage(ground, entry)
  try {
    const counter = new LineEndCounter()
    for await (const chunk of file.stream()) counter.add(chunk)
    return counter
  } finally {
    await file.close()
  }
}

async function linkOrCopy(
  ground: MaildirGround,
  from: Place,
  to: MaildirGround,
  target: MaildirEntry,
): Promise<void> {
  const source = placePath(ground, from)
  try {
    await guard('link', source, to.files.link(source, placePath(to, target)))
  } catch (error) {
    if (!COPY_INSTEAD.has(codeOf(error))) throw error
    await copy(ground, { ...target, ...from }, to, target)
  }
}

async function copy(
  ground: MaildirGround,
  from: MaildirEntry,
  to: MaildirGround,
  target: MaildirEntry,
): Promise<void> {
  const source = await openMessage(ground, from)
  try {
    const stage = await Stage.create(to.files, to.path, to.namer.next())
    try {
      for await (const chunk of source.stream()) await stage.write(chunk)
      await stage.sync()
      await stage.moveTo(placePath(to, target))
    } finally {
      await stage.drop()
    }
  } finally {
    await source.close()
  }
}
