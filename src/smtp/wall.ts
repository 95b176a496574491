/**
 * The wall around `smtp-server`: with `wall-connection.ts` and `wall-parser.ts` the only files that know its inside.
 *
 * Its callbacks become promises of `Reply`, and what it gets wrong for us is overridden member by member.
 * The members may change in a patch release, hence the exact pin in package.json and one test for each
 * override (test/unit/smtp/wall.test.ts). Read with node_modules/smtp-server/dist/esm/smtp-connection.js.
 */
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server'
import type { SMTPConnectionOptions } from 'smtp-server/lib/smtp-connection.js'
import { clientNetwork } from '../base/client-network.js'
import { createConnectionCounter, type ConnectionCounter } from '../base/connection-counter.js'
import type { TlsContexts } from '../base/tls.js'
import type { SmtpHandlers } from './client.js'
import { HungUp } from './hung-up.js'
import type { Pace } from './pace.js'
import { textOf, type Reply } from './reply.js'
import { HANDSHAKE_MS, WalledConnection } from './wall-connection.js'

export interface WallOptions {
  /** Our name in the greeting and the HELO reply. */
  readonly name: string
  /** LMTP (RFC 2033) in the place of SMTP. */
  readonly lmtp: boolean
  /** Announced as SIZE; `data` holds it. */
  readonly maxMessageOctets: number
  /** Connections of one client address that may be in the middle of a handshake at once. */
  readonly maxHandshakesPerAddress: number
  /** Recipients for one message (RFC 5321 §4.5.3.1.8 asks for 100 at least); announced (RFC 9422). */
  readonly maxRecipients: number
  /** How long a silent client is waited for; five minutes in RFC 5321 §4.5.3.2.7. */
  readonly idleMs: number
  readonly pace: Pace
  /** The wrong command that ends the session. */
  readonly wrongCommands: number
  /** Whether AUTH is a command here at all; whom it is announced to say the handlers. */
  readonly offersAuth: boolean
  /** RFC 3461. */
  readonly dsn: boolean
  /** STARTTLS, or TLS from the start; without it neither. */
  readonly tls: TlsContexts | undefined
  readonly implicitTls: boolean
  /** How often slow clients are looked for. */
  readonly sweepMs: number
}

/** The library's server with our connections and our handlers in it. */
export class WalledServer extends SMTPServer {
  /** Set once the server takes no new work. */
  draining = false
  readonly #options: WallOptions
  readonly #handlers: SmtpHandlers
  readonly #bySession = new WeakMap<SMTPServerSession, WalledConnection>()
  /** Handlers of ours under way, also those whose client has gone. */
  readonly #underWay = new Set<Promise<void>>()
  /** Sockets that we have ended and still read, by the timer that destroys them. */
  readonly #lingering = new Map<Socket, NodeJS.Timeout>()
  readonly #sweeper: NodeJS.Timeout
  readonly #handshakes: ConnectionCounter

