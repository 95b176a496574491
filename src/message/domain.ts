/**
 * Domains compared as what they lead to: look-alikes that IDNA maps to a domain are that domain. Pure.
 * Source: Unicode UTS 46, by which clients map what people write (RFC 5895 is its plain form).
 */
import { domainToASCII } from 'node:url'

/** Shown as nothing at all: the soft hyphen, joiners, marks of direction, variation selectors. */
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/gu
const FULL_STOPS = /[\u3002\uff0e\uff61]/g

/** A domain in ASCII, lower case, without a final dot; one that IDNA refuses stays as it looks. */
export function asciiDomain(domain: string): string {
  const ascii = domainToASCII(domain)
  return (ascii === '' ? asItLooks(domain).toLowerCase() : ascii).replace(/\.$/, '')
}

/** A text with full-width and other compatible letters, and its full stops, as plain ones, and what shows nothing gone. */
export function asItLooks(text: string): string {
  return text.normalize('NFKC').replace(FULL_STOPS, '.').replace(INVISIBLE, '')
}
