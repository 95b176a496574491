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

async function sendMessage(wire: Wire, reply: Extract<Reply, { kind: 'message' }>): Promise<void> {
  const stuffer = createDotStuffer()
  const cutter = reply.bodyLines === undefined ? undefined : createTopCutter(reply.bodyLines)
  let begun = false

  function gather(chunk: Buffer): 'more' | 'enough' {
    if (!begun) wire.text(okLine(reply.text))
    begun = true
    wire.octets(stuffer.stuff(cutter === undefined ? chunk : cutter.cut(chunk)))
    return cutter?.done === true || wire.broken ? 'enough' : 'more'
  }

  try {
    const chunks = reply.message.chunks()
    // Not one loop for both: awaiting what is there already would cost each small message a turn.
    if (Symbol.iterator in chunks)
      for (const chunk of chunks) {
        if (gather(chunk) === 'enough') break
        if (wire.full) await wire.drain()
      }
    else
      // TOP stops where it has enough, and reads nothing behind it.
      for await (const chunk of cutter === undefined ? readAhead(chunks) : chunks) {
        if (gather(chunk) === 'enough') break
        if (wire.full) await wire.drain()
      }
  } catch (thrown) {
    throw begun ? new TruncatedMessage(thrown) : thrown
  }
  if (wire.broken) return
  if (!begun) wire.text(okLine(reply.text))
  wire.text(stuffer.end())
}

function okLine(text: string): string {
  return text === '' ? '+OK\r\n' : `+OK ${text}\r\n`
}

/** A response code is the first thing after `-ERR` (RFC 2449 §8). */
export function errLine(text: string, code?: ResponseCode): string {
  return code === undefined ? `-ERR ${text}\r\n` : `-ERR [${code}] ${text}\r\n`
}
