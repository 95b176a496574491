/**
 * The header block on top of every message in `lost/`: why it is there. Pure.
 *
 * The block begins at the file's first octet and ends before the `Return-Path` line that always follows
 * it, so a sender who writes such headers into a message cannot forge one.
 */
import { mailDate } from '../message/date.js'
import { plain } from '../message/trace.js'

/**
 * Why nobody received it.
 * - `unknown-recipient`: the addresses name no account
 * - `no-postmaster`: mail for `postmaster` or `abuse` while nobody holds that role
 * - `mailbox-failed`: the accounts exist, but their mailboxes could not take it
 */
export type LostReason = 'unknown-recipient' | 'no-postmaster' | 'mailbox-failed'

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
