/** A client that says octets and reads replies, for tests over a real socket. */
import { connect, type Socket } from 'node:net'

export interface SmtpTestClient {
  readonly socket: Socket
  /** Sends text as it is, one octet a character. */
  write(text: string): void
  /** The next whole reply, its lines without CRLF. Fails when the server hangs up first. */
  reply(): Promise<readonly string[]>
  /** Sends a command with CRLF and reads its reply, lines joined by `|`. */
  say(command: string): Promise<string>
  /** Resolves with what was sent but not read, once the server has closed the connection. */
  readonly closed: Promise<string>
}

export async function smtpClient(
  port: number,
  options: { readonly allowHalfOpen?: boolean } = {},
): Promise<SmtpTestClient> {
  const socket = connect({ host: '127.0.0.1', port, ...options })
  socket.setNoDelay(true)
  let pending = ''
  let over = false
  let wake = (): void => {}
  socket.on('data', (chunk: Buffer) => {
    pending += chunk.toString('latin1')
    wake()
  })
  // A reset is an end like any other here.
  socket.on('error', () => {})
  const closed = new Promise<string>((resolve) => {
    socket.on('close', () => {
      over = true
      wake()
      resolve(pending)
    })
  })
  await new Promise<void>((resolve) => {
    socket.once('connect', resolve)
    socket.once('close', () => resolve())
  })

  async function reply(): Promise<readonly string[]> {
    for (;;) {
      const whole = /^(?:\d{3}-[^\r\n]*\r\n)*\d{3}(?: [^\r\n]*)?\r\n/.exec(pending)?.[0]
      if (whole !== undefined) {
        pending = pending.slice(whole.length)
        return whole.trimEnd().split('\r\n')
      }
      if (over) throw new Error(`the server hung up; unread: ${JSON.stringify(pending)}`)
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  }

  return {
    socket,
    write: (text) => void socket.write(text, 'latin1'),
    reply,
    async say(command) {
      socket.write(`${command}\r\n`, 'latin1')
      return (await reply()).join('|')
    },
    closed,
  }
}
