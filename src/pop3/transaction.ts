/**
 * The TRANSACTION state (RFC 1939 §5) and, in its QUIT row, the UPDATE state (§6).
 *
 * Numbers stay what they were when the maildrop opened; a deleted message keeps its number and is
 * neither counted nor listed nor shown. Nothing is removed before QUIT.
 */

import { capa, lang } from './any-state.js'
import { msg, msgAndLines, none, optionalMsg, optionalRange } from './arguments.js'
import type { MaildropEntry, StoredMessage } from './backend.js'
import { lines, ok, refused, type Reply, type Step } from './reply.js'
import { type Closed, CLOSED, type Transaction } from './session.js'
import { row, table } from './table.js'

export const TRANSACTION = table<Transaction>({
  CAPA: row('RFC 2449 §5', none, capa),
  DELE: row('RFC 1939 §5', msg, dele),
  LANG: row('RFC 6856 §3', optionalRange, lang),
  LIST: row('RFC 1939 §5', optionalMsg, list),
  NOOP: row('RFC 1939 §5', none, noop),
  QUIT: row('RFC 1939 §6', none, update),
  RETR: row('RFC 1939 §5', msg, retr),
  RSET: row('RFC 1939 §5', none, rset),
  STAT: row('RFC 1939 §5', none, stat),
  TOP: row('RFC 1939 §7', msgAndLines, top),
  UIDL: row('RFC 1939 §7', optionalMsg, uidl),
})

function stat(session: Transaction): Step {
  const { messages, octets } = remaining(session)
  return { reply: ok(`${messages} ${octets}`) }
}

function list(session: Transaction, number: number | undefined): Step {
  if (number !== undefined) return one(session, number, scanListing)
  const { messages, octets } = remaining(session)
  return { reply: lines(session.peer.texts.scanListing(messages, octets), each(session, scanListing)) }
}

function uidl(session: Transaction, number: number | undefined): Step {
  if (number !== undefined) return one(session, number, uniqueId)
  return { reply: lines(session.peer.texts.uniqueIds, each(session, uniqueId)) }
}

function retr(session: Transaction, number: number): Step | Promise<Step> {
  const found = find(session, number)
  if ('kind' in found) return { reply: found }
  const text = session.peer.texts.octets(found.octets)
  return opened(session, found, (message) => ({
    reply: { kind: 'message', text, message, bodyLines: undefined, retrieves: number },
  }))
}

function top(session: Transaction, wanted: { msg: number; lines: number }): Step | Promise<Step> {
  const found = find(session, wanted.msg)
  if ('kind' in found) return { reply: found }
  return opened(session, found, (message) => ({
    reply: { kind: 'message', text: session.peer.texts.top, message, bodyLines: wanted.lines },
  }))
}

/** Opens a message and says what follows; at once when the maildrop has it at hand. */
function opened(
  { maildrop }: Transaction,
  entry: MaildropEntry,
  step: (message: StoredMessage) => Step,
): Step | Promise<Step> {
  const message = maildrop.open(entry)
  return message instanceof Promise ? message.then(step) : step(message)
}

function dele(session: Transaction, number: number): Step {
  const found = find(session, number)
  if ('kind' in found) return { reply: found }
  session.deletions.mark(found)
  return { reply: ok(session.peer.texts.marked(number)) }
}

function noop(): Step {
  return { reply: ok() }
}

function rset(session: Transaction): Step {
  session.deletions.clear()
  return { reply: ok(session.peer.texts.maildropHas(session.maildrop.entries.length, session.octets)) }
}

/**
 * Removes what is marked, and says so only when it is done. The session ends whatever happened
 * (RFC 1939 §6); the connection lets the maildrop go before it sends the reply.
 */
async function update(session: Transaction): Promise<Step> {
  const { deletions, maildrop, peer } = session
  const next = closedBehind(session)
  if (deletions.count === 0) return { reply: ok(peer.texts.goodbye), next }
  try {
    const remain = await maildrop.remove(maildrop.entries.filter((entry) => deletions.has(entry)))
    if (remain.length === 0) return { reply: ok(peer.texts.goodbye), next }
    return { reply: refused(peer.texts.someRemain(remain.length), 'SYS/TEMP'), next }
  } catch (cause) {
    return { reply: { kind: 'failed', cause, text: peer.texts.removalFailed }, next }
  }
}

function closedBehind({ deletions, maildrop, retrieved }: Transaction): Closed {
  if (maildrop.markSeen === undefined || retrieved.size === 0) return CLOSED
  const entries = maildrop.entries.filter((entry) => retrieved.has(entry.number) && !deletions.has(entry))
  return entries.length === 0 ? CLOSED : { ...CLOSED, seen: { maildrop, entries } }
}

function remaining({ maildrop, octets, deletions }: Transaction): { messages: number; octets: number } {
  return { messages: maildrop.entries.length - deletions.count, octets: octets - deletions.octets }
}

/** The entry of that number, or why there is none. */
function find(session: Transaction, number: number): MaildropEntry | Reply {
  const { texts } = session.peer
  const entry = session.maildrop.entries[number - 1]
  if (entry === undefined) return refused(texts.noSuchMessage)
  return session.deletions.has(entry) ? refused(texts.deletedAlready) : entry
}

type Line = (entry: MaildropEntry) => string

const scanListing: Line = (entry) => `${entry.number} ${entry.octets}`
const uniqueId: Line = (entry) => `${entry.number} ${entry.uid}`

function one(session: Transaction, number: number, line: Line): Step {
  const found = find(session, number)
  return { reply: 'kind' in found ? found : ok(line(found)) }
}

/** Made line by line as the client reads: a listing of 100,000 messages is never held whole. */
function* each(session: Transaction, line: Line): Iterable<string> {
  for (const entry of session.maildrop.entries) if (!session.deletions.has(entry)) yield line(entry)
}
