/**
 * The only way in: recipients → mailboxes or `lost/`. Decides who may send to whom and who is told what;
 * knows no protocol and no storage. The way of one message is told in docs/flows.md.
 */
import { systemClock, type Clock } from '../base/clock.js'
import { GatewayError } from '../base/errors.js'
import type { Language } from '../base/language.js'
import { silentLog, type Log } from '../base/log.js'
import type { Accounts, Recipient } from '../accounts/accounts.js'
import type { LostFolder } from '../lost/lost-folder.js'
import { isSameAddress, parseAddress } from '../message/address.js'
import { asciiDomain } from '../message/domain.js'
import type { MailboxStore } from '../ports/mailbox-store.js'
import type { MailTrail } from '../ports/mail-trail.js'
import type { DiskReserve } from './disk-reserve.js'
import { openReception, type Origin, type Reception } from './reception.js'
import { createRecipientList, type RecipientDsn, type RecipientVerdict } from './recipient-list.js'
import { route, type Route } from './route.js'

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
  /** Between a name and what its owner puts behind it (`alice+list`); default: there are no sub-addresses. */
  readonly separator?: string
  /** Of notifications, when a message does not tell which one its sender reads; default English. */
  readonly language?: Language
  readonly log?: Log
  readonly clock?: Clock
}

export interface Delivery {
  /**
   * Starts a mail transaction. Who signed in sends under the account's own address or the null reverse-path; a trusted
   * relay speaks for anybody.
   * @throws GatewayError `sender.not-own`, `sender.sign-in-required` for a stranger's reverse-path of ours,
   * `store.full` below the disk reserve
   */
  begin(origin: Origin): Promise<MailTransaction>
}

/** One mail transaction: recipients, then the message. */
export interface MailTransaction {
  /** @throws GatewayError `mailbox.full`, `store.unavailable` when the directory cannot be asked */
  addRecipient(address: string, dsn?: RecipientDsn): Promise<RecipientVerdict>
  /** Opens the message for everybody named so far. @throws GatewayError `store.*` */
  receive(): Promise<Reception>
}

export function createDelivery(options: DeliveryOptions): Delivery {
  const { domain, accounts, mailboxes, lost, trail, reserve, log = silentLog, clock = systemClock } = options
  const acceptAll = options.lostReply === 'accept'
  const { language = 'en', separator = '' } = options

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

  function demandSender({ reversePath, signedIn, trusted }: Origin): void {
    if (signedIn === undefined) {
      const { domain: from = '' } = parseAddress(reversePath) ?? {}
      if (trusted !== true && asciiDomain(from) === asciiDomain(domain))
        throw new GatewayError('sender.sign-in-required', `mail from ${domain} needs a signed-in sender`)
      return
    }
    // A read receipt must have the null reverse-path (RFC 8098 §3), and members' programs send them.
    if (reversePath !== '' && !isSameAddress(reversePath, signedIn.address))
      throw new GatewayError(
        'sender.not-own',
        `the reverse-path must be your own address, ${signedIn.address}`,
      )
  }

  /** Past a client's limits nothing more is kept that would be answered with 5xx; a relay in front has none. */
  async function maybeKept({ clientAddress, trusted }: Origin): Promise<boolean> {
    return acceptAll || trusted === true || lost.admits(clientAddress)
  }

  return {
    async begin(origin) {
      demandSender(origin)
      await reserve.check()
      // A member's program gives the whole message up when one recipient is refused: it is told afterwards.
      const recipients = createRecipientList(acceptAll || origin.signedIn !== undefined)
      return {
        async addRecipient(address, dsn) {
          const found = await route(address, { domain, separator, find: accounts.find })
          const isLimited = found.kind === 'unknown' && !(await maybeKept(origin))
          const leadsTo: Route = isLimited ? { kind: 'impossible' } : found
          if (leadsTo.kind === 'accounts') await demandRoom(leadsTo.accounts, origin.declaredOctets)
          const verdict = recipients.add(address, leadsTo, dsn)
          if (verdict.kind === 'refused') {
            const { reversePath, clientAddress: client } = origin
            trail.record({
              event: 'refused',
              reversePath,
              recipients: [address],
              reason: isLimited ? 'lost-limit' : verdict.reason,
              client,
            })
          }
          return verdict
        },
        receive: () => {
          const house = { mailboxes, lost, trail, log, clock, language }
          const context = { ...house, serverName: domain, acceptAll, receivedAt: clock() }
          return openReception(context, origin, recipients)
        },
      }
    },
  }
}
