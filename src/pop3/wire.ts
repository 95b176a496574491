/**
 * The octets of one connection: lines in, output out, both bounded, both waited for in one place.
 *
 * Input: at most `inputOctets` are kept, the rest stays with the sender. What came before a FIN is still
 * handed out, line by line; after a reset nothing is.
 * Output: gathered and written together when there is nothing more to read or `outputOctets` are
 * reached; then `drain` waits until the kernel took it, so that a slow reader costs a fixed buffer.
 * TLS begins below all this, and octets that came in clear do not outlive its beginning.
 * Knows no command, no state and no reply.
 */

import type { Socket } from 'node:net'
import { createLineReader, type Line } from '../base/line-reader.js'
import { acceptTls, type TlsContexts, tlsExporter } from '../base/tls.js'
import { createGatherer } from './gatherer.js'
import type { Pop3Limits } from './limits.js'

/** Why there are no more lines. */
type Ending = 'client left' | 'idle too long' | 'stopped'

export interface Wire {
  /**
   * The next line; `undefined` once there will be none. Sends what is gathered before it waits.
   * Once stopped it hands out what came already and does not wait.
   */
  nextLine(): Promise<Line | undefined>
  /** The next line if all of it came; else ask `nextLine`. */
  lineAtHand(): Line | undefined
  /** Octets of input and output that are held at the moment. */
  readonly bufferedOctets: number
  /** Octets that came and are in no line handed out yet. */
  readonly pendingOctets: number
  /**
   * Sends what is gathered, then goes on over TLS (server's side), from the handshake on. The connection is
   * broken off if more octets came in clear, and when the handshake fails or takes too long.
   * @returns what binds a sign-in to this channel (RFC 9266)
   * @throws the reason why there is no TLS
   */
  secure(contexts: TlsContexts): Promise<{ readonly tlsExporter: Buffer | undefined }>
  /** Gathers text (UTF-8). */
  text(text: string): void
  /** Gathers octets; they must not change afterwards. */
  octets(octets: Buffer): void
  /** Whether enough is gathered for `drain` to be called before more comes. */
  readonly full: boolean
  /** Writes what is gathered, waits while the kernel takes no more, and lets other connections have a turn. */
  drain(): Promise<void>
  /** Whether nothing can be sent any more. */
  readonly broken: boolean
  /** Why lines ended, as far as it is known. */
  readonly ending: Ending
  /** Asks for the end: no waiting for lines any more. */
  stop(): void
  readonly stopping: boolean
  /** Sends what is gathered, then closes our side and, soon after, the connection. */
  finish(): void
  /** Breaks the connection off without sending anything more. */
  destroy(): void
}

