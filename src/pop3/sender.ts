/** Replies as octets: status line, lines or message, dots. The one place that knows how they look on the wire. */

import { createDotStuffer } from './dot-stuffer.js'
import { refusalOf } from './failures.js'
import { readAhead } from './read-ahead.js'
import type { Reply, ResponseCode } from './reply.js'
import type { Texts } from './texts.js'
import { createTopCutter } from './top-cutter.js'
import type { Wire } from './wire.js'

/**
 * Sends a reply, as fast as the client reads it. A message is left open for the caller to close.
 *
 * @returns a promise only for what may have to wait: `undefined` means that it is sent
 * @throws what the message's store throws before its first octet: nothing was said yet, and the failure
 * can be the reply. After the first octet `TruncatedMessage`: then only breaking off is honest
 */
export function send(wire: Wire, reply: Reply, texts: Texts): Promise<void> | undefined {
  if (reply.kind === 'lines') return sendLines(wire, reply)
  if (reply.kind === 'message') return sendMessage(wire, reply)
  wire.text(replyLine(reply, texts))
  return undefined
}

type OneLine = Exclude<Reply, { kind: 'lines' | 'message' }>

function replyLine(reply: OneLine, texts: Texts): string {
  switch (reply.kind) {
    case 'ok':
      return okLine(reply.text)
    case 'challenge':
      return `+ ${reply.octets.toString('base64')}\r\n`
    case 'refused':
      return errLine(reply.text, reply.code)
    case 'wrong':
      return errLine(reply.text)
    case 'failed': {
      const { code, text } = refusalOf(reply.cause, texts)
      return errLine(reply.text ?? text, code)
    }
  }
}

/** A message broke off after its `+OK`. */
export class TruncatedMessage extends Error {
  constructor(cause: unknown) {
    super('message broke off while it was sent', { cause })
    this.name = 'TruncatedMessage'
  }
}

async function sendLines(wire: Wire, reply: Extract<Reply, { kind: 'lines' }>): Promise<void> {
  wire.text(okLine(reply.text))
  for (const line of reply.lines) {
    wire.text(line.startsWith('.') ? `.${line}\r\n` : `${line}\r\n`)
    if (wire.full) await wire.drain()
    if (wire.broken) return
  }
  wire.text('.\r\n')
}

type MessageReply = Extract<Reply, { kind: 'message' }>

/** Octets of one message on their way to the wire. */
interface Passage {
  /** @returns whether the rest is not wanted any more */
  gather(chunk: Buffer): boolean
  end(): void
  /** What a failure means: before the first octet it may still become the reply. */
  failed(thrown: unknown): unknown
}

function sendMessage(wire: Wire, reply: MessageReply): Promise<void> | undefined {
  const passage = begin(wire, reply)
  let chunks
  try {
    chunks = reply.message.chunks()
    if (!(Symbol.iterator in chunks)) return sendAsRead(wire, reply, passage, chunks)
    const all = chunks[Symbol.iterator]()
    // Awaiting what is there already would cost each small message a turn.
    for (let read = all.next(); read.done !== true; read = all.next()) {
      if (passage.gather(read.value)) break
      if (wire.full) return sendRest(wire, passage, all)
    }
  } catch (thrown) {
    throw passage.failed(thrown)
  }
  passage.end()
  return undefined
}

/** The rest of what is at hand, as fast as the client takes it. */
async function sendRest(wire: Wire, passage: Passage, rest: Iterator<Buffer>): Promise<void> {
  try {
    await wire.drain()
    for (let read = rest.next(); read.done !== true; read = rest.next()) {
      if (passage.gather(read.value)) break
      if (wire.full) await wire.drain()
    }
  } catch (thrown) {
    throw passage.failed(thrown)
  }
  passage.end()
}

async function sendAsRead(
  wire: Wire,
  { bodyLines }: MessageReply,
  passage: Passage,
  chunks: AsyncIterable<Buffer>,
): Promise<void> {
  try {
    // TOP stops where it has enough, and reads nothing behind it.
    for await (const chunk of bodyLines === undefined ? readAhead(chunks) : chunks) {
      if (passage.gather(chunk)) break
      if (wire.full) await wire.drain()
    }
  } catch (thrown) {
    throw passage.failed(thrown)
  }
  passage.end()
}

function begin(wire: Wire, { text, bodyLines }: MessageReply): Passage {
  const stuffer = createDotStuffer()
  const cutter = bodyLines === undefined ? undefined : createTopCutter(bodyLines)
  let begun = false

  function start(): void {
    if (!begun) wire.text(okLine(text))
    begun = true
  }

  return {
    gather(chunk) {
      start()
      wire.octets(stuffer.stuff(cutter === undefined ? chunk : cutter.cut(chunk)))
      return cutter?.done === true || wire.broken
    },
    end() {
      if (wire.broken) return
      start()
      wire.text(stuffer.end())
    },
    failed: (thrown) => (begun ? new TruncatedMessage(thrown) : thrown),
  }
}

function okLine(text: string): string {
  return text === '' ? '+OK\r\n' : `+OK ${text}\r\n`
}

/** A response code is the first thing after `-ERR` (RFC 2449 §8). */
export function errLine(text: string, code?: ResponseCode): string {
  return code === undefined ? `-ERR ${text}\r\n` : `-ERR [${code}] ${text}\r\n`
}
