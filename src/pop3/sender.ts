/** Replies as octets: status line, lines or message, dots. The one place that knows how they look on the wire. */

import { createDotStuffer } from './dot-stuffer.js'
import { refusalOf } from './failures.js'
import type { Reply, ResponseCode } from './reply.js'
import type { Texts } from './texts.js'
import { createTopCutter } from './top-cutter.js'
import type { Wire } from './wire.js'

/**
 * Sends a reply, as fast as the client reads it. A message is left open for the caller to close.
 *
 * @throws what the message's store throws before its first octet: nothing was said yet, and the failure
 * can be the reply. After the first octet `TruncatedMessage`: then only breaking off is honest
 */
export async function send(wire: Wire, reply: Reply, texts: Texts): Promise<void> {
  switch (reply.kind) {
    case 'ok':
      return wire.text(okLine(reply.text))
    case 'challenge':
      return wire.text(`+ ${reply.octets.toString('base64')}\r\n`)
    case 'refused':
      return wire.text(errLine(reply.text, reply.code))
    case 'wrong':
      return wire.text(errLine(reply.text))
    case 'failed': {
      const { code, text } = refusalOf(reply.cause, texts)
      return wire.text(errLine(reply.text ?? text, code))
    }
    case 'lines':
      return sendLines(wire, reply)
    case 'message':
      return sendMessage(wire, reply)
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
  try {
    for await (const chunk of reply.message.chunks()) {
      if (!begun) wire.text(okLine(reply.text))
      begun = true
      wire.octets(stuffer.stuff(cutter === undefined ? chunk : cutter.cut(chunk)))
      if (cutter?.done) break
      if (wire.full) await wire.drain()
      if (wire.broken) return
    }
  } catch (thrown) {
    throw begun ? new TruncatedMessage(thrown) : thrown
  }
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