/** @param clear as it was accepted, half-open allowed; its high-water mark for writing is `outputOctets` */
export function openWire(clear: Socket, limits: Pop3Limits): Wire {
  let socket = clear
  const reader = createLineReader(Math.max(limits.responseOctets, limits.secretOctets))
  const output = createGatherer()
  let trouble: Error | undefined
  let finished = false
  let inputEnded = false
  let lapsed = false
  let stopping = false
  let waiting: (() => void) | undefined
  const timer = setTimeout(lapse, limits.idleMs)
  clear.on('close', () => {
    clearTimeout(timer)
    wake()
  })
  attach()

  function attach(): void {
    socket.on('data', take)
    socket.on('end', endInput)
    socket.on('drain', wake)
    socket.on('error', fail)
    socket.on('close', wake)
  }

  function take(chunk: Buffer): void {
    if (finished) return
    reader.push(chunk)
    if (reader.pendingOctets >= limits.inputOctets) socket.pause()
    wake()
  }

  function endInput(): void {
    inputEnded = true
    wake()
  }

  /** `close` follows whatever the reason, and the session ends; only a handshake's is told. */
  function fail(error: Error): void {
    trouble = error
    wake()
  }

  function wake(): void {
    const resume = waiting
    waiting = undefined
    resume?.()
  }

  /** Until something happens to the socket; the one place where a connection waits for its peer. */
  function happening(): Promise<void> {
    return new Promise((resolve) => {
      waiting = resolve
    })
  }

  /** RFC 1939 §3: the connection is closed without a word and without removing anything. */
  function lapse(): void {
    if (waiting === undefined && !finished) return
    lapsed = true
    socket.destroy()
  }

  function send(): void {
    const gathered = output.take()
    if (gathered.length === 0 || socket.destroyed) return
    if (gathered.length > 1) socket.cork()
    for (const octets of gathered) socket.write(octets)
    if (gathered.length > 1) socket.uncork()
  }

  function closeSoon(): void {
    if (socket.destroyed) return
    const linger = setTimeout(() => socket.destroy(), limits.lingerMs)
    socket.once('close', () => clearTimeout(linger))
  }

  /** Until all that was sent is with the kernel, or never will be. */
  async function flushed(): Promise<void> {
    send()
    if (socket.writableLength > 0) await new Promise<void>((resolve) => socket.write('', () => resolve()))
  }

  async function shakeHands(contexts: TlsContexts): Promise<{ readonly tlsExporter: Buffer | undefined }> {
    const secured = acceptTls(clear, contexts)
    // A record that is none, later on: a `TLSSocket` that no `tls.Server` made keeps it to itself, and would hang.
    secured.on('_tlsError', (error: Error) => secured.destroy(error))
    const handshake = { done: false }
    socket = secured
    secured.once('secure', () => {
      handshake.done = true
      wake()
    })
    attach()
    const patience = setTimeout(
      () => secured.destroy(new Error('the handshake took too long')),
      limits.handshakeMs,
    )
    while (!handshake.done && !secured.destroyed) await happening()
    clearTimeout(patience)
    if (secured.destroyed) throw trouble ?? new Error('the client left during the handshake')
    return { tlsExporter: tlsExporter(secured) }
  }

  return {
    async secure(contexts) {
      await flushed()
      if (reader.pendingOctets > 0) throw new Error('octets in clear came before the handshake')
      if (socket.destroyed || inputEnded) throw new Error('the client left before the handshake')
      clear.off('data', take).off('end', endInput).off('drain', wake)
      return shakeHands(contexts)
    },
    get bufferedOctets() {
      return reader.pendingOctets + output.size + socket.writableLength
    },
    get pendingOctets() {
      return reader.pendingOctets
    },
    lineAtHand: () => (socket.destroyed ? undefined : reader.next()),
    async nextLine() {
      for (let waits = 0; ; waits += 1) {
        if (socket.destroyed) return undefined
        const line = reader.next()
        if (line !== undefined || inputEnded || stopping) return line
        send()
        // Once for each command: octets that do not make one are silence too.
        if (waits === 0) timer.refresh()
        socket.resume()
        await happening()
      }
    },
    text: (text) => output.text(text),
    octets: (octets) => output.octets(octets),
    get full() {
      return output.size >= limits.outputOctets
    },
    async drain() {
      send()
      if (socket.writableLength === 0) return new Promise((resolve) => setImmediate(resolve))
      timer.refresh()
      while (socket.writableLength >= limits.outputOctets && !socket.destroyed) await happening()
    },
    get broken() {
      return socket.destroyed
    },
    get ending() {
      if (lapsed) return 'idle too long'
      return stopping && !inputEnded && !socket.destroyed ? 'stopped' : 'client left'
    },
    stop() {
      stopping = true
      wake()
    },
    get stopping() {
      return stopping
    },
    finish() {
      finished = true
      if (socket.destroyed) return
      send()
      timer.refresh()
      socket.end(closeSoon)
      // What still comes is read and dropped: closing on unread input would reset the connection.
      socket.resume()
    },
    destroy() {
      socket.destroy()
    },
  }
}
