/** A client of lines over a real socket, for tests: it waits for what arrives, never for time to pass. */

import { connect, type Socket } from 'node:net'

export interface TestClient {
  readonly socket: Socket
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
  const socket = connect({ ...address, allowHalfOpen: true, noDelay: true })
  const state = { ended: false, wake: (): void => {} }
  let received = ''
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  socket.on('data', (chunk: Buffer) => {
    received += chunk.toString('latin1')
    state.wake()
  })
  for (const event of ['end', 'close', 'error'])
    socket.on(event, () => {
      state.ended = true
      state.wake()
    })

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
    socket,
    closed,
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
