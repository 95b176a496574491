/**
 * One connection of the wall: what the library's connection gets wrong for us, overridden member by member.
 * Part of the wall (`wall.ts`), with one test for each override in test/unit/smtp/wall.test.ts.
 */
import type { Socket } from 'node:net'
import { SMTPConnection, type SMTPConnectionOptions } from 'smtp-server/lib/smtp-connection.js'
import type { SMTPStream } from 'smtp-server/lib/smtp-stream.js'
import type { SmtpClient, SmtpHandlers } from './client.js'
import { refusedLine } from './command-line.js'
import { readMail, readRcpt, type Extensions } from './envelope-command.js'
import { HungUp } from './hung-up.js'
import { last, reply, textOf, type Reply } from './reply.js'
import { tooSlow } from './pace.js'
import type { WallOptions, WalledServer } from './wall.js'
import { WalledParser } from './wall-parser.js'

/** How long the input of a connection that we end is read on, so that the client sees the reply and no reset. */
const DRAIN_MS = 2000
/** A handshake that takes longer is none. */
export const HANDSHAKE_MS = 30_000

const SHUTTING_DOWN = reply(421, '4.3.2', 'the server is shutting down; try again later')
const TOO_SOON = reply(421, '4.7.0', 'you talk too soon; the greeting comes first')
/** RFC 2033 §4.1. */
const NO_HELLO_OF_LMTP = reply(500, '5.5.1', 'LMTP is spoken here: LHLO takes the place of HELO and EHLO')
const NONSENSE = {
  broken: last(reply(500, '5.5.2', 'a command ends with CRLF and holds neither CR, LF nor NUL')),
  endless: reply(421, '4.7.0', 'the line has no end'),
} as const
const HELLOS: ReadonlySet<string> = new Set(['HELO', 'EHLO', 'LHLO'])
/** Replies that tell of a client which does not speak SMTP (RFC 5321 §4.2.4). */
const WRONG: ReadonlySet<number> = new Set([500, 501, 502, 503, 504, 555])

export class WalledConnection extends SMTPConnection {
  readonly client: SmtpClient
  readonly #wall: WalledServer
  readonly #options: WallOptions
  readonly #handlers: SmtpHandlers
  #wrongCommands = 0
  /** RFC 6531: MAIL of this transaction said SMTPUTF8. */
  #smtpUtf8 = false
  /** Gives up waiting for the next line of a sign-in. */
  #hangUpOnSignIn: (() => void) | undefined
  /** The TLS socket while its handshake runs over the old one. */
  #handshake: Socket | undefined
  /** When the client's turn began, by the wall's clock: to greet, to say a command, or to send its message. */
  #turnBeganMs: number

  constructor(
    wall: WalledServer,
    handlers: SmtpHandlers,
    options: WallOptions,
    socket: Socket,
    socketOptions?: SMTPConnectionOptions | null,
  ) {
    super(wall, socket, socketOptions)
    this.#wall = wall
    this.#options = options
    this.#handlers = handlers
    this.#turnBeganMs = wall.nowMs()
    this.client = this.#asClient()
  }

