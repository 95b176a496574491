/** What a Maildir can do; `openMaildir` and `createMaildir` give one. */
import type { DiskPace } from './disk-pace.js'
import type { Sizes } from './entry-name.js'
import type { FileLayer } from './file-layer.js'
import type { ListingCache } from './listing-cache.js'
import type { MaildirEntry } from './maildir-entry.js'
import type { MaildirError } from './maildir-error.js'
import type { MessageFile } from './message-file.js'
import type { Namer } from './namer.js'

/**
 * Keeps the sizes of messages whose names do not tell them, by unique part. A `Map` will do; one that is kept
 * somewhere saves reading those messages again after a restart. It is derived: it may forget anything at any time.
 */
export interface SizeCache {
  get(unique: string): Sizes | undefined
  set(unique: string, sizes: Sizes): void
  delete(unique: string): void
  keys(): Iterable<string>
}

/** How a Maildir is opened; each option has a default. */
export interface MaildirOptions {
  /** the file operations; default: `node:fs` */
  readonly files?: FileLayer
  /** gives the unique parts of new names; default: one for this process */
  readonly namer?: Namer
  /** default: a `Map` that lives as long as the `Maildir` */
  readonly sizes?: SizeCache
  /**
   * keeps what `list` found until a folder changes; default: as long as the `Maildir` lives. One cache for many
   * Maildirs bounds them all together; `sizes` of this Maildir, unless given, go with its listing
   */
  readonly listings?: ListingCache
  /** says whether short operations are done in place; default: one for this process */
  readonly pace?: DiskPace
  /** milliseconds since 1970; default: `Date.now` */
  readonly now?: () => number
  /**
   * told of each file that a listing leaves out because the system does not let it be read (`EACCES`, `EIO`, …), once
   * a listing; it must not throw. Default: nobody is told
   */
  readonly unreadable?: (error: MaildirError) => void
}

/** What a Maildir was opened with. */
export interface MaildirGround {
  /** the folder that holds `tmp`, `new` and `cur`, without a slash at the end */
  readonly path: string
  readonly files: FileLayer
  readonly namer: Namer
  readonly sizes: SizeCache
  /** unique parts of messages whose names were seen to lie about their sizes: measured like those of other writers */
  readonly doubted: Set<string>
  readonly now: () => number
  readonly pace: DiskPace
  readonly unreadable: (error: MaildirError) => void
}

/** What became of one entry of `removeAll`. `cause` is undefined if the message was gone already. */
export type RemoveOutcome =
  | { readonly entry: MaildirEntry; readonly removed: true }
  | { readonly entry: MaildirEntry; readonly removed: false; readonly cause: MaildirError | undefined }

/** Flags to add and to remove; one that is named in both is removed. */
export interface FlagChange {
  readonly add?: string
  readonly remove?: string
}

/** What a Maildir holds. */
export interface Usage {
  readonly messages: number
  readonly octets: number
}

/** A Maildir++ folder and its name, a part for each level, as seen from the Maildir that listed it. */
export interface MaildirFolder {
  readonly name: readonly string[]
  readonly maildir: Maildir
}

/** What a watcher tells. `changed`: messages that were known went away, moved or have other flags. */
export type MaildirEvent =
  | { readonly kind: 'arrived'; readonly entries: readonly MaildirEntry[] }
  | { readonly kind: 'changed' }
  | { readonly kind: 'failed'; readonly cause: MaildirError }

/** A watch that goes on until `close`. */
export interface MaildirWatch {
  /** resolves when changes are seen from now on, or after the `failed` event that tells why not; never rejects */
  readonly ready: Promise<void>
  close(): void
}

/** One Maildir. Any number of programs may use it at the same time; each failure is a `MaildirError`. */
export interface Maildir extends MaildirGround {
  /**
   * All messages in order of arrival: by the time in the name, then the writer's count, then the name; names that
   * begin with no number come after all others. Opens no file that this library named. Answers from memory if
   * neither folder changed since they were read and both were then at rest for 2 s. Leaves out what is no file, and
   * tells `unreadable` of each file that it must read for its size and cannot.
   */
  list(): Promise<readonly MaildirEntry[]>
  /** The message with this unique part, wherever another program put it. */
  find(unique: string): Promise<MaildirEntry | undefined>
  /** Opens a message for reading, also after it was moved or its flags changed. @throws MaildirError `ENOENT` gone */
  open(entry: MaildirEntry): Promise<MessageFile>
  /**
   * All octets of a message's file as they are, in one step; undefined if they are more than 64 KiB, or if the file is
   * not as long as its entry says: then `open` tells more. At once while the disk answers quickly, else as a promise.
   * @throws MaildirError `ENOENT` gone; a promise that was answered rejects with it
   */
  read(entry: MaildirEntry): Buffer | undefined | Promise<Buffer | undefined>
  /**
   * Lets go what is remembered of a message whose file is not what its entry says: it is measured again, also where
   * this library named it.
   */
  forget(entry: MaildirEntry): void
  /** Removes a message for good. False: it was gone already. */
  remove(entry: MaildirEntry): Promise<boolean>
  /** Removes many messages with one sync of each folder; outcomes are in the order of the entries. Never rejects. */
  removeAll(entries: readonly MaildirEntry[]): Promise<RemoveOutcome[]>
  /**
   * Adds and removes flags (letters); flags that are not named stay, and the message moves to `cur`.
   * @throws MaildirError `ENOENT` gone, `EINVAL` a flag that is no ASCII letter
   */
  flag(entry: MaildirEntry, change: FlagChange): Promise<MaildirEntry>
  /**
   * The same for many messages, with one sync of each folder. Leaves alone what is gone and what has such flags already.
   * @throws MaildirError the first failure, when all others are flagged; `EINVAL` a flag that is no ASCII letter
   */
  flagAll(entries: readonly MaildirEntry[], change: FlagChange): Promise<void>
  /**
   * Moves a message into another Maildir with its flags; its unique part stays unless it is taken there.
   * @throws MaildirError `ENOENT` gone; after any other failure the message may lie in both, never in none
   */
  move(entry: MaildirEntry, to: Maildir): Promise<MaildirEntry>
  /** How many messages there are and how many octets as POP3 sends them, without the folders below. */
  usage(): Promise<Usage>
  /**
   * Tells what changes, within a second, also when other programs do it. Messages that are there when `ready`
   * resolves are not told. Keeps the process running until `close`.
   */
  watch(listener: (event: MaildirEvent) => void): MaildirWatch
  /** Removes files in `tmp` that nobody used for 36 hours; resolves with how many. */
  sweep(): Promise<number>
  /**
   * A Maildir++ folder below this one, without touching the disk. A nested one has a part for each level; a part may
   * hold any character. @throws MaildirError `EINVAL` no part, or an empty one
   */
  folder(name: string | readonly string[]): Maildir
  /** Makes a Maildir++ folder; fine if it exists. The levels above it need not exist. */
  createFolder(name: string | readonly string[]): Promise<Maildir>
  /** The Maildir++ folders below this one, at every depth, in order of their names on disk. */
  folders(): Promise<readonly MaildirFolder[]>
}
