/**
 * The only way in: recipients → mailboxes or `lost/`. Decides who may send to whom and who is told what;
 * knows no protocol and no storage. The way of one message is told in docs/flows.md.
 */
import { systemClock, type Clock } from '../base/clock.js'
import { GatewayError } from '../base/errors.js'
import { silentLog, type Log } from '../base/log.js'
import type { Accounts, Recipient } from '../accounts/accounts.js'
import type { LostFolder } from '../lost/lost-folder.js'
import { parseAddress } from '../message/address.js'
import type { MailboxStore } from '../ports/mailbox-store.js'
import type { MailTrail } from '../ports/mail-trail.js'
import type { DiskReserve } from './disk-reserve.js'
import { openReception, type Origin, type Reception } from './reception.js'
import { createRecipientList, type RecipientVerdict } from './recipient-list.js'
import { route } from './route.js'

export interface DeliveryOptions {
  /** Our mail domain, lower case; also this server's name in the trace. */
  readonly domain: string
  readonly accounts: Pick<Accounts, 'find'>
  readonly mailboxes: MailboxStore
  readonly lost: LostFolder
  readonly trail: MailTrail
  readonly reserve: DiskReserve
  /** `accept`: a message kept in `lost/` is always answered with 250. */
  readonly lostReply: 'refuse' | 'accept'
  readonly log?: Log
  readonly clock?: Clock
}

export interface Delivery {
  /**
   * Starts a mail transaction for a stranger.
   * @throws GatewayError `sender.sign-in-required` for a reverse-path of ours, `store.full` below the disk reserve
   */
  begin(origin: Origin): Promise<MailTransaction>
}

/** One mail transaction: recipients, then the message. */
export interface MailTransaction {
  /** @throws GatewayError `mailbox.full`, `store.unavailable` when the directory cannot be asked */
  addRecipient(address: string): Promise<RecipientVerdict>
  /** Opens the message for everybody named so far. @throws GatewayError `store.*` */
  receive(): Promise<Reception>
}

export function createDelivery(options: DeliveryOptions): Delivery {
  const { domain, accounts, mailboxes, lost, trail, reserve, log = silentLog, clock = systemClock } = options
  const acceptAll = options.lostReply === 'accept'

  /** One of them with room is enough: what a full one misses then goes to `lost/`, as any mailbox that fails. */
  async function demandRoom(recipients: readonly Recipient[], declaredOctets: number): Promise<void> {
    const full = await Promise.all(recipients.map((recipient) => isFull(recipient, declaredOctets)))
    if (full.every(Boolean))
      throw new GatewayError(
        'mailbox.full',
        `no room for ${declaredOctets} octets with ${recipients.map(({ key }) => key).join(', ')}`,
      )
  }

  /** A mailbox whose use cannot be told is no full one: if it fails, the message goes to `lost/`. */
  async function isFull({ key, quotaOctets }: Recipient, declaredOctets: number): Promise<boolean> {
    if (quotaOctets === 0) return false
    const used = await mailboxes.usedOctets(key).catch((error: unknown) => {
      log.error({ account: key, err: error }, 'how much a mailbox holds cannot be told')
      return 0
    })
    return used >= quotaOctets || used + declaredOctets > quotaOctets
  }

  return {
    async begin(origin) {
      if (parseAddress(origin.reversePath)?.domain === domain) {
        throw new GatewayError('sender.sign-in-required', `mail from ${domain} needs a signed-in sender`)
      }
      await reserve.check()
      const recipients = createRecipientList(acceptAll)
      return {
        async addRecipient(address) {
          const leadsTo = await route(address, domain, accounts.find)
          if (leadsTo.kind === 'accounts') await demandRoom(leadsTo.accounts, origin.declaredOctets)
          const verdict = recipients.add(address, leadsTo)
          if (verdict.kind === 'refused') {
            const { reversePath, clientAddress: client } = origin
            trail.record({
              event: 'refused',
              reversePath,
              recipients: [address],
              reason: verdict.reason,
              client,
            })
          }
          return verdict
        },
        receive: () => {
          const context = { mailboxes, lost, trail, log, serverName: domain, acceptAll, receivedAt: clock() }
          return openReception(context, origin, recipients)
        },
      }
    },
  }
}
