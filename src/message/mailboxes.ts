/**
 * The mailboxes that a `From` or `Sender` field names, with comments, quotes, folding, groups and old routes. Pure.
 * Source: RFC 5322 §3.4, §4.4, RFC 6532 §3.2.
 */
import type { Address } from './address.js'

type Token =
  /** An atom, a quoted string without its quotes, or a domain literal. */
  | { readonly kind: 'word'; readonly text: string; readonly quoted: boolean }
  | { readonly kind: 'special'; readonly text: string }

const SPECIALS = '<>,;:@.'
const ATOM = /[^\s()<>[\]:;@\\,."\u0000-\u001f\u007f]+/y
const QUOTED = /"((?:[^"\\]|\\.)*)"/sy
const LITERAL = /\[[^\][\\]*\]/y

/**
 * @param value what stands behind the colon, unfolded or not
 * @returns `undefined` for what is no list of mailboxes; the domains in lower case, without a final dot
 */
export function parseMailboxes(value: string): readonly Address[] | undefined {
  const tokens = tokensOf(value)
  if (tokens === undefined) return undefined
  const addresses: Address[] = []
  let inGroup = false
  for (let at = 0; at < tokens.length;) {
    const end = endOfMember(tokens, at)
    const member = tokens.slice(at, end)
    const closing = tokens[end]
    at = end + 1
    if (isSpecial(closing, ':')) {
      // A group's name is words alone, and groups hold no groups.
      if (inGroup || member.length === 0 || !member.every(isPhrasePart)) return undefined
      inGroup = true
      continue
    }
    if (member.length > 0) {
      const address = mailbox(member)
      if (address === undefined) return undefined
      addresses.push(address)
    }
    if (isSpecial(closing, ';')) {
      if (!inGroup) return undefined
      inGroup = false
    }
  }
  return inGroup ? undefined : addresses
}

/** Where a mailbox or the name of a group ends: at `,` `;` or `:` outside angle brackets. */
function endOfMember(tokens: readonly Token[], from: number): number {
  let inAngle = false
  for (let at = from; at < tokens.length; at += 1) {
    const token = tokens[at]
    if (isSpecial(token, '<')) inAngle = true
    if (isSpecial(token, '>')) inAngle = false
    if (!inAngle && (isSpecial(token, ',') || isSpecial(token, ';') || isSpecial(token, ':'))) return at
  }
  return tokens.length
}

function mailbox(tokens: readonly Token[]): Address | undefined {
  const open = tokens.findIndex((token) => isSpecial(token, '<'))
  if (open === -1) return addrSpec(tokens)
  if (!isSpecial(tokens.at(-1), '>') || !tokens.slice(0, open).every(isPhrasePart)) return undefined
  const inner = tokens.slice(open + 1, -1)
  const colon = inner.findIndex((token) => isSpecial(token, ':'))
  return addrSpec(isSpecial(inner[0], '@') && colon !== -1 ? inner.slice(colon + 1) : inner)
}

function addrSpec(tokens: readonly Token[]): Address | undefined {
  const at = tokens.findIndex((token) => isSpecial(token, '@'))
  if (at === -1) return undefined
  const localPart = dotted(tokens.slice(0, at))
  const domain = dotted(tokens.slice(at + 1).filter((_, index, all) => !isFinalDot(all, index)))
  // A domain has no quotes (RFC 5322 §3.4.1).
  const quoted = tokens.slice(at).some((token) => token.kind === 'word' && token.quoted)
  if (localPart === undefined || domain === undefined || quoted) return undefined
  return { localPart, domain: domain.toLowerCase() }
}

/** Words with one dot between each two. */
function dotted(tokens: readonly Token[]): string | undefined {
  if (tokens.length % 2 === 0) return undefined
  const alternate = tokens.every((token, index) =>
    index % 2 === 0 ? token.kind === 'word' : isSpecial(token, '.'),
  )
  return alternate ? tokens.map(({ text }) => text).join('') : undefined
}

function isFinalDot(tokens: readonly Token[], index: number): boolean {
  return index > 0 && index === tokens.length - 1 && isSpecial(tokens[index], '.')
}

/** RFC 5322 §4.1 allows dots in a phrase, as in `J. Doe`. */
function isPhrasePart(token: Token): boolean {
  return token.kind === 'word' || token.text === '.'
}

function isSpecial(token: Token | undefined, text: string): boolean {
  return token?.kind === 'special' && token.text === text
}

function tokensOf(value: string): readonly Token[] | undefined {
  const tokens: Token[] = []
  for (let at = 0; at < value.length;) {
    const character = value.charAt(at)
    if (/\s/.test(character)) at += 1
    else if (character === '(') {
      const end = endOfComment(value, at)
      if (end === undefined) return undefined
      at = end
    } else if (SPECIALS.includes(character)) {
      tokens.push({ kind: 'special', text: character })
      at += 1
    } else {
      const word = wordAt(value, at)
      if (word === undefined) return undefined
      tokens.push(word.token)
      at = word.end
    }
  }
  return tokens
}

function wordAt(value: string, at: number): { readonly token: Token; readonly end: number } | undefined {
  const quoted = matchAt(QUOTED, value, at)
  if (quoted !== undefined) {
    const text = (quoted[1] ?? '').replace(/\r?\n/g, '').replace(/\\(.)/gs, '$1')
    return { token: { kind: 'word', text, quoted: true }, end: at + quoted[0].length }
  }
  const plain = matchAt(ATOM, value, at) ?? matchAt(LITERAL, value, at)
  if (plain === undefined) return undefined
  return { token: { kind: 'word', text: plain[0], quoted: false }, end: at + plain[0].length }
}

function matchAt(pattern: RegExp, value: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at
  return pattern.exec(value) ?? undefined
}

/** Comments nest (RFC 5322 §3.2.2). */
function endOfComment(value: string, from: number): number | undefined {
  let depth = 0
  for (let at = from; at < value.length; at += 1) {
    const character = value.charAt(at)
    if (character === '\\') at += 1
    if (character === '(') depth += 1
    if (character === ')') depth -= 1
    if (depth === 0) return at + 1
  }
  return undefined
}
