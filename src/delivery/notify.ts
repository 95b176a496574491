/**
 * Puts a notification into the mailbox of the sender whom it is about, before the sender is answered: a `kill -9`
 * between could else take it away for good. The answer does not depend on it: where the sender's mailbox cannot take
 * it, it is kept in `lost/`, and where that fails too it is logged, for the reply names who was not reached as well.
 */
import type { Clock } from '../base/clock.js'
import type { Language } from '../base/language.js'
import type { Log } from '../base/log.js'
import type { LostFolder } from '../lost/lost-folder.js'
import type { MailTrail } from '../ports/mail-trail.js'
import type { MailboxStore } from '../ports/mailbox-store.js'
import { openPromisedCopy } from './lost-copy.js'
import { noticesOfKind } from './notification.js'
import { notificationMessage, type NotificationFacts } from './notification-message.js'

export interface NotifyContext {
  readonly mailboxes: MailboxStore
  readonly lost: LostFolder
  readonly trail: MailTrail
  readonly log: Log
  readonly clock: Clock
  readonly language: Language
}

export interface NotificationOrder extends Omit<NotificationFacts, 'id' | 'writtenAt' | 'language' | 'to'> {
  readonly sender: { readonly key: string; readonly address: string }
  readonly clientAddress: string
  /** The id of the message that the notification is about. */
  readonly about: string
}

/** Resolves once the notification is on stable storage, or nothing more can be done for it; never rejects. */
export async function notifySender(context: NotifyContext, order: NotificationOrder): Promise<void> {
  const { trail, log } = context
  const { sender, about, notices } = order
  const names = noticesOfKind(notices)
  const addresses = (of: typeof notices): readonly string[] => of.map(({ recipient }) => recipient.address)
  try {
    const id = await store(context, order)
    trail.record({
      event: 'notified',
      id,
      about,
      account: sender.key,
      failed: addresses(names.failed),
      delivered: addresses(names.delivered),
    })
  } catch (error) {
    log.error({ about, account: sender.key, err: error }, 'a sender could not be notified')
  }
}

/** Answers the id under which the sender's mailbox, or else `lost/`, has it. @throws GatewayError `store.*` */
async function store(context: NotifyContext, order: NotificationOrder): Promise<string> {
  const { mailboxes, log, clock, language } = context
  // Without a quota: a full mailbox is no reason to hide from its owner what did not arrive.
  const message = await mailboxes.begin([{ kind: 'account', key: order.sender.key }])
  const { id } = message
  const facts = { ...order, id, to: order.sender.address, writtenAt: clock(), language }
  // RFC 5321 §4.4; the null reverse-path is that of every notification (RFC 3464 §2).
  const octets = Buffer.concat([Buffer.from('Return-Path: <>\r\n'), await notificationMessage(facts)])
  try {
    await message.write(octets)
    const [outcome] = await message.commit()
    if (outcome?.stored === true) return id
    log.error(
      { id, account: order.sender.key, err: outcome?.cause },
      'a mailbox could not take a notification',
    )
  } catch (error) {
    log.error({ id, account: order.sender.key, err: error }, 'a notification could not be stored')
  } finally {
    await message.abort()
  }
  return keepInLost(context, order, octets)
}

async function keepInLost(
  { lost, clock }: NotifyContext,
  { sender, clientAddress }: NotificationOrder,
  octets: Buffer,
): Promise<string> {
  const copy = await openPromisedCopy(lost, {
    reason: 'mailbox-failed',
    recipients: [sender.address],
    reversePath: '',
    clientAddress,
    answered: 250,
    receivedAt: clock(),
  })
  try {
    await copy.write(octets)
    await copy.commit()
    return copy.id
  } finally {
    await copy.abort()
  }
}
