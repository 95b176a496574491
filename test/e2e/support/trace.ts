/** What Relais puts on top of a message, and nothing else (RFC 5321 §4.4). */

import { expect } from 'chai'

import type { CorpusMessage } from '../../corpus/corpus.ts'

const TRACE = /^Return-Path: <[^<>\r\n]*>\r\nReceived: [^\r\n]+\r\n(?:[ \t]+[^\r\n]+\r\n)*$/

/** A message whose first line begins with white space would fold into the trace: a blank line ends it there. */
const CLOSED_TRACE = new RegExp(TRACE.source.replace('$', '\\r\\n$'))

/**
 * Fails unless `received` is our trace headers and then `sent`, octet for octet. The end of the trace is found
 * by length: a message need not begin with a header.
 */
export function expectUnderTrace(received: Buffer | undefined, sent: Buffer): void {
  if (received === undefined) throw new Error('the message is not there')
  const trace = received.subarray(0, Math.max(received.length - sent.length, 0))
  const rest = received.subarray(trace.length)
  // chai would print both; a difference in 14 MB is better named by its place
  if (!rest.equals(sent)) throw new Error(difference(rest, sent))
  expect(trace.toString('latin1')).to.match(
    /^[ \t]/.test(sent.toString('latin1', 0, 1)) ? CLOSED_TRACE : TRACE,
  )
}

/** The same for many, in their order; a failure names the message. */
export function expectAllUnderTrace(received: readonly Buffer[], sent: readonly CorpusMessage[]): void {
  expect(received).to.have.length(sent.length)
  for (const [index, { name, afterSmtp }] of sent.entries())
    try {
      expectUnderTrace(received[index], afterSmtp)
    } catch (error) {
      throw new Error(`${name}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
    }
}

/** A message that a client has kept as a Unix file, its LF made CRLF again. */
export function fromUnixFile(octets: Buffer): Buffer {
  return Buffer.from(octets.toString('latin1').replaceAll('\n', '\r\n'), 'latin1')
}

function difference(received: Buffer, sent: Buffer): string {
  const at = Math.max(
    sent.findIndex((octet, index) => octet !== received[index]),
    0,
  )
  const around = (octets: Buffer): string =>
    JSON.stringify(octets.toString('latin1', Math.max(at - 30, 0), at + 30))
  return `differs at octet ${at}: expected ${around(sent)}, received ${around(received)}`
}
