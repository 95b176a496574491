/**
 * One connection, from greeting to the end, or from the TLS handshake before it: reads a line, has it answered, sends the reply, and keeps the
 * session's state. Counts what may happen only so often, logs, and owns the maildrop: whatever way a
 * session ends, the maildrop is closed once, and nothing is removed but by QUIT.
 */

import type { Socket } from 'node:net'
import { failureCode } from '../base/errors.js'
import type { Line } from '../base/line-reader.js'
import type { Log } from '../base/log.js'
import type { TlsContexts } from '../base/tls.js'
import type { Pop3Backend } from './backend.js'
import { answer, longest, shown } from './commands.js'
import type { Pop3Limits } from './limits.js'
import { failed, refused, type Reply, type Step, wrong } from './reply.js'
import { send, TruncatedMessage } from './sender.js'
import {
  authorization,
  type Authorization,
  type Closed,
  CLOSED,
  type Handshake,
  type Peer,
  type Seen,
  type Session,
  type Transaction,
} from './session.js'
import { judge, newTally } from './tally.js'
import { openWire, type Wire } from './wire.js'

export interface Connection {
  /** Resolves when the session is over, its maildrop closed and its socket gone; never rejects. */
  readonly ended: Promise<void>
  /** Octets that came and are not carried out yet, and octets that the kernel has not taken yet. */
  readonly bufferedOctets: number
  /** Asks for an end: what is being answered is answered, the next command is refused. */
  stop(): void
  /** Breaks the connection off. */
  destroy(): void
}

export interface ConnectionOptions {
  readonly backend: Pop3Backend
  readonly limits: Pop3Limits
  /** A child for this connection. */
  readonly log: Log
  readonly domain: string
  /** Absent: no TLS here. */
  readonly tls: TlsContexts | undefined
  /** The handshake comes before the greeting (RFC 8314 §3.3). Needs `tls`. */
  readonly implicitTls: boolean
  /** Whom we have before us, known anew when TLS has begun. */
  readonly meet: (channel: Channel) => Peer
}

/** What a connection runs over; below TLS 1.3 nothing can be bound to it. */
export type Channel =
  | { readonly tls: false }
  | { readonly tls: true; readonly tlsExporter: Buffer | undefined }

type State = Session | Handshake | Closed

export function serveConnection(socket: Socket, options: ConnectionOptions): Connection {
  const wire = openWire(socket, options.limits)
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  const ended = converse(wire, options).then(() => closed)
  return {
    ended,
    get bufferedOctets() {
      return wire.bufferedOctets
    },
    stop: () => wire.stop(),
    destroy: () => wire.destroy(),
  }
}

async function converse(wire: Wire, options: ConnectionOptions): Promise<void> {
  const { log, domain, meet } = options
  const tally = newTally()
  let session: Session | Closed = CLOSED
  let revoked: AbortSignal | undefined
  const stop = (): void => wire.stop()
  try {
    session = options.implicitTls ? await secure(wire, options) : authorization(meet({ tls: false }))
    if (session.state === 'authorization') wire.text(`+OK ${session.peer.texts.ready(domain)}\r\n`)
    while (session.state !== 'closed') {
      // What is there already is not awaited: a batch of commands would cost a promise for each step of each.
      const line = wire.lineAtHand() ?? (await wire.nextLine())
      if (line === undefined) break
      const before: Session = session
      const { peer } = before
      const answered = attempt(session, line, wire, options)
      const step = answered instanceof Promise ? await answered : answered
      const next: State = step.next === undefined ? session : await move(session, step.next, log)
      const { reply, last } = judge(step.reply, tally, options.limits, peer.texts)
      session = next.state === 'handshake' ? CLOSED : next
      if (session.state === 'transaction' && before.state !== 'transaction') {
        revoked = session.maildrop.revoked
        revoked?.addEventListener('abort', stop)
        if (revoked?.aborted === true) stop()
      }
      if (reply.kind === 'message') {
        const delivering = deliver(wire, reply, peer, log)
        const whole = delivering instanceof Promise ? await delivering : delivering
        if (whole && session.state === 'transaction') noteRetrieved(session, reply)
      } else {
        const sending = send(wire, reply, peer.texts)
        if (sending !== undefined) await sending
      }
      if (wire.full) await wire.drain()
      if (last) break
      if (next.state === 'handshake') session = await secure(wire, options)
    }
    log.debug({ quit: session.state === 'closed', input: wire.ending }, 'session ended')
  } catch (thrown) {
    // What was said so far still goes out; that the final dot is missing tells the client.
    log.error({ err: thrown }, 'connection broken off')
  } finally {
    revoked?.removeEventListener('abort', stop)
    if (session.state !== 'closed') await move(session, CLOSED, log)
    wire.finish()
    if (session.state === 'closed' && session.seen !== undefined) await markSeen(session.seen, log)
  }
}

/** The client has its reply, and knows of nothing that goes wrong here. */
async function markSeen({ entries, maildrop }: Seen, log: Log): Promise<void> {
  try {
    await maildrop.markSeen?.(entries)
  } catch (thrown) {
    log.warn({ err: thrown, messages: entries.length }, 'retrieved messages could not be marked as seen')
  }
  await closeQuietly(maildrop, 'maildrop', log)
}

