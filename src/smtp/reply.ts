/** An SMTP reply as our code gives it: code, enhanced status code (RFC 3463), one or more lines of text. */

export interface Reply {
  readonly code: number
  /** `2.1.5`; repeated on every line (RFC 2034 §4). */
  readonly status: string
  readonly lines: readonly [string, ...string[]]
  /** The connection ends behind it; every 421 does so. */
  readonly closes?: true
}

export function reply(code: number, status: string, ...lines: readonly [string, ...string[]]): Reply {
  return { code, status, lines }
}

/** The same as the last one of its connection. */
export function last(given: Reply): Reply {
  return { ...given, closes: true }
}

/** Each line behind its status code, joined by LF, which no line holds. */
export function textOf(given: Reply): string {
  return given.lines.map((line) => `${given.status} ${line}`).join('\n')
}

/** Longest line of text, so that code, status and CRLF fit into 512 octets (RFC 5321 §4.5.3.1.5). */
const LONGEST_TEXT_OCTETS = 480

/** Text that fits into one reply line: no controls, cut where it is too long. */
export function fitting(text: string): string {
  const clean = text.replace(/[\u0000-\u001f\u007f]/g, '?')
  return clean.length <= LONGEST_TEXT_OCTETS ? clean : `${clean.slice(0, LONGEST_TEXT_OCTETS - 3)}...`
}
