/** One message as a listing shows it. */
import { formatEntryName, toUniqueId, type EntryName, type Sizes } from './entry-name.js'

/** Where a message can lie: `new` is not yet seen by any reader, `cur` is. */
export type EntryFolder = 'new' | 'cur'

/** One message. A value that never changes: when another program moves the file, `find` and `open` still know it. */
export interface MaildirEntry extends Sizes {
  /** the unique part of the file name, one character an octet; stays when the file is moved or its flags change */
  readonly unique: string
  /** a legal POP3 unique-id: `unique`, or `x` and 64 hex digits if that is none (RFC 1939 §7) */
  readonly uid: string
  readonly folder: EntryFolder
  /** the whole file name, one character an octet */
  readonly name: string
  /** what follows `:2,` in the name; sorted ASCII letters unless another program wrote something else */
  readonly flags: string
  /**
   * octets as POP3 sends them, every line end counted as CRLF; where the file had to be read for its size, with the
   * CRLF that a last line without an end is sent with. Equal to `fileOctets` if nothing needs converting
   */
  readonly octets: number
  /** octets of the file */
  readonly fileOctets: number
}

/** The entry of a message of which everything is known. */
export function entryOf(
  { unique, flags }: Pick<EntryName, 'unique' | 'flags'>,
  folder: EntryFolder,
  name: string,
  { octets, fileOctets }: Sizes,
): MaildirEntry {
  return { unique, uid: toUniqueId(unique), folder, name, flags, octets, fileOctets }
}

/** The entry of a message that was just stored in `new`. */
export function newEntry(unique: string, sizes: Sizes): MaildirEntry {
  return entryOf({ unique, flags: '' }, 'new', formatEntryName(unique, sizes), sizes)
}
