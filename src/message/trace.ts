/**
 * The trace headers that final delivery puts on top of a message (RFC 5321 §4.4). Pure.
 * Every value comes from a parsed envelope; what could still end a header early is replaced.
 */
import { isIPv6 } from 'node:net'
import { mailDate } from './date.js'

/** Where a message came from and where it goes, as far as the trace tells. */
export interface Trace {
  /** Without angle brackets; empty for the null reverse-path. */
  readonly reversePath: string
  /** What the client called itself in HELO or EHLO. */
  readonly heloName: string
  /** The client's IP address as the connection showed it. */
  readonly clientAddress: string
  /** This server's name. */
  readonly by: string
  /** A registered `with` protocol type: SMTP, ESMTP, ESMTPS … (RFC 3848). */
  readonly protocol: string
  /** The id under which the message is stored. */
  readonly id: string
  /** Named in `for` only when it is the only one, so that no recipient learns of another. */
  readonly onlyRecipient: string | undefined
  readonly receivedAt: Date
}

/** `Return-Path` and `Received`, each line ended with CRLF, without the blank line after a header. */
export function traceHeaders(trace: Trace): string {
  const recipient = trace.onlyRecipient === undefined ? '' : `\r\n\tfor <${plain(trace.onlyRecipient)}>`
  return (
    `Return-Path: <${plain(trace.reversePath)}>\r\n` +
    `Received: from ${hostName(trace.heloName)} (${addressLiteral(trace.clientAddress)})\r\n` +
    `\tby ${plain(trace.by)} with ${plain(trace.protocol)} id ${plain(trace.id)}${recipient};\r\n` +
    `\t${mailDate(trace.receivedAt)}\r\n`
  )
}

/** An IP address as SMTP writes it in place of a name (RFC 5321 §4.1.3). */
export function addressLiteral(address: string): string {
  return isIPv6(address) ? `[IPv6:${address}]` : `[${plain(address)}]`
}

/** What a client called itself, held to the letters of a name or an address literal. */
function hostName(heloName: string): string {
  return heloName.replace(/[^A-Za-z0-9.:[\]_-]/g, '?')
}

/** A value that cannot end its header line: controls and line ends become `?`. */
export function plain(value: string): string {
  return value.replace(/[\u0000-\u001f\u007f]/g, '?')
}
