/** A delivery of `maildir-ts` as the house's `IncomingMessage`. */
import { beginDelivery, MaildirError, type Maildir } from 'maildir-ts'
import { GatewayError } from '../../base/errors.js'
import type { DeliveryTarget, IncomingMessage, StoreOutcome } from '../../ports/mailbox-store.js'
import { inStoreTerms, readInStoreTerms, storeFailure } from './failures.js'
import type { UsageTracker } from './usage.js'

/** A target with the Maildir that it lies in. */
export interface MaildirTarget {
  readonly target: DeliveryTarget
  readonly maildir: Maildir
}

export async function beginIncomingMessage(
  targets: readonly MaildirTarget[],
  usage: UsageTracker,
): Promise<IncomingMessage> {
  const quotas = new Map(targets.map(({ target, maildir }) => [maildir.path, target.quotaOctets ?? 0]))

  async function hasRoom(maildir: Maildir, { octets }: { readonly octets: number }): Promise<boolean> {
    const quota = quotas.get(maildir.path) ?? 0
    return quota === 0 || (await usage.octets(maildir)) + octets <= quota
  }

  const maildirs = targets.map(({ maildir }) => maildir)
  const delivery = await inStoreTerms(() => beginDelivery(maildirs, { admit: hasRoom }))

  return {
    id: delivery.unique,
    write: (chunk) => inStoreTerms(() => delivery.write(chunk)),

    async commit() {
      const outcomes = await inStoreTerms(() => delivery.commit())
      return targets.map(({ target, maildir }, index): StoreOutcome => {
        const outcome = outcomes[index]
        if (outcome?.stored !== true)
          return { mailbox: target, stored: false, cause: refusal(outcome?.cause) }
        usage.add(maildir, outcome.entry.octets)
        return { mailbox: target, stored: true }
      })
    },

    read: () => readInStoreTerms(delivery.read()),
    abort: () => delivery.abort(),
  }
}

function refusal(cause: unknown): unknown {
  if (!(cause instanceof MaildirError && cause.operation === 'admit')) return storeFailure(cause)
  return new GatewayError('mailbox.full', 'the mailbox would hold more than its quota', { cause })
}
