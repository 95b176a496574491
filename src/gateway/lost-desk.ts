/** What the postmaster does with `lost/`: find, look, hand on, throw away. Works beside a running server. */
import type { Accounts } from '../accounts/accounts.js'
import { GatewayError } from '../base/errors.js'
import { createRedelivery, type Redelivered } from '../delivery/redelivery.js'
import { baseName } from '../delivery/route.js'
import { LOST_REASONS } from '../lost/block.js'
import { isMeant, type LostFilter } from '../lost/filter.js'
import type { LostEntry, LostFolder, LostView } from '../lost/lost-folder.js'
import { nearestNames } from '../lost/nearest-names.js'
import { parseAddress } from '../message/address.js'
import type { MailTrail } from '../ports/mail-trail.js'
import type { MailboxStore } from '../ports/mailbox-store.js'

export type { LostEntry, LostFilter, Redelivered }
export { LOST_REASONS }

export interface LostDeskOptions {
  readonly domain: string
  readonly separator: string
  readonly accounts: Pick<Accounts, 'find' | 'list' | 'aliases'>
  readonly mailboxes: MailboxStore
  readonly lost: LostFolder
  readonly trail: MailTrail
}

export interface LostDesk {
  /**
   * The entries that are meant, the oldest first.
   * @throws GatewayError `message.gone` when an id is not there, `store.unavailable`
   */
  find(filter: LostFilter): Promise<LostSelection>
}

export interface LostSelection {
  readonly entries: readonly LostEntry[]
  /** Existing addresses that an unknown recipient was probably meant to be, the nearest first; at most three. */
  nearest(recipient: string): readonly string[]
  /** The message behind the block. @throws GatewayError `message.gone`, `store.unavailable` */
  message(entry: LostEntry): AsyncIterable<Buffer>
  /** The message as it lies there. @throws GatewayError `message.gone`, `store.unavailable` */
  whole(entry: LostEntry): AsyncIterable<Buffer>
  /**
   * @param to a name or an address of ours, instead of the recipients
   * @throws GatewayError `account.unknown` for `to`, `mailbox.full`, `message.gone`, `store.*`: the entry stays
   */
  redeliver(entry: LostEntry, to?: string): Promise<Redelivered>
  /** @throws GatewayError `store.unavailable`, also when some are still there */
  discard(entries: readonly LostEntry[]): Promise<void>
}

export function createLostDesk(options: LostDeskOptions): LostDesk {
  const { domain, separator, accounts, lost, trail } = options
  const redelivery = createRedelivery(options)

  async function recipientsOf(to: string) {
    const address = parseAddress(to.includes('@') ? to : `${to}@${domain}`)
    const found = address?.domain === domain ? await accounts.find(address.localPart) : []
    if (found.length === 0)
      throw new GatewayError('account.unknown', `there is no account ${JSON.stringify(to)}`)
    return found
  }

  function selection(view: LostView, entries: readonly LostEntry[], names: readonly string[]): LostSelection {
    return {
      entries,
      nearest(recipient) {
        const localPart = parseAddress(recipient)?.localPart.toLowerCase()
        if (localPart === undefined || names.includes(localPart)) return []
        const near = nearestNames(baseName(localPart, separator), names)
        return near.map((name) => `${name}@${domain}`)
      },
      message: view.message,
      whole: view.whole,
      redeliver: async (entry, to) =>
        redelivery.redeliver(view, entry, to === undefined ? undefined : await recipientsOf(to)),
      async discard(doomed) {
        const left = await view.remove(doomed)
        for (const { id, octets, circumstances } of doomed) {
          if (left.some((entry) => entry.id === id)) continue
          const { reason, recipients, answered } = circumstances ?? {}
          trail.record({ event: 'discarded', id, why: 'postmaster', reason, recipients, answered, octets })
        }
        if (left.length > 0)
          throw new GatewayError('store.unavailable', `${left.length} messages could not be removed`)
      },
    }
  }

  return {
    async find(filter) {
      const view = await lost.view()
      const entries: LostEntry[] = []
      for await (const entry of view.entries()) if (isMeant(entry, filter)) entries.push(entry)
      const missing = filter.ids?.find((wanted) => entries.every(({ id }) => id !== wanted))
      if (missing !== undefined)
        throw new GatewayError('message.gone', `there is no message ${JSON.stringify(missing)} in lost/`)
      const [people, roles] = await Promise.all([accounts.list(), accounts.aliases()])
      const names = new Set([...people.map(({ key }) => key), ...roles.map(({ key }) => key)])
      return selection(view, entries, [...names])
    },
  }
}
