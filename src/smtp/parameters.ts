/**
 * The parameters behind the path of MAIL and RCPT: which there are, and how their values read. Pure.
 * Sources: RFC 5321 §4.1.2, RFC 1870 §3, RFC 6152 §2, RFC 6531 §3.4, RFC 4954 §5, RFC 3461 §4, RFC 8689 §4.2.1.
 */

/** Parameters by their names in upper case, `''` for one without a value. */
export type Parameters = ReadonlyMap<string, string>

export type ParameterTrouble =
  | { readonly kind: 'malformed' }
  | { readonly kind: 'twice' | 'unknown' | 'value'; readonly name: string }

/** How a value of each parameter reads; a parameter that is absent here is unknown. */
export type Syntax = ReadonlyMap<string, RegExp>

/** `+` and two hex digits, or a printable octet but `+` and `=` (RFC 3461 §4). */
const XTEXT = /^(?:[!-*,-<>-~]|\+[0-9A-F]{2})*$/
const PARAMETER = /^([A-Za-z0-9][A-Za-z0-9-]*)(?:=([!-<>-~\u00a0-\u{10ffff}]+))?$/u

export const SIZE = /^\d{1,20}$/
export const BODY = /^(?:7BIT|8BITMIME)$/i
export const FLAG = /^$/
/** `<>` or a mailbox, in xtext (RFC 4954 §5); nobody here believes it. */
export const AUTH = /^(?:<>|(?:[!-*,-<>-~]|\+[0-9A-F]{2})+)$/
export const RET = /^(?:FULL|HDRS)$/i
export const ENVID = /^(?:[!-*,-<>-~]|\+[0-9A-F]{2}){1,100}$/
export const NOTIFY = /^(?:NEVER|(?:SUCCESS|FAILURE|DELAY)(?:,(?:SUCCESS|FAILURE|DELAY))*)$/i
export const ORCPT = /^[A-Za-z0-9-]+;[!-<>-~\u00a0-\u{10ffff}]{1,500}$/u

/** @returns what is wrong with the first parameter that is wrong */
export function parseParameters(text: string, syntax: Syntax): Parameters | ParameterTrouble {
  const parameters = new Map<string, string>()
  for (const word of text.split(' ').filter((part) => part !== '')) {
    const [, written, value = ''] = PARAMETER.exec(word) ?? []
    if (written === undefined) return { kind: 'malformed' }
    const name = written.toUpperCase()
    const pattern = syntax.get(name)
    if (pattern === undefined) return { kind: 'unknown', name }
    if (parameters.has(name)) return { kind: 'twice', name }
    if (!pattern.test(value)) return { kind: 'value', name }
    parameters.set(name, value)
  }
  return parameters
}

/** What xtext stands for; `undefined` for what is none, or stands for anything but printable ASCII. */
export function fromXtext(text: string): string | undefined {
  if (!XTEXT.test(text)) return undefined
  const plain = text.replace(/\+([0-9A-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
  return /^[ -~]*$/.test(plain) ? plain : undefined
}

/** An address of type `utf-8` (RFC 6533 §3): xtext, with `\x{…}` for what is not ASCII. */
export function fromUtf8Address(text: string): string | undefined {
  if (!/^(?:[!-<>-[\]-~\u00a0-\u{10ffff}]|\\x\{[0-9A-Fa-f]{2,6}\})*$/u.test(text)) return undefined
  const points = [...text.matchAll(/\\x\{([0-9A-Fa-f]{2,6})\}/g)].map(([, hex = '']) =>
    Number.parseInt(hex, 16),
  )
  if (points.some((point) => !isPrintable(point))) return undefined
  const plain = text.replace(/\\x\{([0-9A-Fa-f]{2,6})\}/g, (_, hex: string) =>
    String.fromCodePoint(Number.parseInt(hex, 16)),
  )
  return plain.replace(/\+([2-7][0-9A-F])/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)).replace('\u007f', '?'),
  )
}

function isPrintable(point: number): boolean {
  return (
    point >= 0x20 &&
    (point < 0x7f || point > 0x9f) &&
    (point < 0xd800 || (point > 0xdfff && point <= 0x10ffff))
  )
}
