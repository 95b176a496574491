/**
 * Whom a sender is told about after the `250`, and what. Pure: decides, writes nothing.
 * Only a sender who signed in is told: a stranger's own server tells the stranger, and a message with the null
 * reverse-path is never answered (RFC 3461 §6.1, RFC 3464 §2).
 */
import type { NamedRecipient } from './recipient-list.js'

/** Why a recipient has not got the message. */
export type Failure = 'unknown-recipient' | 'mailbox-failed' | 'mailbox-full'

/** What became of one recipient whom RCPT answered with 250. */
export type RecipientOutcome =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'failed'; readonly failure: Failure; readonly lostId: string }

/** A recipient of whom the sender is told. */
export interface Notice<Outcome extends RecipientOutcome = RecipientOutcome> {
  readonly recipient: NamedRecipient
  readonly outcome: Outcome
}

/** Those of whom the sender wants to know, in the order named; none: no notification is written. */
export function noticesWanted(notices: readonly Notice[]): readonly Notice[] {
  return notices.filter(({ recipient: { dsn }, outcome }) => {
    // Who says nothing is told of failures (RFC 3461 §4.1).
    const notify = dsn.notify ?? ['FAILURE']
    return notify.includes(outcome.kind === 'delivered' ? 'SUCCESS' : 'FAILURE')
  })
}

/** The same notices by outcome. */
export function noticesOfKind(notices: readonly Notice[]) {
  const failed: Notice<Extract<RecipientOutcome, { kind: 'failed' }>>[] = []
  const delivered: Notice[] = []
  for (const { recipient, outcome } of notices) {
    if (outcome.kind === 'failed') failed.push({ recipient, outcome })
    else delivered.push({ recipient, outcome })
  }
  return { failed, delivered }
}
