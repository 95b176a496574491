/** Reads a whole small message in one step: opening, reading and closing as three steps costs more than the octets. */
import { atPlace, lastSeen, placePath, type Place } from './locate.js'
import type { MaildirEntry } from './maildir-entry.js'
import { codeOf, guard, guardInPlace, MaildirError } from './maildir-error.js'
import type { MaildirGround } from './maildir.js'
import { closeQuietly } from './measure.js'

const LARGEST_OCTETS = 65_536

/**
 * All octets of the file as they are; undefined if they are more than 64 KiB, or not as many as the entry says.
 * At once where the disk's pace allows it, else as a promise.
 * @throws MaildirError `ENOENT` gone
 */
export function readSmall(
  ground: MaildirGround,
  entry: MaildirEntry,
): Buffer | undefined | Promise<Buffer | undefined> {
  if (entry.fileOctets > LARGEST_OCTETS) return undefined
  const aside = (): Promise<Buffer | undefined> => readWherever(ground, entry)
  if (!ground.files.readWhole) return aside()
  const read = ground.pace.run(() => readInPlace(ground, entry), aside)
  if (read instanceof Promise) return read.then((found) => (found === 'moved' ? aside() : found))
  return read === 'moved' ? aside() : read
}

function readInPlace(ground: MaildirGround, entry: MaildirEntry): Buffer | undefined | 'moved' {
  const moved = lastSeen(ground, entry)
  const read = readAt(ground, entry, moved ?? entry)
  return read === 'moved' && moved ? readAt(ground, entry, entry) : read
}

function readAt(
  ground: MaildirGround,
  { fileOctets }: MaildirEntry,
  place: Place,
): Buffer | undefined | 'moved' {
  const path = placePath(ground, place)
  const buffer = Buffer.allocUnsafe(fileOctets)
  try {
    const octets = guardInPlace('open', path, () => ground.files.readWhole?.(path, buffer))
    return octets === fileOctets ? buffer : undefined
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return 'moved'
    throw error
  }
}

async function readWherever(ground: MaildirGround, entry: MaildirEntry): Promise<Buffer | undefined> {
  const read = await atPlace(ground, entry, async (place) => ({
    buffer: await readAside(ground, entry, place),
  }))
  if (!read) throw new MaildirError('open', placePath(ground, entry), 'ENOENT')
  return read.buffer
}

async function readAside(
  ground: MaildirGround,
  { fileOctets }: MaildirEntry,
  place: Place,
): Promise<Buffer | undefined> {
  const { files } = ground
  const path = placePath(ground, place)
  const file = await guard('open', path, files.open(path, 'read'))
  try {
    const facts = await guard('factsOf', path, files.factsOf(file))
    if (facts.kind !== 'file' || facts.size !== fileOctets) return undefined
    const buffer = Buffer.allocUnsafe(fileOctets)
    let done = 0
    while (done < fileOctets) {
      const octets = await guard('read', path, files.read(file, buffer.subarray(done), done))
      if (octets === 0) return undefined
      done += octets
    }
    return buffer
  } finally {
    await closeQuietly(files, file)
  }
}
