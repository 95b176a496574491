/**
 * Takes a message out of `lost/` into the mailboxes where it belongs. Safe first, removed last: a `kill -9` between
 * leaves a double, never a loss.
 */
import type { Accounts, Recipient } from '../accounts/accounts.js'
import { GatewayError } from '../base/errors.js'
import type { LostEntry, LostFolder, LostView } from '../lost/lost-folder.js'
import type { IncomingMessage, MailboxStore } from '../ports/mailbox-store.js'
import type { MailTrail } from '../ports/mail-trail.js'
import { openPromisedCopy } from './lost-copy.js'
import { route } from './route.js'

export interface RedeliveryOptions {
  readonly domain: string
  readonly separator: string
  readonly accounts: Pick<Accounts, 'find'>
  readonly mailboxes: MailboxStore
  readonly lost: LostFolder
  readonly trail: MailTrail
}

/** What became of one entry. */
export type Redelivered =
  | {
      readonly kind: 'delivered'
      /** The id in the mailboxes. */
      readonly id: string
      /** Account keys. */
      readonly to: readonly string[]
      /** Addresses that still have it not; `lost/` keeps it for them in a new entry. */
      readonly rest: readonly string[]
      readonly restId: string | undefined
    }
  /** Nobody has any of its addresses: the entry stays as it is. */
  | { readonly kind: 'nobody' }

export interface Redelivery {
  /**
   * Delivers an entry to those who have its addresses by now, or to others. What is delivered is, octet for octet,
   * what would have been at first: the message under its trace, without the block.
   * @param view in which the entry was found
   * @param to instead of its recipients
   * @throws GatewayError `mailbox.full`, `message.gone`, `store.*`: then the entry stays
   */
  redeliver(view: LostView, entry: LostEntry, to?: readonly Recipient[]): Promise<Redelivered>
}

export function createRedelivery(options: RedeliveryOptions): Redelivery {
  const { domain, separator, accounts, mailboxes, lost, trail } = options

  /** Account keys by address; none for an address that nobody has. */
  async function places(entry: LostEntry): Promise<ReadonlyMap<string, readonly Recipient[]>> {
    const found = new Map<string, readonly Recipient[]>()
    for (const address of entry.circumstances?.recipients ?? []) {
      const leadsTo = await route(address, { domain, separator, find: accounts.find })
      found.set(address, leadsTo.kind === 'accounts' ? leadsTo.accounts : [])
    }
    return found
  }

  /** Answers the accounts that have it now. @throws GatewayError when none could take it */
  async function deliver(message: IncomingMessage, octets: AsyncIterable<Buffer>, keys: readonly string[]) {
    for await (const chunk of octets) await message.write(chunk)
    const outcomes = await message.commit()
    const stored = new Set(keys.filter((_, index) => outcomes[index]?.stored === true))
    const failure = outcomes.find((outcome) => !outcome.stored)?.cause
    if (stored.size > 0) return stored
    if (failure instanceof GatewayError) throw failure
    throw new GatewayError('store.unavailable', 'no mailbox could take the message', { cause: failure })
  }

  /** A new entry for those who still have it not, on stable storage. @throws GatewayError `store.*` */
  async function keepFor(view: LostView, entry: LostEntry, recipients: readonly string[]): Promise<string> {
    if (entry.circumstances === undefined) throw new Error('an entry without a block has no recipients')
    const copy = await openPromisedCopy(lost, { ...entry.circumstances, recipients })
    try {
      for await (const chunk of view.message(entry)) await copy.write(chunk)
      await copy.commit()
      return copy.id
    } finally {
      await copy.abort()
    }
  }

  return {
    async redeliver(view, entry, to) {
      const found = to === undefined ? await places(entry) : new Map([['', to]])
      const wanted = new Map([...found.values()].flat().map((recipient) => [recipient.key, recipient]))
      if (wanted.size === 0) return { kind: 'nobody' }
      const keys = [...wanted.keys()]
      const message = await mailboxes.begin(
        [...wanted.values()].map(({ key, quotaOctets }) => ({ kind: 'account', key, quotaOctets })),
      )
      try {
        const stored = await deliver(message, view.message(entry), keys)
        const left = (recipients: readonly Recipient[]): boolean =>
          recipients.length === 0 || recipients.some(({ key }) => !stored.has(key))
        const rest =
          to === undefined ? [...found].flatMap(([address, of]) => (left(of) ? [address] : [])) : []
        if (to !== undefined && left(to))
          throw new GatewayError('store.unavailable', 'not every member’s mailbox could take the message')
        const restId = rest.length === 0 ? undefined : await keepFor(view, entry, rest)
        const delivered = keys.filter((key) => stored.has(key))
        await view.remove([entry])
        trail.record({ event: 'redelivered', id: message.id, lostId: entry.id, delivered, rest, restId })
        return { kind: 'delivered', id: message.id, to: delivered, rest, restId }
      } finally {
        await message.abort()
      }
    },
  }
}
