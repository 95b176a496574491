/**
 * The wall around `smtp-server`: the one file that knows its inside.
 *
 * Its callbacks become promises of `Reply`, and what it gets wrong for us is overridden member by member.
 * The members may change in a patch release, hence the exact pin in package.json and one test for each
 * override (test/unit/smtp/wall.test.ts). Read with node_modules/smtp-server/dist/esm/smtp-connection.js.
 */
import type { Socket } from 'node:net'
import {
  SMTPServer,
  type SMTPServerAddress,
  type SMTPServerDataStream,
  type SMTPServerSession,
} from 'smtp-server'
import { SMTPConnection, type SMTPConnectionOptions } from 'smtp-server/lib/smtp-connection.js'
import { refusedLine } from './command-line.js'
import { HungUp } from './hung-up.js'
import type { Reply } from './reply.js'

/** The client of one connection, as our code sees it; the same object from greeting to end. */
export interface SmtpClient {
  /** Random, for the log. */
  readonly id: string
  readonly address: string
  /** What HELO or EHLO said, lower case. */
  readonly heloName: string
  /** Registered `with` protocol type (RFC 3848). */
  readonly protocol: string
}

/** What our side answers. A reply of 4xx or 5xx refuses; nothing here may throw. */
export interface SmtpHandlers {
  /** `undefined` welcomes the client; a 4xx or 5xx reply takes the place of the greeting. */
  connect(client: SmtpClient): Reply | undefined
  /** @param declaredOctets what SIZE= says (RFC 1870 §6.1), 0 when it is not given */
  mail(client: SmtpClient, reversePath: string, declaredOctets: number): Promise<Reply>
  rcpt(client: SmtpClient, forwardPath: string): Promise<Reply>
  /** Must read the stream to its end whatever happens; it fails with `HungUp` when the client leaves in the middle. */
  data(client: SmtpClient, message: AsyncIterable<Buffer>): Promise<Reply>
  /** The transaction ended: RSET, a new HELO, the reply after DATA. */
  reset(client: SmtpClient): void
  close(client: SmtpClient): void
  error(client: SmtpClient | undefined, error: Error): void
}

export interface WallOptions {
  /** Our name in the greeting and the HELO reply. */
  readonly name: string
  /** Announced as SIZE; `data` holds it. */
  readonly maxMessageOctets: number
  /** Recipients for one message (RFC 5321 §4.5.3.1.8 asks for 100 at least). */
  readonly maxRecipients: number
  /** How long a silent client is waited for; five minutes in RFC 5321 §4.5.3.2.7. */
  readonly idleMs: number
}

class WalledConnection extends SMTPConnection {
  readonly #wall: WalledServer

  constructor(wall: WalledServer, socket: Socket, options?: SMTPConnectionOptions | null) {
    super(wall, socket, options)
    this.#wall = wall
  }

  /** Ours greets as soon as the socket had one turn to show an early talker, not after 100 ms. */
  override init(): void {
    this._setListeners(() => setImmediate(() => this.connectionReady()))
  }

