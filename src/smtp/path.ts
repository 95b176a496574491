/**
 * The paths of MAIL and RCPT: `<` source route, mailbox `>`. Pure.
 * Sources: RFC 5321 §4.1.2 (syntax), §4.1.3 (address literals), appendix C (source routes), RFC 6531 §3.3.
 */
import { isIPv4, isIPv6 } from 'node:net'

export interface Path {
  /** As it was written, without angle brackets and source route; empty for the null path. */
  readonly address: string
  /** What stands behind the path: blank, or parameters with a blank before them. */
  readonly rest: string
}

/** RFC 5321 §4.5.3.1.3 counts 256 octets with the angle brackets. */
const PATH_OCTETS = 254
const DOMAIN_OCTETS = 255

const PATH =
  /^<(?:@[^\s,:@<>"]+(?:,@[^\s,:@<>"]+)*:)?((?:"(?:[^"\\]|\\.)*"|[^\s<>"@]*)(?:@[^\s<>"@]*)?)>((?:\s.*)?)$/s
/** More than RFC 5322 §3.2.3 has in an atom: some senders are older, and what is not ours is not for us to judge. */
const ATOM = '[!#-;=?A-~\u00a0-\u{10ffff}]+'
const DOT_STRING = new RegExp(`^(?!\\.)(?!.*\\.\\.)${ATOM}(?<!\\.)$`, 'u')
const QUOTED_STRING = /^"(?:[ !#-[\]-~\u00a0-\u{10ffff}]|\\[ -~])*"$/u
const LABEL = '[A-Za-z0-9\u00a0-\u{10ffff}](?:[A-Za-z0-9\u00a0-\u{10ffff}-]*[A-Za-z0-9\u00a0-\u{10ffff}])?'
const DOMAIN = new RegExp(`^${LABEL}(?:\\.${LABEL})*$`, 'u')
/** `tag:octets` of a tag that is none of ours. */
const GENERAL_LITERAL = /^[A-Za-z0-9-]*[A-Za-z0-9]:[!-Z^-~]+$/
/** They show nothing, and an address that holds one looks like another. */
const INVISIBLE = /[\u200b\u2060\ufeff]/

/** Reads a path at the beginning of `text`; `undefined` for what is none. */
export function parsePath(text: string): Path | undefined {
  const [, address, rest] = PATH.exec(text) ?? []
  if (address === undefined || rest === undefined) return undefined
  if (address !== '' && address.toLowerCase() !== 'postmaster' && !isMailbox(address)) return undefined
  return { address, rest }
}

function isMailbox(address: string): boolean {
  const at = address.lastIndexOf('@')
  if (at < 1 || Buffer.byteLength(address) > PATH_OCTETS || INVISIBLE.test(address)) return false
  const [localPart, domain] = [address.slice(0, at), address.slice(at + 1)]
  return (DOT_STRING.test(localPart) || QUOTED_STRING.test(localPart)) && isDomain(domain)
}

function isDomain(domain: string): boolean {
  const literal = /^\[(.*)\]$/.exec(domain)?.[1]
  if (literal === undefined) return Buffer.byteLength(domain) <= DOMAIN_OCTETS && DOMAIN.test(domain)
  const ipv6 = /^IPv6:(.*)$/i.exec(literal)?.[1]
  if (ipv6 !== undefined) return isIPv6(ipv6) && !ipv6.includes('%')
  return isIPv4(literal) || GENERAL_LITERAL.test(literal)
}
