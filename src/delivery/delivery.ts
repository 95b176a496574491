/**
 * The only way in: recipients → mailboxes or `lost/`. Decides who may send to whom and who is told what;
 * knows no protocol and no storage. The way of one message is told in docs/flows.md.
 */
import { systemClock, type Clock } from '../base/clock.js'
import { GatewayError } from '../base/errors.js'
import { silentLog, type Log } from '../base/log.js'
import type { Accounts } from '../accounts/accounts.js'
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
  readonly accounts: Pick<Accounts, 'has'>
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
  /** @throws GatewayError `store.unavailable` when the directory cannot be asked */
  addRecipient(address: string): Promise<RecipientVerdict>
  /** Opens the message for everybody named so far. @throws GatewayError `store.*` */
  receive(): Promise<Reception>
}

export function createDelivery(options: DeliveryOptions): Delivery {
  const { domain, accounts, mailboxes, lost, trail, reserve, log = silentLog, clock = systemClock } = options
  const acceptAll = options.lostReply === 'accept'

  return {
    async begin(origin) {
      if (parseAddress(origin.reversePath)?.domain === domain) {
        throw new GatewayError('sender.sign-in-required', `mail from ${domain} needs a signed-in sender`)
      }
      await reserve.check()
      const recipients = createRecipientList(acceptAll)
      return {
        async addRecipient(address) {
          const verdict = recipients.add(address, await route(address, domain, (key) => accounts.has(key)))
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