/** Starts TLS. Failing is the client's affair: scanners do it all day. */
async function secure(wire: Wire, { tls, meet, log }: ConnectionOptions): Promise<Authorization | Closed> {
  if (tls === undefined) throw new Error('TLS is to begin and there is no certificate')
  try {
    return authorization(meet({ tls: true, ...(await wire.secure(tls)) }))
  } catch (thrown) {
    log.debug({ err: thrown }, 'no TLS')
    wire.destroy()
    return CLOSED
  }
}

/** Has a line answered, at once where nothing is to be waited for; what is thrown on the way becomes the reply. */
function attempt(session: Session, line: Line, wire: Wire, options: ConnectionOptions): Step | Promise<Step> {
  const { texts } = session.peer
  if (session.state === 'transaction' && session.maildrop.revoked?.aborted === true)
    return { reply: refused(texts.revoked, 'SYS/PERM'), next: CLOSED }
  if (wire.stopping) return { reply: refused(texts.shuttingDown, 'SYS/TEMP'), next: CLOSED }
  if (line.kind === 'too-long' || line.text.length + 2 > longest(session, line.text, options.limits))
    return {
      reply: wrong(texts.lineTooLong),
      next: session.state === 'authentication' ? session.before : session,
    }
  const review = (step: Step): Step => reviewed(step, session, line.text, wire, options.log)
  try {
    const step = answer(session, line.text, options.backend)
    return step instanceof Promise
      ? step.then(review, (thrown) => review({ reply: failed(thrown) }))
      : review(step)
  } catch (thrown) {
    return review({ reply: failed(thrown) })
  }
}

/** What the log is to know of a step, and what the wire forbids that the handler does not see. */
function reviewed(step: Step, session: Session, line: string, wire: Wire, log: Log): Step {
  // Whoever put octets behind STLS wants them carried out under TLS, or was robbed of the answer (RFC 2595 §4).
  if (step.next?.state === 'handshake' && wire.pendingOctets > 0)
    return { reply: refused(session.peer.texts.nothingBehindStls), next: CLOSED }
  if (step.reply.kind === 'wrong') log.debug({ command: shown(session, line) }, 'wrong command')
  if (step.reply.kind === 'failed') noteFailure(step.reply.cause, log, shown(session, line))
  return step
}

/** What has no name among the failures is a bug, and told with its stack. */
function noteFailure(cause: unknown, log: Log, command: string): void {
  const code = failureCode(cause)
  if (code === undefined) log.error({ err: cause, command }, 'bug in a command')
  else if (code.startsWith('store.')) log.error({ err: cause, code, command }, 'the store failed a command')
  else log.info({ err: cause, code, command }, 'command failed')
}

/**
 * Goes to the next state. The maildrop of a state that is left is closed before anything else happens, and an
 * exchange that is left without having signed anybody in is abandoned.
 */
async function move(session: State, next: State, log: Log): Promise<State> {
  if (session.state === 'authentication' && next !== session && next.state !== 'transaction')
    session.exchange.abandon()
  if (session.state !== 'transaction' && next.state === 'transaction')
    log.info({ account: next.user, messages: next.maildrop.entries.length }, 'signed in')
  if (session.state !== 'transaction' || next.state === 'transaction') return next
  if (next.state === 'closed' && next.seen !== undefined) return next
  await closeQuietly(session.maildrop, 'maildrop', log)
  return next
}

type MessageReply = Extract<Reply, { kind: 'message' }>

/**
 * Sends a message, at once when it is at hand and the client takes it. One that cannot be read at all becomes a
 * refusal; one that breaks off is thrown.
 * @returns whether all of it was sent
 */
function deliver(wire: Wire, reply: MessageReply, peer: Peer, log: Log): boolean | Promise<boolean> {
  try {
    const sending = send(wire, reply, peer.texts)
    if (sending !== undefined) return deliverSlowly(wire, reply, peer, log, sending)
  } catch (thrown) {
    return deliverSlowly(wire, reply, peer, log, Promise.reject(thrown))
  }
  const closing = closeQuietly(reply.message, 'message', log)
  return closing === undefined ? !wire.broken : closing.then(() => !wire.broken)
}

async function deliverSlowly(
  wire: Wire,
  reply: MessageReply,
  peer: Peer,
  log: Log,
  sending: Promise<void>,
): Promise<boolean> {
  try {
    await sending
    return !wire.broken
  } catch (thrown) {
    if (thrown instanceof TruncatedMessage) throw thrown
    noteFailure(thrown, log, 'reading a message')
    await send(wire, failed(thrown), peer.texts)
    return false
  } finally {
    const closing = closeQuietly(reply.message, 'message', log)
    if (closing !== undefined) await closing
  }
}

function noteRetrieved({ retrieved }: Transaction, { retrieves }: MessageReply): void {
  if (retrieves !== undefined) retrieved.add(retrieves)
}

/** What cannot be closed is no matter of the client, whose command is done: the log is told. */
function closeQuietly(
  resource: { close(): Promise<void> | undefined },
  what: string,
  log: Log,
): Promise<void> | undefined {
  const complain = (thrown: unknown): void => log.error({ err: thrown }, `${what} could not be closed`)
  try {
    return resource.close()?.catch(complain)
  } catch (thrown) {
    complain(thrown)
    return undefined
  }
}
