/**
 * A client that knows no more than a socket: what a test sends goes out as it stands.
 * Reads lines, SMTP replies and POP3 multi-line responses; never retries, never waits by the clock.
 */

import { once } from 'node:events'
import { type Socket, connect } from 'node:net'
import { type TLSSocket, connect as connectTls } from 'node:tls'

import { PASSWORD } from './relais.ts'

/** One open connection. Reading after the other side has closed rejects with `closed`. */
export interface Wire {
  readonly socket: Socket
  send(octets: string | Buffer): void
  /** The next line, without its line end. */
  line(): Promise<string>
  /** The next whole SMTP reply, its lines joined by LF (RFC 5321 §4.2.1). */
  reply(): Promise<string>
  /** Sends one command line and gives the reply to it. */
  smtp(command: string): Promise<string>
  /** Sends one command line and gives the first line of the response (RFC 1939 §3). */
  pop3(command: string): Promise<string>
  /** The rest of a multi-line response, dots taken away, without the last line. */
  multiline(): Promise<Buffer>
  /** Resolves when the other side has closed; everything it still said is dropped. */
  closed(): Promise<void>
  hangUp(): void
}

/** One whose other side has shown a certificate that is trusted. */
export interface SecureWire extends Wire {
  readonly socket: TLSSocket
}

/** Opens a connection to a port of loopback and reads nothing yet. */
export async function openWire(port: number): Promise<Wire> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  socket.setNoDelay(true)
  return wireOver(socket)
}

/**
 * Goes on under TLS where everything said in clear is answered; the wire before is of no use then.
 * @param certificate PEM of the only one to trust
 */
export async function secureWire(wire: Wire, certificate: Buffer): Promise<SecureWire> {
  wire.socket.removeAllListeners('data')
  const socket = connectTls({ socket: wire.socket, ca: certificate, servername: 'localhost' })
  await once(socket, 'secureConnect')
  return wireOver(socket)
}

function wireOver<Over extends Socket>(socket: Over): Wire & { readonly socket: Over } {
  const read = reader(socket)
  const line = async (): Promise<string> => (await read(lineEnd)).toString('latin1').slice(0, -2)
  const reply = async (): Promise<string> => {
    const first = await line()
    return first[3] === '-' ? `${first}\n${await reply()}` : first
  }
  const send: Wire['send'] = (octets) => void socket.write(octets)
  return {
    socket,
    send,
    line,
    reply,
    smtp: (command) => (send(`${command}\r\n`), reply()),
    pop3: (command) => (send(`${command}\r\n`), line()),
    multiline: async () => unstuffed(await read(lastLineEnd)),
    closed: async () => {
      socket.resume()
      if (!socket.closed) await once(socket, 'close')
    },
    hangUp: () => void socket.destroy(),
  }
}

/** One message through SMTP on a connection of its own; gives the reply to each RCPT and to the final dot. */
export async function sendMessage(port: number, message: Sent): Promise<{ rcpt: string[]; data: string }> {
  const wire = await openWire(port)
  await wire.line()
  await wire.smtp('EHLO mail.example.org')
  await wire.smtp(`MAIL FROM:<${message.from ?? 'bob@example.org'}>`)
  const rcpt: string[] = []
  for (const to of message.to) rcpt.push(await wire.smtp(`RCPT TO:<${to}>`))
  const data = await sendData(wire, message.bytes)
  // Behind a message with a bare line end nothing more is read.
  if (!data.startsWith('550 5.6.0')) await wire.smtp('QUIT')
  wire.hangUp()
  return { rcpt, data }
}

/** A message and its envelope; every line of it ends with CRLF. */
export interface Sent {
  readonly from?: string
  readonly to: readonly string[]
  readonly bytes: Buffer
}

/** Says DATA and, if that is wished for, the message; gives the last reply. */
export async function sendData(wire: Wire, bytes: Buffer): Promise<string> {
  const begin = await wire.smtp('DATA')
  if (!begin.startsWith('354')) return begin
  wire.send(stuffed(bytes))
  return wire.smtp('.')
}

/** Signs in to POP3 and gives the connection, in the TRANSACTION state. */
export async function signIn(port: number, name = 'alice'): Promise<Wire> {
  const wire = await openWire(port)
  await wire.line()
  await wire.pop3(`USER ${name}`)
  const reply = await wire.pop3(`PASS ${PASSWORD}`)
  if (!reply.startsWith('+OK')) throw new Error(`PASS was answered ${reply}`)
  return wire
}

/** Every message of a maildrop, in its order, as octets. */
export async function retrieveAll(port: number, name = 'alice'): Promise<Buffer[]> {
  const wire = await signIn(port, name)
  const count = Number((await wire.pop3('STAT')).split(' ')[1])
  const messages: Buffer[] = []
  for (let number = 1; number <= count; number++) {
    const reply = await wire.pop3(`RETR ${number}`)
    if (!reply.startsWith('+OK')) throw new Error(`RETR ${number} was answered ${reply}`)
    messages.push(await wire.multiline())
  }
  await wire.pop3('QUIT')
  wire.hangUp()
  return messages
}

/** Where what is looked for ends, or undefined if it is not all there. */
type Find = (octets: Buffer) => number | undefined

const lineEnd: Find = (octets) => {
  const at = octets.indexOf('\r\n')
  return at < 0 ? undefined : at + 2
}

const lastLineEnd: Find = (octets) => {
  if (octets.subarray(0, 3).toString('latin1') === '.\r\n') return 3
  const at = octets.indexOf('\r\n.\r\n')
  return at < 0 ? undefined : at + 5
}

function reader(socket: Socket): (find: Find) => Promise<Buffer> {
  let chunks: Buffer[] = []
  let isClosed = false
  let wake = (): void => undefined
  socket.on('data', (octets: Buffer) => (chunks.push(octets), wake()))
  socket.on('error', () => undefined) // a reset is a close here
  socket.on('close', () => ((isClosed = true), wake()))
  socket.on('end', () => ((isClosed = true), wake()))
  return async (find) => {
    for (;;) {
      // Whatever is looked for ends with a line end: what ends in the middle of a line can wait for more.
      if (isClosed || chunks.at(-1)?.at(-1) === 10) {
        const octets = Buffer.concat(chunks)
        const end = find(octets)
        chunks = [octets.subarray(end ?? 0)].filter((chunk) => chunk.length > 0)
        if (end !== undefined) return octets.subarray(0, end)
      }
      if (isClosed) throw new Error('closed')
      await new Promise<void>((resolve) => (wake = resolve))
    }
  }
}

/** A message as it goes over the wire, without the final dot (RFC 5321 §4.5.2). */
export function stuffed(bytes: Buffer): Buffer {
  return Buffer.from(bytes.toString('latin1').replace(/(?<=^|\n)\./g, '..'), 'latin1')
}

/** RFC 1939 §3 */
function unstuffed(octets: Buffer): Buffer {
  return Buffer.from(
    octets
      .subarray(0, -3)
      .toString('latin1')
      .replace(/(?<=^|\n)\./g, ''),
    'latin1',
  )
}
