/**
 * The header block on top of every message in `lost/`: why it is there. Pure.
 *
 * The block begins at the file's first octet, has these lines in this order, and ends before the `Return-Path` line
 * that always follows it: its length is known, and a sender who writes such headers into a message forges nothing.
 */
import { mailDate } from '../message/date.js'
import { plain } from '../message/trace.js'

/**
 * Why nobody received it.
 * - `unknown-recipient`: the addresses name no account
 * - `no-postmaster`: mail for `postmaster` or `abuse` while nobody holds that role
 * - `mailbox-failed`: the accounts exist, but their mailboxes could not take it
 */
export const LOST_REASONS = ['unknown-recipient', 'no-postmaster', 'mailbox-failed'] as const

export type LostReason = (typeof LOST_REASONS)[number]

/** What is known about a lost message besides its octets. */
export interface LostCircumstances {
  readonly reason: LostReason
  /** Addresses as the sender gave them. */
  readonly recipients: readonly string[]
  readonly reversePath: string
  /** The account that sent it, when the sender had signed in: its key. */
  readonly account?: string | undefined
  readonly clientAddress: string
  /** What the sender is told of these recipients: 250 means that we have promised to keep it. */
  readonly answered: 250 | 550
  readonly receivedAt: Date
}

/** The block, each line ended with CRLF. */
export function lostBlock(circumstances: LostCircumstances): string {
  const { reason, recipients, reversePath, account, clientAddress, answered, receivedAt } = circumstances
  const lines = [
    `X-Relais-Lost-Reason: ${reason}`,
    ...recipients.map((recipient) => `X-Relais-Lost-Recipient: <${plain(recipient)}>`),
    `X-Relais-Lost-Reverse-Path: <${plain(reversePath)}>`,
    ...(account === undefined ? [] : [`X-Relais-Lost-Account: ${plain(account)}`]),
    `X-Relais-Lost-Client: ${plain(clientAddress)}`,
    `X-Relais-Lost-Answered: ${answered}`,
    `X-Relais-Lost-Date: ${mailDate(receivedAt)}`,
  ]
  return lines.map((line) => `${line}\r\n`).join('')
}

/** A block as it was read back, and how many octets it takes. */
export interface ReadBlock {
  readonly circumstances: LostCircumstances
  readonly octets: number
}

/** How every block begins; what begins otherwise was not put there by us. */
const BEGINNING = 'X-Relais-Lost-Reason: '

/** The lines of `lostBlock`, in their order, and what always follows them. */
const BLOCK = new RegExp(
  '^X-Relais-Lost-Reason: (?<reason>[a-z-]+)\r\n' +
    '(?<recipients>(?:X-Relais-Lost-Recipient: <[^\r\n]*>\r\n)*)' +
    'X-Relais-Lost-Reverse-Path: <(?<reversePath>[^\r\n]*)>\r\n' +
    '(?:X-Relais-Lost-Account: (?<account>[^\r\n]*)\r\n)?' +
    'X-Relais-Lost-Client: (?<clientAddress>[^\r\n]*)\r\n' +
    'X-Relais-Lost-Answered: (?<answered>250|550)\r\n' +
    'X-Relais-Lost-Date: (?<date>[^\r\n]*)\r\n' +
    '(?=Return-Path: <)',
)

/** Whether these first octets of a message can be the beginning of a block. */
export function beginsBlock(octets: Buffer): boolean {
  const beginning = octets.toString('latin1', 0, BEGINNING.length)
  return BEGINNING.startsWith(beginning)
}

/**
 * Reads the block at the first octet; `undefined` when there is none, or when it is not all there yet. Nothing behind
 * it is looked at but the `Return-Path` that we wrote: whatever a sender wrote comes after that.
 */
export function readLostBlock(octets: Buffer): ReadBlock | undefined {
  const found = BLOCK.exec(octets.toString('latin1'))
  const { reason, recipients, reversePath, account, clientAddress, answered, date } = found?.groups ?? {}
  const receivedAt = new Date(date ?? '')
  if (found === null || !isReason(reason) || Number.isNaN(receivedAt.getTime())) return undefined
  return {
    circumstances: {
      reason,
      recipients: [...utf8(recipients).matchAll(/<([^\r\n]*)>\r\n/g)].map((match) => match[1] ?? ''),
      reversePath: utf8(reversePath),
      account: account === undefined ? undefined : utf8(account),
      clientAddress: utf8(clientAddress),
      answered: answered === '250' ? 250 : 550,
      receivedAt,
    },
    octets: found[0].length,
  }
}

function isReason(text: string | undefined): text is LostReason {
  return text !== undefined && LOST_REASONS.some((reason) => reason === text)
}

/** What was matched octet by octet, as the text that it is. */
function utf8(octets = ''): string {
  return Buffer.from(octets, 'latin1').toString()
}