  #asClient(): SmtpClient {
    const { session, remoteAddress } = this
    const isSecure = (): boolean => this.secure
    const isUtf8 = (): boolean => this.#smtpUtf8
    return {
      id: this.id,
      address: remoteAddress === '' ? 'local' : remoteAddress,
      get heloName() {
        return session.hostNameAppearsAs || 'unknown'
      },
      get protocol() {
        return withUtf8(session.transmissionType, isUtf8())
      },
      get secure() {
        return isSecure()
      },
      dismiss: (given) => this.dismiss(given),
    }
  }

  /** Ours greets as soon as the socket had one turn to show an early talker, not after 100 ms. */
  override init(): void {
    this._setListeners(() => setImmediate(() => this.connectionReady()))
  }

  /** Called by the library's constructor, before any field of ours exists. */
  override _createParser(): SMTPStream {
    const parser = new WalledParser({
      command: (octets, next) => this._onCommand(octets, next),
      nonsense: (kind) => this.dismiss(NONSENSE[kind]),
    })
    parser.on('error', (error: Error) => this._onError(error))
    // The client ended its side and all that it said is answered; a message without its end never gets one.
    parser.on('finish', () => {
      if (this._parser === parser) this._socket.destroySoon()
    })
    return parser
  }

  /** A line that is refused as it stands does not end the session. */
  override _onCommand(command: Buffer, callback?: () => void): void {
    this.#turnBeganMs = this.#wall.nowMs()
    const next = (): void => {
      this.#turnBeganMs = this.#wall.nowMs()
      // A reply that was under way when the drain began is out now.
      if (this.#wall.draining && !this.busy) this.sayGoodbye()
      else callback?.()
    }
    if (!this._ready && !this._upgrading && !this._closing) return this.say(TOO_SOON)
    // The library's own count is not ours.
    this._unrecognizedCommands = 0
    const looksAtLine = this._ready && !this._upgrading && !this._nextHandler
    const refused = looksAtLine ? this.#refused(command) : undefined
    if (refused === undefined) {
      super._onCommand(command, next)
      // The library believes a hello before it looks at it; its session knows the one it accepted.
      this.openingCommand = this.session.openingCommand
      return
    }
    this.say(refused)
    setImmediate(() => this._whenWritable(next))
  }

  #refused(command: Buffer): Reply | undefined {
    const isHello = /^(?:HELO|EHLO)(?: |$)/i.test(command.toString('latin1', 0, 5))
    return this.#options.lmtp && isHello ? NO_HELLO_OF_LMTP : refusedLine(command, this.#extensions)
  }

  say(given: Reply): void {
    if (given.closes === true) this.dismiss(given)
    else this.send(given.code, textOf(given), false)
  }

  /**
   * The only place that writes. Replies of ours carry their status codes, the library's get its table's, on every
   * line (RFC 2034 §4). A client that has ended its side hears them as well; during a handshake nothing is said.
   * Too many wrong commands end the session.
   */
  override send(code: number, data?: string | string[] | null, context?: string | false): void {
    if (WRONG.has(code)) this.#wrongCommands += 1
    if (WRONG.has(code) && this.#wrongCommands >= this.#options.wrongCommands)
      return this.#write(421, ['4.7.0 too many wrong commands'])
    const lines = typeof data === 'string' ? data.split('\n') : (data ?? [''])
    if (lines.every((line) => /^[245]\.\d{1,3}\.\d{1,3} /.test(line))) return this.#write(code, lines)
    // What greets has no status (RFC 2034 §4); a refusal has one, also that of a hello.
    const isRefusedHello = code >= 400 && (context === false || HELLOS.has(context ?? ''))
    const status = this._getEnhancedStatusCode(code, isRefusedHello ? undefined : context)
    return this.#write(code, status === '' ? lines : lines.map((line) => `${status} ${line}`))
  }

  #write(code: number, lines: readonly string[]): void {
    const text = lines
      .map(
        (line, at) =>
          `${code}${at + 1 < lines.length ? '-' : ' '}${line.replace(/[\u0000-\u001f\u007f]/g, ' ')}`,
      )
      .join('\r\n')
    if (!this._upgrading && this._socket.writable) this._socket.write(`${text}\r\n`)
    if (code !== 421) return
    this.close()
    this.#linger()
  }

  /** @param replies the last words; of those that end the connection by themselves only the first is said */
  dismiss(...replies: readonly Reply[]): void {
    if (this._closing || this._closed) return
    for (const given of replies) if (!this._closing) this.send(given.code, textOf(given), false)
    this.close()
    this.#linger()
    // Whoever reads a message from here gets no more of it.
    if (this._dataStream && !this._dataStream.writableEnded) this._dataStream.destroy(new HungUp())
  }

  /** A message was taken: what was said wrongly before is forgotten. */
  forgive(): void {
    this.#wrongCommands = 0
  }

  #linger(): void {
    this.#wall.linger(this._socket, DRAIN_MS)
  }

  /** Called every second or so. */
  sweep(nowMs: number): void {
    const sinceMs = nowMs - this.#turnBeganMs
    if (this.#handshake !== undefined) {
      if (sinceMs > HANDSHAKE_MS) this.#handshake.destroy()
    } else if (this._dataStream && this._parser && this._parser._dataMode) {
      if (tooSlow(this.#options.pace, sinceMs, this._parser.dataBytes))
        this.dismiss(reply(421, '4.4.2', 'the message comes too slowly'))
    } else if (!this.busy && sinceMs > this.#options.idleMs) {
      this.dismiss(reply(421, '4.4.2', 'waited too long for a command'))
    }
  }

  /** Remembers the socket of a handshake: it is the one to end when the handshake must end. */
  override _armTimeout(socket?: Socket): void {
    if (socket !== undefined && this._upgrading) this.#handshake = socket
    super._armTimeout(socket)
  }

  override upgrade(callback: () => void, secureCallback?: () => void): void {
    this.#wall.useNewestCertificate()
    // A client that leaves in the middle of a handshake is gone.
    this._socket.allowHalfOpen = false
    this.#turnBeganMs = this.#wall.nowMs()
    super.upgrade(callback, secureCallback)
  }

  /** Called by the wall once TLS is on. */
  secured(): void {
    this.#handshake = undefined
    this.#turnBeganMs = this.#wall.nowMs()
    this.#handlers.secured(this.client)
  }

  override _resetSession(): void {
    super._resetSession()
    this.#smtpUtf8 = false
    this.#handlers.reset(this.client)
    if (this.#wall.draining) setImmediate(() => this.sayGoodbye())
  }

  override _onClose(): void {
    this.#hangUpOnSignIn?.()
    super._onClose()
  }

  /** Announces what fully works on this connection and nothing else. */
  override handler_EHLO(command: Buffer, callback: () => void): void {
    const [, name = '', ...more] = command.toString().trim().split(/\s+/)
    if (name === '' || more.length > 0 || name.length > 300 || /[\u0000-\u001f\u007f]/.test(name)) {
      this.say(reply(501, '5.5.4', `${this.#options.lmtp ? 'LHLO' : 'EHLO'} takes the name of the client`))
      return callback()
    }
    this.hostNameAppearsAs = name.toLowerCase()
    this._resetSession()
    this.send(250, [this.name, ...this.#keywords()], false)
    return callback()
  }

  #keywords(): readonly string[] {
    const { maxMessageOctets, maxRecipients, lmtp, dsn, tls } = this.#options
    const mechanisms = this.session.user ? [] : this.#handlers.mechanisms(this.client)
    return [
      'PIPELINING',
      '8BITMIME',
      'ENHANCEDSTATUSCODES',
      'SMTPUTF8',
      ...(dsn ? ['DSN'] : []),
      ...(mechanisms.length > 0 ? [`AUTH ${mechanisms.join(' ')}`] : []),
      ...(tls !== undefined && !this.secure ? ['STARTTLS'] : []),
      ...(this.secure && !lmtp ? ['REQUIRETLS'] : []),
      `SIZE ${maxMessageOctets}`,
      `LIMITS RCPTMAX=${maxRecipients}`,
    ]
  }

  get #extensions(): Extensions {
    const { maxMessageOctets, lmtp, dsn, offersAuth } = this.#options
    return { maxMessageOctets, dsn, auth: offersAuth, requireTls: this.secure && !lmtp }
  }

  override handler_MAIL(command: Buffer, callback: () => void): void {
    const mail = readMail(command, this.#extensions)
    if (mail.kind === 'refused') return this.#answer(mail.reply, callback)
    const { envelope } = this.session
    if (envelope.mailFrom) return this.#answer(reply(503, '5.5.1', 'a mail transaction is open'), callback)
    this.#smtpUtf8 = mail.command.smtpUtf8
    return this.#wall.attend(async () => {
      const answered = await this.#handlers.mail(this.client, mail.command)
      if (answered.code < 400) envelope.mailFrom = { address: mail.command.reversePath, args: false }
      else this.#smtpUtf8 = false
      this.#answer(answered, callback)
    })
  }

  override handler_RCPT(command: Buffer, callback: () => void): void {
    const { envelope } = this.session
    const rcpt = readRcpt(command, this.#extensions, this.#smtpUtf8)
    if (rcpt.kind === 'refused') return this.#answer(rcpt.reply, callback)
    if (!envelope.mailFrom) return this.#answer(reply(503, '5.5.1', 'MAIL comes first'), callback)
    const { forwardPath } = rcpt.command
    const key = forwardPath.toLowerCase()
    // One named again is none more, but in LMTP each has its own reply.
    const isNew = this.#options.lmtp || !this._rcptIndex.has(key)
    if (isNew && envelope.rcptTo.length >= this.#options.maxRecipients)
      return this.#answer(
        reply(452, '4.5.3', 'too many recipients; send the message again for the others'),
        callback,
      )
    return this.#wall.attend(async () => {
      const answered = await this.#handlers.rcpt(this.client, rcpt.command)
      if (answered.code < 400 && isNew) {
        this._rcptIndex.set(key, envelope.rcptTo.length)
        envelope.rcptTo.push({ address: forwardPath, args: false })
      }
      this.#answer(answered, callback)
    })
  }

  /** The library's knows other mechanisms, other orders and no house; RFC 4954 §4. */
  override handler_AUTH(command: Buffer, callback: () => void): void {
    if (this.session.user) return this.#answer(reply(503, '5.5.1', 'already signed in'), callback)
    if (this.session.envelope.mailFrom)
      return this.#answer(reply(503, '5.5.1', 'not within a mail transaction'), callback)
    let resume = callback
    const ask = (challenge: Buffer): Promise<string> =>
      new Promise((resolve, reject) => {
        this.#hangUpOnSignIn = () => reject(new HungUp())
        if (this._closing || this._closed) return reject(new HungUp())
        this._nextHandler = (line, next) => {
          resume = next
          resolve(line.toString('latin1'))
        }
        this.send(334, challenge.toString('base64'), false)
        return resume()
      })
    return this.#wall.attend(async () => {
      const answered = await this.#handlers.auth(this.client, command.toString('latin1', 4).trim(), ask)
      this.#hangUpOnSignIn = undefined
      if (answered.code === 235) this.session.user = 'signed in'
      this.session.transmissionType = this._transmissionType()
      this.#answer(answered, resume)
    })
  }

  override handler_VRFY(command: Buffer, callback: () => void): void {
    const answer =
      command.toString('latin1', 4).trim() === ''
        ? reply(501, '5.5.4', 'VRFY takes a name')
        : reply(252, '2.5.0', 'names are not verified; a message tells')
    this.#answer(answer, callback)
  }

  override handler_HELP(_command: Buffer, callback: () => void): void {
    this.#answer(reply(214, '2.0.0', 'RFC 5321 tells what can be said here'), callback)
  }

  /** Not overridden: the library finds a command's handler by this name, and has none for EXPN. */
  handler_EXPN(_command: Buffer, callback: () => void): void {
    this.#answer(reply(502, '5.5.1', 'lists are not expanded here'), callback)
  }

  #answer(given: Reply, callback: () => void): void {
    this.say(given)
    callback()
  }

  /** Whether a message or a reply of ours is under way. */
  get busy(): boolean {
    return Boolean(this._dataStream) || this._handlerPending
  }

  sayGoodbye(): void {
    if (!this._closing) this.send(421, textOf(SHUTTING_DOWN), false)
    ;(this.#handshake ?? this._socket).destroySoon()
  }

  /** Ends what is left, from the topmost socket down. */
  destroy(): void {
    ;(this.#handshake ?? this._socket).destroy()
  }
}

/** RFC 6531 §4.3: `UTF8` in the place of `E`. */
function withUtf8(protocol: string, smtpUtf8: boolean): string {
  return smtpUtf8 ? `UTF8${protocol.replace(/^E/, '')}` : protocol
}
