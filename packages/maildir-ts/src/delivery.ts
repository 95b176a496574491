/** What a delivery promises; `beginDelivery` gives one. */
import type { Sizes } from './entry-name.js'
import type { FileLayer } from './file-layer.js'
import type { MaildirEntry } from './maildir-entry.js'
import type { MaildirError } from './maildir-error.js'
import type { Maildir } from './maildir.js'
import type { Namer } from './namer.js'

/** How a message is delivered; each option has a default. */
export interface DeliveryOptions {
  /** the file operations; default: those of the first target */
  readonly files?: FileLayer
  /** gives the unique part; default: that of the first target */
  readonly namer?: Namer
  /** octets that are collected in memory before a file is opened; default 65,536 */
  readonly memoryOctets?: number
  /**
   * Asked at the commit, once for each target, when the sizes are known: false and the target's outcome is a failure
   * with `EDQUOT`, and nothing is put there. What it throws is that target's failure.
   */
  readonly admit?: (maildir: Maildir, sizes: Sizes) => Promise<boolean>
}

/**
 * What became of a message in one Maildir. `stored` means: it is in `new`, and the file and the folder's entry are on
 * stable storage. A message that is not stored may still be visible, if the sync of its folder failed after the link.
 */
export type DeliveryOutcome =
  | { readonly maildir: Maildir; readonly stored: true; readonly entry: MaildirEntry }
  | { readonly maildir: Maildir; readonly stored: false; readonly cause: MaildirError }

/** One message on its way into one or more Maildirs. Until `commit` nothing is visible outside a `tmp`. */
export interface Delivery {
  /** the unique part in every target, known before the first octet */
  readonly unique: string
  /**
   * Takes the next octets of the message, as they shall lie in the file; the chunk may be used again when it resolves.
   * @throws MaildirError the disk failed; then every target fails and the delivery can only be aborted
   */
  write(chunk: Uint8Array): Promise<void>
  /**
   * Stores the message: syncs the file, links it into `new` of every target, then syncs these folders.
   * Outcomes are in the order of the targets. A link that was made is never taken back. Once only.
   * @throws MaildirError `EINVAL` after an earlier commit or abort; never for a target's failure
   */
  commit(): Promise<readonly DeliveryOutcome[]>
  /**
   * The octets written so far, before a commit and, if some target failed, after it.
   * @throws MaildirError also if the sync of the file failed and the octets were no longer held in memory
   */
  read(): AsyncIterable<Uint8Array>
  /** Frees what is held; before a commit it leaves no trace. Idempotent, never rejects. */
  abort(): Promise<void>
}
