/**
 * Addresses as SMTP and RFC 5322 write them, taken apart. Pure; knows no account and no policy.
 * Sources: RFC 5321 §4.1.2 (syntax), §2.4 (case), RFC 5322 §3.4.1 (dot-atom).
 */

/** A mailbox address in two parts, the local part unquoted, the domain in lower case. */
export interface Address {
  readonly localPart: string
  readonly domain: string
}

const QUOTED = /^"((?:[^"\\]|\\.)*)"$/s

/** Takes `local@domain` apart at its last `@`; `undefined` when one side is missing. */
export function parseAddress(text: string): Address | undefined {
  const at = text.lastIndexOf('@')
  if (at < 1 || at === text.length - 1) return undefined
  return { localPart: unquote(text.slice(0, at)), domain: text.slice(at + 1).toLowerCase() }
}

function unquote(localPart: string): string {
  const quoted = QUOTED.exec(localPart)?.[1]
  return quoted === undefined ? localPart : quoted.replace(/\\(.)/gs, '$1')
}

/**
 * Whether a local part could name an account at all: letters, digits and `. _ + -`.
 * Anything else (a path, a relay route, a control, a look-alike) is nobody's here and never will be.
 */
export function isPlainLocalPart(localPart: string): boolean {
  return /^[A-Za-z0-9._+-]{1,64}$/.test(localPart)
}

/** Whether two addresses name the same mailbox of ours: both parts in any case, the local part quoted or not. */
export function isSameAddress(one: string, other: string): boolean {
  const [first, second] = [parseAddress(one), parseAddress(other)]
  return (
    first !== undefined &&
    first.domain === second?.domain &&
    first.localPart.toLowerCase() === second.localPart.toLowerCase()
  )
}
