/** A client of lines over a real socket, for tests: it waits for what arrives, never for time to pass. */

import { connect, type Socket } from 'node:net'
import { connect as connectTls, type ConnectionOptions } from 'node:tls'

export interface TestClient {
  readonly socket: Socket
  /** Begins TLS; resolves when the handshake is done, rejects when it failed. */
  startTls(options?: ConnectionOptions): Promise<void>
  /** Sends octets given as latin1 text. */
  send(octets: string): void
  /** The next line without its CRLF, or `undefined` when the server ended. */
  line(): Promise<string | undefined>
  /** The lines of a multi-line reply after its status line, up to the dot, not unstuffed. */
  multiline(): Promise<readonly string[]>
  /** All that comes until the server ends its side. */
  rest(): Promise<string>
  /** Resolves when the socket is closed, however it came. */
  readonly closed: Promise<void>
}

/** Connects, half-open allowed, as `nc -N` and many clients do. */
export async function connectClient(address: { host: string; port: number }): Promise<TestClient> {
  const clear = connect({ ...address, allowHalfOpen: true, noDelay: true })
  let socket: Socket = clear
  const state = { ended: false, wake: (): void => {} }
  let received = ''
  const closed = new Promise<void>((resolve) => clear.once('close', () => resolve()))
  listen(clear)

  function listen(to: Socket): void {
    to.on('data', (chunk: Buffer) => {
      received += chunk.toString('latin1')
      state.wake()
    })
    for (const event of ['end', 'close', 'error'])
      to.on(event, () => {
        state.ended = true
        state.wake()
      })
  }

  async function until(done: () => boolean): Promise<void> {
    while (!done() && !state.ended)
      await new Promise<void>((resolve) => {
        state.wake = resolve
      })
  }

  async function line(): Promise<string | undefined> {
    await until(() => received.includes('\r\n'))
    const end = received.indexOf('\r\n')
    if (end === -1) return undefined
    const first = received.slice(0, end)
    received = received.slice(end + 2)
    return first
  }

  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('error', reject)
  })
  return {
    get socket() {
      return socket
    },
    closed,
    async startTls(options) {
      clear.removeAllListeners('data')
      const secured = connectTls({ socket: clear, rejectUnauthorized: false, ...options })
      await new Promise<void>((resolve, reject) => {
        secured.once('secureConnect', resolve)
        secured.once('error', reject)
        secured.once('close', () => reject(new Error('no TLS')))
      })
      socket = secured
      listen(secured)
    },
    line,
    send: (octets) => void socket.write(octets, 'latin1'),
    async multiline() {
      const lines: string[] = []
      for (;;) {
        const next = await line()
        if (next === undefined || next === '.') return lines
        lines.push(next)
      }
    },
    async rest() {
      await until(() => false)
      const all = received
      received = ''
      return all
    },
  }
}
