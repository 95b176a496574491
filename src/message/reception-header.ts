/**
 * Looks at the header of a message from outside while it passes: nobody there may pose as one of ours, and nothing
 * may run in a loop. The octets go on as they are. Pure.
 */
import { GatewayError } from '../base/errors.js'
import { MOST_RECEIVED, type HeaderFilter } from './header-filter.js'
import { asciiDomain, asItLooks } from './domain.js'
import { decodeEncodedWords } from './encoded-words.js'
import { createHeaderSplitter, type HeaderField } from './header-splitter.js'
import { parseMailboxes } from './mailboxes.js'

/** How much of one field is looked at; a `From` that is longer is refused, since nobody knows what it ends with. */
const FIELD_OCTETS = 64 * 1024

const LOOKED_AT: ReadonlySet<string> = new Set(['from', 'received'])

/**
 * @param ours the domain that `From` may not name, lower case; `undefined`: it may
 * @returns a filter that throws GatewayError `sender.forged`, `message.loop`, `message.header-too-large`
 */
export function createReceptionHeader(ours: string | undefined): HeaderFilter {
  const header = createHeaderSplitter(FIELD_OCTETS, LOOKED_AT)
  let received = 0
  let inBody = false

  function see({ name, octets, cut }: HeaderField): void {
    if (name === 'received') received += 1
    if (received > MOST_RECEIVED)
      throw new GatewayError('message.loop', `more than ${MOST_RECEIVED} Received fields`)
    if (name !== 'from' || ours === undefined) return
    if (cut) throw new GatewayError('message.header-too-large', `From is longer than ${FIELD_OCTETS} octets`)
    const value = octets.toString().replace(/^[^:]*:/, '')
    if (names(value, ours) || names(decodeEncodedWords(value), ours))
      throw new GatewayError('sender.forged', `From names an address of ${ours}`)
  }

  return {
    push(chunk) {
      if (inBody) return chunk
      const { fields, body } = header.push(chunk)
      for (const field of fields) see(field)
      inBody = body !== undefined
      return chunk
    },
    end() {
      if (!inBody) for (const field of header.end()) see(field)
      return Buffer.alloc(0)
    },
  }
}

/** What cannot be taken apart is searched: mail programs show what they make of it, each in its own way. */
function names(value: string, domain: string): boolean {
  const addresses = parseMailboxes(value)
  if (addresses !== undefined)
    return addresses.some((address) => asciiDomain(address.domain) === asciiDomain(domain))
  const ours = new RegExp(`@${domain.replaceAll('.', '\\.')}(?![A-Za-z0-9.-]*[A-Za-z0-9])`, 'i')
  const shown = asItLooks(value)
  const uncommented = shown.replace(/\([^()]*\)/g, '')
  const together = (text: string): string => text.replace(/[\s\u0000-\u001f\u007f"'()<>[\]\\]/g, '')
  const aroundAt = (text: string): string =>
    text.replace(/["'\s\u0000-\u001f\u007f]*@["'\s\u0000-\u001f\u007f]*/g, '@')
  return [aroundAt, together].some((read) => ours.test(read(shown)) || ours.test(read(uncommented)))
}