  constructor(options: WallOptions, handlers: SmtpHandlers) {
    super({
      // For the listener: a client that has said all and ended its side still hears every reply.
      allowHalfOpen: true,
      name: options.name,
      banner: 'Relais',
      heloResponse: '%s',
      lmtp: options.lmtp,
      secure: options.implicitTls,
      size: options.maxMessageOctets,
      socketTimeout: options.idleMs,
      authMethods: [],
      authOptional: true,
      disabledCommands: [
        ...(options.tls === undefined ? ['STARTTLS'] : []),
        ...(options.offersAuth ? [] : ['AUTH']),
        'WIZ',
        'SHELL',
        'KILL',
        'XCLIENT',
        'XFORWARD',
      ],
      hideENHANCEDSTATUSCODES: false,
      disableReverseLookup: true,
      logger: false,
    })
    this.#options = options
    this.#handlers = handlers
    this.#handshakes = createConnectionCounter({
      inAll: Number.POSITIVE_INFINITY,
      perAddress: options.maxHandshakesPerAddress,
    })
    this.#sweeper = setInterval(() => this.#sweep(), options.sweepMs)
    this.#sweeper.unref()
    this.on('error', (error: Error) => handlers.error(undefined, error))
  }

  /** A clock that never goes back. */
  nowMs(): number {
    return performance.now()
  }

  #sweep(): void {
    const nowMs = this.nowMs()
    for (const connection of this.#walledConnections()) connection.sweep(nowMs)
  }

  /** The library would make a context of its published key, for TLS 1.0. There is none but ours, from `current()`. */
  override updateSecureContext(): void {
    this.secureContext = new Map()
  }

  /** Each handshake asks anew, so that a reloaded certificate holds from the next one on. */
  useNewestCertificate(): void {
    const { tls } = this.#options
    if (tls !== undefined) this.secureContext.set('*', tls.current())
  }

  /** A handshake that never ends is a connection as well: they are counted before anybody can be greeted. */
  override _acceptSocket(socket: Socket, handshake: boolean): (() => void) | false {
    if (!handshake) return super._acceptSocket(socket, handshake)
    // A client that leaves in the middle of a handshake is gone.
    socket.allowHalfOpen = false
    const address = clientNetwork(socket.remoteAddress ?? '')
    if (!this.#handshakes.enter(address)) {
      socket.on('error', () => {})
      socket.destroy()
      return false
    }
    const release = super._acceptSocket(socket, handshake)
    let left = false
    return () => {
      if (!left) this.#handshakes.leave(address)
      left = true
      if (release !== false) release()
    }
  }

  /** TLS from the start. */
  override _upgrade(socket: Socket, callback: (error: Error | null, tlsSocket?: TLSSocket) => void): void {
    this.useNewestCertificate()
    const giveUp = setTimeout(() => (this._pendingSockets.get(socket) ?? socket).destroy(), HANDSHAKE_MS)
    giveUp.unref()
    super._upgrade(socket, (error, tlsSocket) => {
      clearTimeout(giveUp)
      callback(error ?? null, tlsSocket)
    })
  }

  override connect(socket: Socket, socketOptions?: SMTPConnectionOptions | null): void {
    const connection = new WalledConnection(this, this.#handlers, this.#options, socket, socketOptions)
    this.#bySession.set(connection.session, connection)
    this.connections.add(connection)
    connection.on('error', (error: Error) => this.#handlers.error(connection.client, error))
    connection.init()
  }

  override onConnect(session: SMTPServerSession, callback: (error?: Error | null) => void): void {
    callback(refusal(this.#handlers.connect(this.#connection(session).client)))
  }

  override onSecure(
    _socket: Socket,
    session: SMTPServerSession,
    callback: (error?: Error | null) => void,
  ): void {
    this.#connection(session).secured()
    callback()
  }

  override onData(
    stream: SMTPServerDataStream,
    session: SMTPServerSession,
    callback: (error?: Error | null, message?: string | (string | Error)[]) => void,
  ): void {
    const connection = this.#connection(session)
    // It may fail while nobody reads it any more.
    stream.on('error', () => {})
    this.attend(async () => {
      const given = await this.#handlers.data(connection.client, octetsOf(stream))
      const replies: readonly Reply[] = 'code' in given ? [given] : given
      const [first] = replies
      if (replies.some(({ code }) => code < 400)) connection.forgive()
      if (first?.closes === true || first?.code === 421) connection.dismiss(...replies)
      else if (first !== undefined && !this.#options.lmtp) callback(refusal(first), textOf(first))
      else
        callback(
          null,
          replies.map((reply) => refusal(reply) ?? textOf(reply)),
        )
    })
  }

  override onClose(session: SMTPServerSession): void {
    this.#handlers.close(this.#connection(session).client)
  }

  /** Work of ours that a stop waits for. */
  attend(work: () => Promise<void>): void {
    const underWay = work()
    this.#underWay.add(underWay)
    void underWay.finally(() => this.#underWay.delete(underWay))
  }

  /** Reads an ended connection on for a while, then destroys it. */
  linger(socket: Socket, forMs: number): void {
    if (socket.destroyed || this.#lingering.has(socket)) return
    const timer = setTimeout(() => socket.destroy(), forMs)
    timer.unref()
    this.#lingering.set(socket, timer)
    socket.once('close', () => {
      clearTimeout(timer)
      this.#lingering.delete(socket)
    })
  }

  /**
   * Refuses new connections, lets what is under way finish for at most `graceMs`, ends the rest.
   * Resolves when no handler is at work any more: nothing is written after it.
   */
  async drain(graceMs: number): Promise<void> {
    this.draining = true
    clearInterval(this.#sweeper)
    this.options.closeTimeout = graceMs
    // Taken now: at the end of the grace the library forgets connections that it only half closes.
    const connections = [...this.#walledConnections()]
    const closed = new Promise<void>((resolve) => this.close(resolve))
    for (const connection of connections) if (!connection.busy) connection.sayGoodbye()
    for (const socket of this.#lingering.keys()) socket.destroySoon()
    await closed
    for (const connection of connections) connection.destroy()
    for (const socket of this.#lingering.keys()) socket.destroy()
    await Promise.all(this.#underWay)
  }

  *#walledConnections(): Iterable<WalledConnection> {
    for (const connection of this.connections) if (connection instanceof WalledConnection) yield connection
  }

  #connection(session: SMTPServerSession): WalledConnection {
    const connection = this.#bySession.get(session)
    if (connection === undefined) throw new Error('a session that is none of ours')
    return connection
  }
}

/** The message as it arrives. @throws HungUp */
async function* octetsOf(stream: SMTPServerDataStream): AsyncIterable<Buffer> {
  try {
    yield* stream
  } catch (error) {
    throw error instanceof HungUp ? error : new HungUp({ cause: error })
  }
}

/** A reply as the library takes refusals: an error with a response code. */
function refusal(reply: Reply | undefined): Error | null {
  if (reply === undefined || reply.code < 400) return null
  return Object.assign(new Error(textOf(reply)), { responseCode: reply.code })
}
