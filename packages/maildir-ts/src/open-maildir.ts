/** Opens and makes Maildirs. */
import path from 'node:path'
import { syncFolder } from './folder-sync.js'
import { currentListing, type Listing } from './listing.js'
import { findEntry } from './find-entry.js'
import type { MaildirEntry } from './maildir-entry.js'
import { codeOf, guard } from './maildir-error.js'
import type { Maildir, MaildirGround, MaildirOptions, RemoveOutcome } from './maildir.js'
import { openMessage, type MessageFile } from './message-file.js'
import { processNamer } from './namer.js'
import { nodeFiles } from './node-files.js'
import { removeAll } from './remove.js'

/**
 * Makes a Maildir and opens it: the folder, those above it that are missing, and `tmp`, `new` and `cur` in it, with
 * mode 0700. When it resolves they are on stable storage. What exists already is left as it is.
 * @throws MaildirError
 */
export async function createMaildir(path: string, options: MaildirOptions = {}): Promise<Maildir> {
  const maildir = openMaildir(path, options)
  await makeFolders(maildir, maildir.path)
  for (const name of ['tmp', 'new', 'cur']) await makeFolder(maildir, `${maildir.path}/${name}`)
  await syncFolder(maildir.files, maildir.path)
  return maildir
}

/** Opens a Maildir without touching the disk: whether it is there shows at the first use. */
export function openMaildir(folder: string, options: MaildirOptions = {}): Maildir {
  return new OpenMaildir({
    path: path.resolve(folder),
    files: options.files ?? nodeFiles,
    namer: options.namer ?? processNamer,
    sizes: options.sizes ?? new Map(),
    now: options.now ?? Date.now,
  })
}

class OpenMaildir implements Maildir {
  readonly path
  readonly files
  readonly namer
  readonly sizes
  readonly now
  #listing: Listing | undefined

  constructor(ground: MaildirGround) {
    this.path = ground.path
    this.files = ground.files
    this.namer = ground.namer
    this.sizes = ground.sizes
    this.now = ground.now
  }

  async list(): Promise<readonly MaildirEntry[]> {
    this.#listing = await currentListing(this, this.#listing)
    return this.#listing.entries
  }

  async find(unique: string): Promise<MaildirEntry | undefined> {
    return await findEntry(this, unique)
  }

  open(entry: MaildirEntry): Promise<MessageFile> {
    return openMessage(this, entry)
  }

  async remove(entry: MaildirEntry): Promise<boolean> {
    const [outcome] = await removeAll(this, [entry])
    if (outcome && !outcome.removed && outcome.cause) throw outcome.cause
    return outcome?.removed === true
  }

  removeAll(entries: readonly MaildirEntry[]): Promise<RemoveOutcome[]> {
    return removeAll(this, entries)
  }
}

/** Makes a folder and those above it, each synced into the one above. */
async function makeFolders(ground: MaildirGround, folder: string): Promise<void> {
  const above = path.dirname(folder)
  const made = await makeFolder(ground, folder).catch(async (error: unknown) => {
    if (codeOf(error) !== 'ENOENT' || above === folder) throw error
    await makeFolders(ground, above)
    return await makeFolder(ground, folder)
  })
  try {
    // Also if it was there: who made it may not have synced it yet, or have died before.
    await syncFolder(ground.files, above)
  } catch (error) {
    // A folder that was there may lie in one that only its owner may read.
    if (made || codeOf(error) !== 'EACCES') throw error
  }
}

/** Makes a folder; false if it was there. */
async function makeFolder({ files }: MaildirGround, folder: string): Promise<boolean> {
  try {
    await guard('makeFolder', folder, files.makeFolder(folder))
    return true
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
    return false
  }
}
