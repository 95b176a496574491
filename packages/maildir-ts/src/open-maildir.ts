/** Opens and makes Maildirs. */
import path from 'node:path'
import { processPace, type DiskPace } from './disk-pace.js'
import type { FileLayer } from './file-layer.js'
import { findEntry } from './find-entry.js'
import type { Sizes } from './entry-name.js'
import { flagAll, flagEntry } from './flag.js'
import { decodeFolderName, encodeFolderName } from './folder-name.js'
import { folderNames, makeMaildir, markFolder } from './folders.js'
import { currentListing } from './listing.js'
import { createListingCache, type ListingCache } from './listing-cache.js'
import type { MaildirEntry } from './maildir-entry.js'
import type { MaildirError } from './maildir-error.js'
import type {
  FlagChange,
  Maildir,
  MaildirEvent,
  MaildirFolder,
  MaildirOptions,
  MaildirWatch,
  RemoveOutcome,
  SizeCache,
  Usage,
} from './maildir.js'
import { openMessage, type MessageFile } from './message-file.js'
import { moveEntry } from './move.js'
import { processNamer, type Namer } from './namer.js'
import { nodeFiles } from './node-files.js'
import { readSmall } from './read-small.js'
import { removeAll } from './remove.js'
import { sweepTmp } from './sweep.js'
import { watchMaildir } from './watch.js'

/**
 * Makes a Maildir and opens it: the folder, those above it that are missing, and `tmp`, `new` and `cur` in it, with
 * mode 0700. When it resolves they are on stable storage. What exists already is left as it is.
 * @throws MaildirError
 */
export async function createMaildir(path: string, options: MaildirOptions = {}): Promise<Maildir> {
  const maildir = openMaildir(path, options)
  await makeMaildir(maildir)
  return maildir
}

/** Opens a Maildir without touching the disk: whether it is there shows at the first use. */
export function openMaildir(folder: string, options: MaildirOptions = {}): Maildir {
  return new OpenMaildir(path.resolve(folder), '', options)
}

class OpenMaildir implements Maildir {
  readonly path: string
  readonly files: FileLayer
  readonly namer: Namer
  readonly sizes: SizeCache
  // Not let go with the listing: it is small, and without it such a message could not be reached.
  readonly doubted = new Set<string>()
  readonly now: () => number
  readonly pace: DiskPace
  readonly unreadable: (error: MaildirError) => void
  /** the Maildir that holds all folders, and this one's name in it: empty, or `.PART.PART` */
  readonly #root: string
  readonly #name: string
  readonly #listings: ListingCache
  readonly #ownSizes = new Map<string, Sizes>()
  /** frees what belongs to a listing that was let go */
  readonly #letGo: () => void

  constructor(root: string, name: string, options: MaildirOptions) {
    const { files, namer, sizes, now, unreadable, pace, listings } = options
    this.path = name === '' ? root : `${root}/${name}`
    this.files = files ?? nodeFiles
    this.namer = namer ?? processNamer
    this.sizes = sizes ?? this.#ownSizes
    this.now = now ?? Date.now
    this.pace = pace ?? processPace
    this.unreadable = unreadable ?? (() => undefined)
    this.#listings = listings ?? createListingCache(Infinity)
    this.#letGo = sizes ? () => undefined : () => this.#ownSizes.clear()
    this.#root = root
    this.#name = name
  }

  async list(): Promise<readonly MaildirEntry[]> {
    const last = this.#listings.get(this.path)
    const listing = await currentListing(this, last)
    if (listing !== last) this.#listings.set(this.path, listing, this.#letGo)
    return listing.entries
  }

  find(unique: string): Promise<MaildirEntry | undefined> {
    return findEntry(this, unique)
  }

  async open(entry: MaildirEntry): Promise<MessageFile> {
    const message = await openMessage(this, entry)
    // Another program wrote the file anew under its name: what was listed is not to be listed again.
    if (message.fileOctets !== entry.fileOctets || message.octets !== entry.octets) this.#doubt(entry)
    return message
  }

  read(entry: MaildirEntry): Buffer | undefined | Promise<Buffer | undefined> {
    return readSmall(this, entry)
  }

  forget(entry: MaildirEntry): void {
    this.sizes.delete(entry.unique)
    this.#doubt(entry)
  }

  #doubt({ unique }: MaildirEntry): void {
    this.doubted.add(unique)
    this.#listings.delete(this.path)
  }

  async remove(entry: MaildirEntry): Promise<boolean> {
    const [outcome] = await removeAll(this, [entry])
    if (outcome && !outcome.removed && outcome.cause) throw outcome.cause
    return outcome?.removed === true
  }

  removeAll(entries: readonly MaildirEntry[]): Promise<RemoveOutcome[]> {
    return removeAll(this, entries)
  }

  flag(entry: MaildirEntry, change: FlagChange): Promise<MaildirEntry> {
    return flagEntry(this, entry, change)
  }

  flagAll(entries: readonly MaildirEntry[], change: FlagChange): Promise<void> {
    return flagAll(this, entries, change)
  }

  move(entry: MaildirEntry, to: Maildir): Promise<MaildirEntry> {
    return moveEntry(this, entry, to)
  }

  async usage(): Promise<Usage> {
    const entries = await this.list()
    return { messages: entries.length, octets: entries.reduce((sum, { octets }) => sum + octets, 0) }
  }

  watch(listener: (event: MaildirEvent) => void): MaildirWatch {
    return watchMaildir(this, listener)
  }

  sweep(): Promise<number> {
    return sweepTmp(this)
  }

  folder(name: string | readonly string[]): Maildir {
    return this.#below(this.#name + encodeFolderName(typeof name === 'string' ? [name] : name))
  }

  async createFolder(name: string | readonly string[]): Promise<Maildir> {
    const folder = this.folder(name)
    await makeMaildir(folder)
    await markFolder(folder)
    return folder
  }

  async folders(): Promise<readonly MaildirFolder[]> {
    const names = await folderNames({ files: this.files, path: this.#root }, `${this.#name}.`)
    return names.map((name) => {
      return { name: decodeFolderName(name.slice(this.#name.length)), maildir: this.#below(name) }
    })
  }

  #below(name: string): Maildir {
    const { files, namer, now, unreadable, pace } = this
    return new OpenMaildir(this.#root, name, { files, namer, now, unreadable, pace })
  }
}
