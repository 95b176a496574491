/** A delivery of `maildir-ts` as the house's `IncomingMessage`. */
import { beginDelivery, type Maildir } from 'maildir-ts'
import type { IncomingMessage, MailboxId, StoreOutcome } from '../../ports/mailbox-store.js'
import { inStoreTerms, readInStoreTerms, storeFailure } from './failures.js'

/** @param maildirs those of the mailboxes, in the same order */
export async function beginIncomingMessage(
  mailboxes: readonly MailboxId[],
  maildirs: readonly Maildir[],
): Promise<IncomingMessage> {
  const delivery = await inStoreTerms(() => beginDelivery(maildirs))

  return {
    id: delivery.unique,
    write: (chunk) => inStoreTerms(() => delivery.write(chunk)),

    async commit() {
      const outcomes = await inStoreTerms(() => delivery.commit())
      return mailboxes.map((mailbox, index): StoreOutcome => {
        const outcome = outcomes[index]
        if (outcome?.stored === true) return { mailbox, stored: true }
        return { mailbox, stored: false, cause: storeFailure(outcome?.cause) }
      })
    },

    read: () => readInStoreTerms(delivery.read()),
    abort: () => delivery.abort(),
  }
}
