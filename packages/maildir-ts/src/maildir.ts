/** What a Maildir can do; `openMaildir` and `createMaildir` give one. */
import type { Sizes } from './entry-name.js'
import type { FileLayer } from './file-layer.js'
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
  /** milliseconds since 1970; default: `Date.now` */
  readonly now?: () => number
}

/** What a Maildir was opened with. */
export interface MaildirGround {
  /** the folder that holds `tmp`, `new` and `cur`, without a slash at the end */
  readonly path: string
  readonly files: FileLayer
  readonly namer: Namer
  readonly sizes: SizeCache
  readonly now: () => number
}

/** What became of one entry of `removeAll`. `cause` is undefined if the message was gone already. */
export type RemoveOutcome =
  | { readonly entry: MaildirEntry; readonly removed: true }
  | { readonly entry: MaildirEntry; readonly removed: false; readonly cause: MaildirError | undefined }

/** One Maildir. Any number of programs may use it at the same time; each failure is a `MaildirError`. */
export interface Maildir extends MaildirGround {
  /**
   * All messages in order of arrival: by the time in the name, then the writer's count, then the name; names that
   * begin with no number come after all others. Opens no file that this library named. Answers from memory if
   * neither folder changed since they were read and both were then at rest for 2 s.
   */
  list(): Promise<readonly MaildirEntry[]>
  /** The message with this unique part, wherever another program put it. */
  find(unique: string): Promise<MaildirEntry | undefined>
  /** Opens a message for reading, also after it was moved or its flags changed. @throws MaildirError `ENOENT` gone */
  open(entry: MaildirEntry): Promise<MessageFile>
  /** Removes a message for good. False: it was gone already. */
  remove(entry: MaildirEntry): Promise<boolean>
  /** Removes many messages with one sync of each folder; outcomes are in the order of the entries. Never rejects. */
  removeAll(entries: readonly MaildirEntry[]): Promise<RemoveOutcome[]>
}