  /** A line that is refused as it stands does not end the session; beyond 16 KiB the library does, with 421. */
  override _onCommand(command: Buffer, callback?: () => void): void {
    const next = (): void => {
      // A reply that was under way when the drain began is out now.
      if (this.#wall.draining && !this.busy) this.sayGoodbye()
      else callback?.()
    }
    const refused = this._ready ? refusedLine(command) : undefined
    if (refused === undefined) {
      super._onCommand(command, next)
      // The library believes a hello before it looks at it; its session knows the one it accepted.
      this.openingCommand = this.session.openingCommand
      return
    }
    this.send(refused.code, textOf(refused))
    setImmediate(() => this._whenWritable(next))
  }

  /** Our replies carry their status codes in their text; the library's own get its table's. */
  override send(code: number, data?: string | string[] | null, context?: string | false): void {
    const ours = (context === 'RCPT_TO_OK' ? this.#wall.rcptReply : undefined) ?? data
    if (typeof ours !== 'string' || !/^[245]\.\d{1,3}\.\d{1,3} /.test(ours))
      // LHLO is a hello to LMTP only; here it is no command, and its reply has a status like any other's.
      return super.send(code, data, context === 'LHLO' ? undefined : context)
    const lines = ours.split('\n')
    super.send(code, lines.length === 1 ? ours : lines, false)
  }

  /** The address stays as it was written; the library would turn `xn--` domains into Unicode. */
  override _parseAddressCommand(
    name: string,
    command: Buffer | string,
  ): ReturnType<SMTPConnection['_parseAddressCommand']> {
    const parsed = super._parseAddressCommand(name, command)
    if (parsed === false) return false
    const written = /<(?:@[^:>]*:)?([^>]*)>/.exec(command.toString())?.[1] ?? ''
    return isAscii(written) ? { ...parsed, address: written } : false
  }

  override _resetSession(): void {
    super._resetSession()
    this.#wall.reset(this.session)
    if (this.#wall.draining) setImmediate(() => this.sayGoodbye())
  }

  /** Whether a message or a reply of ours is under way. */
  get busy(): boolean {
    return Boolean(this._dataStream) || this._handlerPending
  }

  sayGoodbye(): void {
    if (!this._closing) this.send(421, '4.3.2 the server is shutting down; try again later')
    this._socket.destroySoon()
  }
}

/** The message as it arrives. @throws HungUp */
async function* octetsOf(stream: SMTPServerDataStream): AsyncIterable<Buffer> {
  try {
    yield* stream
  } catch (error) {
    throw new HungUp({ cause: error })
  }
}

function isAscii(text: string): boolean {
  return /^[\u0000-\u007f]*$/.test(text)
}

/** The library's server with our connections and our handlers in it. */
export class WalledServer extends SMTPServer {
  /** The text of the RCPT reply that is being sent right now. */
  rcptReply: string | undefined
  /** Set once the server takes no new work. */
  draining = false
  readonly #handlers: SmtpHandlers
  readonly #clients = new WeakMap<SMTPServerSession, SmtpClient>()
  /** Handlers of ours under way, also those whose client has gone. */
  readonly #underWay = new Set<Promise<void>>()

  constructor(options: WallOptions, handlers: SmtpHandlers) {
    super({
      name: options.name,
      banner: 'Relais',
      heloResponse: '%s',
      size: options.maxMessageOctets,
      maxRecipients: options.maxRecipients,
      socketTimeout: options.idleMs,
      authMethods: [],
      authOptional: true,
      disabledCommands: ['AUTH', 'STARTTLS', 'WIZ', 'SHELL', 'KILL', 'XCLIENT', 'XFORWARD'],
      hideENHANCEDSTATUSCODES: false,
      hideSMTPUTF8: true,
      hideDSN: true,
      hideREQUIRETLS: true,
      disableReverseLookup: true,
      logger: false,
    })
    this.#handlers = handlers
    this.on('error', (error: Error) => handlers.error(undefined, error))
  }

  override connect(socket: Socket, socketOptions?: SMTPConnectionOptions | null): void {
    const connection = new WalledConnection(this, socket, socketOptions)
    this.connections.add(connection)
    connection.on('error', (error: Error) =>
      this.#handlers.error(this.#clients.get(connection.session), error),
    )
    connection.init()
  }

  override onConnect(session: SMTPServerSession, callback: (error?: Error | null) => void): void {
    callback(refusal(this.#handlers.connect(this.#client(session))))
  }

  override onMailFrom(
    path: SMTPServerAddress,
    session: SMTPServerSession,
    callback: (error?: Error | null) => void,
  ): void {
    const declaredOctets = Number((path.args || {})['SIZE'] ?? 0)
    this.#attend(
      this.#handlers
        .mail(this.#client(session), path.address, declaredOctets)
        .then((reply) => callback(refusal(reply))),
    )
  }

  override onRcptTo(
    path: { address: string },
    session: SMTPServerSession,
    callback: (error?: Error | null) => void,
  ): void {
    this.#attend(
      this.#handlers.rcpt(this.#client(session), path.address).then((reply) => {
        this.rcptReply = textOf(reply)
        callback(refusal(reply))
        this.rcptReply = undefined
      }),
    )
  }

  override onData(
    stream: SMTPServerDataStream,
    session: SMTPServerSession,
    callback: (error?: Error | null, message?: string) => void,
  ): void {
    this.#attend(
      this.#handlers
        .data(this.#client(session), octetsOf(stream))
        .then((reply) => callback(refusal(reply), textOf(reply))),
    )
  }

  override onClose(session: SMTPServerSession): void {
    const client = this.#clients.get(session)
    if (client !== undefined) this.#handlers.close(client)
  }

  #attend(work: Promise<void>): void {
    this.#underWay.add(work)
    void work.finally(() => this.#underWay.delete(work))
  }

  /**
   * Refuses new connections, lets what is under way finish for at most `graceMs`, ends the rest.
   * Resolves when no handler is at work any more: nothing is written after it.
   */
  async drain(graceMs: number): Promise<void> {
    this.draining = true
    this.options.closeTimeout = graceMs
    // Taken now: at the end of the grace the library forgets connections that it only half closes.
    const connections = [...this.#walledConnections()]
    const closed = new Promise<void>((resolve) => this.close(resolve))
    for (const connection of connections) if (!connection.busy) connection.sayGoodbye()
    await closed
    for (const connection of connections) connection._socket.destroy()
    await Promise.all(this.#underWay)
  }

  *#walledConnections(): Iterable<WalledConnection> {
    for (const connection of this.connections) if (connection instanceof WalledConnection) yield connection
  }

  reset(session: SMTPServerSession): void {
    const client = this.#clients.get(session)
    if (client !== undefined) this.#handlers.reset(client)
  }

  #client(session: SMTPServerSession): SmtpClient {
    const known = this.#clients.get(session)
    if (known !== undefined) return known
    const client: SmtpClient = {
      id: session.id,
      address: session.remoteAddress,
      get heloName() {
        return session.hostNameAppearsAs || 'unknown'
      },
      get protocol() {
        return session.transmissionType
      },
    }
    this.#clients.set(session, client)
    return client
  }
}

function textOf(reply: Reply): string {
  return reply.lines.map((line) => `${reply.status} ${line}`).join('\n')
}

/** A reply as the library takes refusals: an error with a response code. */
function refusal(reply: Reply | undefined): Error | null {
  if (reply === undefined || reply.code < 400) return null
  return Object.assign(new Error(textOf(reply)), { responseCode: reply.code })
}
