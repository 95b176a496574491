/**
 * What a submission server does to the header of a message (RFC 6409 §6, §8): everybody named as its sender is the
 * account that hands it in; a missing `Date` and `Message-ID` go on top; `Bcc` is taken out. Nothing else changes.
 * Pure.
 *
 * The header is held until its end, because only then it is known what is missing: `HEADER_OCTETS` at most.
 */
import { GatewayError } from '../base/errors.js'
import { mailDate } from './date.js'
import { asItLooks } from './domain.js'
import { decodeEncodedWords } from './encoded-words.js'
import { MOST_RECEIVED, type HeaderFilter } from './header-filter.js'
import { createHeaderSplitter, type HeaderField } from './header-splitter.js'
import { parseMailboxes } from './mailboxes.js'

/** Largest header that is held: room for 100,000 fields, and a small part of what a message may have. */
export const HEADER_OCTETS = 4 * 1024 * 1024

export interface Submitter {
  /** The account's own address; compared without case. */
  readonly address: string
  readonly now: Date
  /** With its angle brackets; used if the message has none. */
  readonly messageId: string
}

/** @returns a filter that throws GatewayError `sender.not-own`, `message.loop`, `message.header-too-large` */
export function createSubmissionHeader({ address, now, messageId }: Submitter): HeaderFilter {
  const own = address.toLowerCase()
  const header = createHeaderSplitter(HEADER_OCTETS)
  const kept: Buffer[] = []
  const seen = new Set<string>()
  let octets = 0
  let received = 0
  let inBody = false

  function see(field: HeaderField): void {
    octets += field.octets.length
    if (field.cut || octets > HEADER_OCTETS)
      throw new GatewayError('message.header-too-large', `a header of more than ${HEADER_OCTETS} octets`)
    if (field.name === 'received') received += 1
    if (received > MOST_RECEIVED)
      throw new GatewayError('message.loop', `more than ${MOST_RECEIVED} Received fields`)
    if ((field.name === 'from' || field.name === 'sender') && !isOwn(field.octets, own))
      throw new GatewayError('sender.not-own', `${field.name} names somebody else than ${address}`)
    seen.add(field.name)
    if (field.name !== 'bcc') kept.push(field.octets)
  }

  function edited(): Buffer {
    const [first] = kept
    const added = [
      ...(seen.has('message-id') ? [] : [`Message-ID: ${messageId}\r\n`]),
      ...(seen.has('date') ? [] : [`Date: ${mailDate(now)}\r\n`]),
      // A first line that begins with a blank would fold into ours: an empty line keeps it apart.
      ...(first?.[0] === 0x20 || first?.[0] === 0x09 ? ['\r\n'] : []),
    ]
    return Buffer.concat([Buffer.from(added.join('')), ...kept])
  }

  return {
    push(chunk) {
      if (inBody) return chunk
      const { fields, body } = header.push(chunk)
      for (const field of fields) see(field)
      if (body === undefined) return Buffer.alloc(0)
      inBody = true
      return Buffer.concat([edited(), body])
    },
    end() {
      if (inBody) return Buffer.alloc(0)
      for (const field of header.end()) see(field)
      return edited()
    },
  }
}

/** Read as it stands, and as mail programs show it that decode encoded words wherever they are. */
function isOwn(field: Buffer, own: string): boolean {
  const value = field.toString().replace(/^[^:]*:/, '')
  return namesOnly(value, own) && namesOnly(decodeEncodedWords(value, asNames), own)
}

function namesOnly(value: string, own: string): boolean {
  const addresses = parseMailboxes(value)
  return (
    addresses !== undefined &&
    addresses.every(({ localPart, domain }) => `${localPart}@${domain}`.toLowerCase() === own)
  )
}

/** A name such as `Doe, Alice` has no part in an address, whatever it is written with; what may have one stays. */
function asNames(text: string): string {
  const shown = asItLooks(text)
  return /[@<>]/.test(shown) ? shown : shown.replace(/[\u0000-\u001f\u007f,;:"()[\]\\]/g, ' ')
}
