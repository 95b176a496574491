/**
 * What the house asks of the place where messages rest. Types and promises only.
 *
 * The promise above all (DESIGN.md, the first): what `commit` reported as stored is on stable storage,
 * whole, and stays there through `kill -9`, a full disk or a power cut, until somebody removes it.
 * The store reports what failed; it never decides what to do about it.
 */

/** Where a message can rest: an account's mailbox, by its key (lower case), or the lost folder. */
export type MailboxId = { readonly kind: 'account'; readonly key: string } | { readonly kind: 'lost' }

/** A mailbox that a message shall go to, and how much it may hold. */
export type DeliveryTarget = MailboxId & {
  /** Octets that all its messages together may take; 0 or `undefined`: no bound. Not for the lost folder. */
  readonly quotaOctets?: number | undefined
}

/** What became of one mailbox of a delivery, in the order in which the mailboxes were named. */
export type StoreOutcome =
  | { readonly mailbox: MailboxId; readonly stored: true }
  | { readonly mailbox: MailboxId; readonly stored: false; readonly cause: unknown }

/** A message on its way into one or many mailboxes: `begin → write → commit | abort`. */
export interface IncomingMessage {
  /** The id under which the message will be known; 1 to 70 printable octets, never used twice. */
  readonly id: string
  /** Appends octets. Line ends are CRLF. @throws GatewayError `store.full`, `store.unavailable` */
  write(chunk: Uint8Array): Promise<void>
  /**
   * Makes the message visible in every mailbox and resolves once all of it is on stable storage.
   * A mailbox that failed, or that the message would take past its quota (`mailbox.full`), is an outcome, not an exception; what became visible is never taken back.
   * @throws GatewayError `store.full`, `store.unavailable` when the octets themselves could not be
   * kept: then no mailbox has the message
   */
  commit(): Promise<readonly StoreOutcome[]>
  /**
   * What was written so far, in chunks; also after a commit in which a mailbox failed.
   * @throws GatewayError `store.full`, `store.unavailable` when the octets could not be kept
   */
  read(): AsyncIterable<Uint8Array>
  /** Lets go of everything held. Before `commit` it leaves no trace; after it nothing visible changes. */
  abort(): Promise<void>
}

/** One message as a maildrop lists it. Never changes while the maildrop is open. */
export interface MaildropEntry {
  /** From 1, by arrival, kept for the whole session (RFC 1939 §4). */
  readonly number: number
  /** Unique-id, 1 to 70 octets of 0x21 to 0x7E, stable over sessions (RFC 1939 §7). */
  readonly uid: string
  /** Size in octets as it is sent, each line end counted as CRLF, dot-stuffing not counted. */
  readonly octets: number
}

/** A message opened for reading. */
export interface StoredMessage {
  /**
   * The octets as they are sent, line ends CRLF, not dot-stuffed, in chunks of any size up to 64 KiB;
   * read as fast as the consumer asks; no promise for what is in memory. Not written to again. Together exactly `MaildropEntry.octets`.
   * @throws GatewayError `store.unavailable`; `message.gone` when another tool wrote the message anew meanwhile
   */
  chunks(): AsyncIterable<Buffer> | Iterable<Buffer>
  close(): Promise<void> | undefined
}

/** A mailbox's messages as they were when it was looked at. */
export interface MailboxView {
  readonly entries: readonly MaildropEntry[]
  /**
   * Opens a message; at once, without a promise, where it is small and its disk quick. What fails is a promise.
   * @throws GatewayError `message.gone` when it was removed or changed its size since, `store.unavailable`
   */
  open(entry: MaildropEntry): StoredMessage | Promise<StoredMessage>
  /**
   * Removes messages and resolves once that is on stable storage. A message that is gone already
   * counts as removed. Answers the entries that are still there.
   * @throws GatewayError `store.unavailable`
   */
  remove(entries: readonly MaildropEntry[]): Promise<readonly MaildropEntry[]>
}

/** An account's messages, held alone until `close`. */
export interface Maildrop extends MailboxView {
  /**
   * Marks messages as read, for other tools that show them; those that are gone are left alone. Also after `close`,
   * since it takes its time and nobody need wait for it.
   * @throws GatewayError `store.*` the first failure, when all others are marked
   */
  markSeen(entries: readonly MaildropEntry[]): Promise<void>
  /**
   * The messages that arrived before a time, oldest first. One whose arrival is not known, because another tool gave
   * its file a name that tells no time, is never among them.
   */
  arrivedBefore(time: Date): readonly MaildropEntry[]
  /** Gives the maildrop back, once; does nothing when called again. Never fails. */
  close(): Promise<void>
}

/** What happens to a removed account's mail: moved aside, or deleted. */
export type MailFate = 'keep' | 'delete'

export interface MailboxStore {
  /**
   * Makes an account's empty mailbox.
   * @param adopt take over the messages of a mailbox that exists already, instead of refusing
   * @throws GatewayError `account.exists` when there is one, `store.cannot-create`
   */
  create(key: string, options: { readonly adopt: boolean }): Promise<void>
  /**
   * Ends an account's mailbox, once no session or tool holds its maildrop. Answers where its mail was moved to, if it
   * was.
   * @throws GatewayError `maildrop.in-use` when it is still held after some seconds, `store.unavailable`
   */
  retire(key: string, fate: MailFate): Promise<string | undefined>
  /**
   * Whether nothing would be lost with the account's mailbox: no message, and nothing else that was put there, such as
   * the folders of another mail program. What is half written may count as something.
   * @throws GatewayError `store.unavailable`
   */
  isEmpty(key: string): Promise<boolean>
  /** Starts a delivery; nothing is visible before `commit`. */
  begin(targets: readonly DeliveryTarget[]): Promise<IncomingMessage>
  /**
   * Octets that an account's messages take, as POP3 counts them. Kept without reading the mailbox each time: what
   * another program put there or took away may count only after some seconds.
   * @throws GatewayError `store.unavailable`, also when there is no such mailbox
   */
  usedOctets(key: string): Promise<number>
  /**
   * Opens an account's maildrop and holds it alone until `close`, over all processes that work on this store. When
   * its process dies, it is free at once.
   * Entries are numbered from 1 by arrival for the whole session (RFC 1939 §5).
   * @param waitMs how long to wait for another session to end; 0 answers at once
   * @throws GatewayError `maildrop.in-use` (RFC 2449 §8.1.2), `store.full`, `store.unavailable`
   */
  openMaildrop(key: string, options: { readonly waitMs: number }): Promise<Maildrop>
  /**
   * Looks into a mailbox without holding it: a session may hold it, and may remove what is listed here. Remove from
   * `lost/` alone in this way, which no session ever holds.
   * @throws GatewayError `store.unavailable`, also when there is no such mailbox
   */
  view(mailbox: MailboxId): Promise<MailboxView>
  /** Free octets on the store's disk that an ordinary user may take. @throws GatewayError `store.unavailable` */
  freeOctets(): Promise<{ readonly free: number; readonly total: number }>
  close(): Promise<void>
}
