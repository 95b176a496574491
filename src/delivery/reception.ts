/**
 * One message on its way in: every octet goes to the accounts' mailboxes (one copy for all of them) and,
 * for recipients who cannot have it, to `lost/`.
 *
 * THE PLACE WHERE A MESSAGE COULD BE LOST IS `commit`: it answers only when everybody whom the sender was
 * promised has it on stable storage, in a mailbox or in `lost/`.
 */
import type { Clock } from '../base/clock.js'
import { failureCode, GatewayError } from '../base/errors.js'
import type { Language } from '../base/language.js'
import type { Log } from '../base/log.js'
import type { LostCircumstances, LostReason } from '../lost/block.js'
import type { LostFolder } from '../lost/lost-folder.js'
import { traceHeaders } from '../message/trace.js'
import type { MailTrail } from '../ports/mail-trail.js'
import type { IncomingMessage, MailboxStore } from '../ports/mailbox-store.js'
import { openPromisedCopy, openQuietCopy, type LostCopy } from './lost-copy.js'
import { noticesWanted, type Failure, type RecipientOutcome } from './notification.js'
import { notifySender } from './notify.js'
import { keepOriginal } from './original.js'
import type { NamedRecipient, RecipientList } from './recipient-list.js'

/** Who hands the message in, as far as the trace and the trail tell. */
export interface Origin {
  /** Without angle brackets; empty for the null reverse-path. */
  readonly reversePath: string
  readonly heloName: string
  readonly clientAddress: string
  /** Registered `with` protocol type (RFC 3848). */
  readonly protocol: string
  /** How large the sender says the message is (RFC 1870 §3), 0 when it does not say. */
  readonly declaredOctets: number
  /** The account that signed in, if one did: its key, and its own address. */
  readonly signedIn?: { readonly key: string; readonly address: string } | undefined
  /** A relay in front of us, which may speak for anybody and has no limits of its own. */
  readonly trusted?: boolean | undefined
  /** Each recipient is answered for itself after the message (RFC 2033 §4.2), not all of them at once. */
  readonly answeredEach?: boolean | undefined
  /** What the sender asks of notifications (RFC 3461 §4.3, §4.4); `envid` xtext decoded. */
  readonly dsn?:
    | { readonly ret?: 'FULL' | 'HDRS' | undefined; readonly envid?: string | undefined }
    | undefined
}

/** What became of a message. */
export interface Receipt {
  /** The id to name in the reply. */
  readonly id: string
  /** Whether it reached somebody, or `lost.reply` says that keeping it is enough: 250, else 550. */
  readonly accepted: boolean
  /** Addresses that RCPT was answered 250 for and that nobody has, with the id under which `lost/` keeps the message. */
  readonly lost: readonly {
    readonly id: string
    readonly reason: LostReason
    readonly addresses: readonly string[]
    /** What these recipients are answered where each has its own reply. */
    readonly answered: 250 | 550
  }[]
}

export interface Reception {
  /** Takes the next octets of the message, dots unstuffed, line ends CRLF. @throws GatewayError `store.*` */
  write(chunk: Uint8Array): Promise<void>
  /** @throws GatewayError `mailbox.full`, `store.*`: the sender keeps the message and comes again */
  commit(): Promise<Receipt>
  /** Leaves no trace of a message that was not committed; lets go of one that was. */
  abort(): Promise<void>
}

export interface ReceptionContext {
  readonly mailboxes: MailboxStore
  readonly lost: LostFolder
  readonly trail: MailTrail
  readonly log: Log
  /** This server's name in the trace. */
  readonly serverName: string
  /** `lost.reply = accept`. */
  readonly acceptAll: boolean
  readonly receivedAt: Date
  readonly clock: Clock
  /** Of a notification, when the message does not tell which one its sender reads. */
  readonly language: Language
}

/** Why, and under which id, `lost/` keeps what a mailbox could not take. */
interface MailboxFailure {
  readonly failure: Failure
  readonly lostId: string
}

/** @throws GatewayError `store.*` */
export async function openReception(
  context: ReceptionContext,
  origin: Origin,
  recipients: RecipientList,
): Promise<Reception> {
  const { mailboxes, trail, log } = context
  const { accounts } = recipients
  const held = recipients.addressesIn('held')
  const keys = accounts.map(({ key }) => key)
  const accepted = recipients.reachesSomebody || context.acceptAll
  const mailboxCopy =
    accounts.length === 0
      ? undefined
      : await mailboxes.begin(accounts.map(({ key, quotaOctets }) => ({ kind: 'account', key, quotaOctets })))
  /** What those are answered whom only `lost/` has: as all the others, or for themselves. */
  const answeredLost = (origin.answeredEach === true ? context.acceptAll : accepted) ? 250 : 550
  const lostCopies: LostCopy[] = []
  /** What the mailboxes' copy became when their store failed under it: a copy for `lost/`. */
  let rescued: LostCopy | undefined
  /** Under which id `lost/` keeps it for those who were held. */
  let unknownId = ''
  /** By account key. */
  const failures = new Map<string, MailboxFailure>()
  /** Who is told of what went wrong afterwards: nobody for the null reverse-path, and no stranger. */
  const notified = origin.reversePath === '' ? undefined : origin.signedIn
  const original = notified === undefined ? undefined : keepOriginal(origin.dsn?.ret)
  let octets = 0

  function circumstances(
    reason: LostReason,
    addresses: readonly string[],
    answered: 250 | 550,
  ): LostCircumstances {
    const { reversePath, clientAddress } = origin
    return {
      reason,
      recipients: addresses,
      reversePath,
      account: origin.signedIn?.key,
      clientAddress,
      answered,
      receivedAt: context.receivedAt,
    }
  }

  async function addPromisedCopy(
    reason: LostReason,
    addresses: readonly string[],
    answered: 250 | 550,
  ): Promise<LostCopy> {
    const copy = await openPromisedCopy(context.lost, circumstances(reason, addresses, answered))
    lostCopies.push(copy)
    return copy
  }

  /** For recipients who were refused already: whatever the others are answered, nothing was promised for these. */
  async function addQuietCopy(reason: LostReason, addresses: readonly string[]): Promise<void> {
    const copy = await openQuietCopy(context.lost, log, circumstances(reason, addresses, 550))
    if (copy !== undefined) lostCopies.push(copy)
  }

  async function begin(): Promise<void> {
    const refused = recipients.addressesIn('refused')
    const roles = recipients.addressesIn('role')
    if (held.length > 0)
      unknownId = (await addPromisedCopy('unknown-recipient', [...held, ...refused], answeredLost)).id
    else if (refused.length > 0) await addQuietCopy('unknown-recipient', refused)
    if (roles.length > 0) await addPromisedCopy('no-postmaster', roles, 250)
    await toAll((copy) => copy.write(trace(copy.id)))
  }

  function trace(id: string): Buffer {
    const { serverName: by, receivedAt } = context
    return Buffer.from(traceHeaders({ ...origin, by, id, onlyRecipient: recipients.only, receivedAt }))
  }

  async function toAll(action: (copy: IncomingMessage | LostCopy) => Promise<unknown>): Promise<void> {
    const mailboxes = mailboxCopy === undefined || rescued !== undefined ? [] : [mailboxCopy]
    await Promise.all([...mailboxes, ...lostCopies].map(action))
  }

  /** Answers the accounts whose mailboxes could not take it, and why. @throws GatewayError `store.*`: none has it */
  async function commitMailboxes(message: IncomingMessage): Promise<ReadonlyMap<string, Failure>> {
    const outcomes = await message.commit()
    const failed = new Map<string, Failure>()
    for (const [index, key] of keys.entries()) {
      const outcome = outcomes[index]
      if (outcome?.stored !== true) failed.set(key, failureOf(outcome?.cause))
    }
    const delivered = keys.filter((key) => !failed.has(key))
    const full = outcomes.every((outcome) => !outcome.stored && failureCode(outcome.cause) === 'mailbox.full')
    // Nobody has it and nobody was promised more: the sender keeps it until there is room.
    if (full && lostCopies.length === 0) throw new GatewayError('mailbox.full', 'every mailbox is full')
    const { reversePath, clientAddress: client } = origin
    if (delivered.length > 0)
      trail.record({ event: 'accepted', id: message.id, reversePath, delivered, octets, client })
    for (const outcome of outcomes) {
      if (!outcome.stored)
        log.error({ id: message.id, err: outcome.cause }, 'a mailbox could not take a message')
    }
    return failed
  }

  /** Saves for `lost/` what mailboxes could not take although their accounts exist. @throws GatewayError `store.*` */
  async function rescue(message: IncomingMessage, failed: ReadonlyMap<string, Failure>): Promise<LostCopy> {
    const addresses = [...failed.keys()].map(recipients.addressOf)
    const copy = await openPromisedCopy(
      context.lost,
      circumstances('mailbox-failed', [...new Set(addresses)], 250),
    )
    lostCopies.push(copy)
    for (const [key, failure] of failed) failures.set(key, { failure, lostId: copy.id })
    for await (const chunk of message.read()) await copy.write(chunk)
    return copy
  }

  /** No mailbox can take any more of it: what came so far, and all that follows, goes to `lost/`. */
  async function writeMailboxes(message: IncomingMessage, chunk: Uint8Array): Promise<void> {
    try {
      await message.write(chunk)
    } catch (error) {
      if (failureCode(error) !== 'store.unavailable') throw error
      log.error({ id: message.id, accounts: keys, err: error }, 'no mailbox could take a message')
      const copy = await rescue(message, new Map(keys.map((key) => [key, 'mailbox-failed'])))
      await copy.write(chunk)
      rescued = copy
      await message.abort()
    }
  }

  async function commitLost(copy: LostCopy): Promise<void> {
    if (!(await copy.commit())) return
    const { reason, recipients: addresses, answered } = copy.circumstances
    const { reversePath, clientAddress: client } = origin
    trail.record({
      event: 'lost',
      id: copy.id,
      reason,
      reversePath,
      recipients: addresses,
      answered,
      octets,
      client,
    })
  }

  function receipt(id = ''): Receipt {
    const named = lostCopies.flatMap(({ id, circumstances: { reason, recipients: addresses, answered } }) => {
      if (reason === 'no-postmaster') return []
      return [{ id, reason, addresses: reason === 'unknown-recipient' ? held : addresses, answered }]
    })
    return { id, accepted, lost: named.filter(({ addresses }) => addresses.length > 0) }
  }

  async function commitAll(): Promise<Receipt> {
    // lost/ first: if that fails nothing is visible in a mailbox yet, and the sender's retry makes no double.
    await Promise.all(lostCopies.map(commitLost))
    if (mailboxCopy === undefined || rescued !== undefined) return receipt(lostCopies[0]?.id)
    const failed = await commitMailboxes(mailboxCopy)
    if (failed.size === 0) return receipt(mailboxCopy.id)
    const copy = await rescue(mailboxCopy, failed)
    await commitLost(copy)
    return receipt(failed.size === accounts.length ? copy.id : mailboxCopy.id)
  }

  function outcomeOf({ place }: NamedRecipient): RecipientOutcome | undefined {
    switch (place.kind) {
      case 'accounts': {
        const failed = place.accounts.map(({ key }) => failures.get(key)).find((found) => found !== undefined)
        return failed === undefined ? { kind: 'delivered' } : { kind: 'failed', ...failed }
      }
      case 'role':
        return { kind: 'delivered' }
      case 'held':
        return { kind: 'failed', failure: 'unknown-recipient', lostId: unknownId }
      case 'refused':
        return undefined
    }
  }

  /** After a 550 the sender knows already; after a 250 a notification tells. */
  async function tellSender({ id }: Receipt): Promise<void> {
    if (notified === undefined || original === undefined || !accepted) return
    const notices = recipients.named.flatMap((recipient) => {
      const outcome = outcomeOf(recipient)
      return outcome === undefined ? [] : [{ recipient, outcome }]
    })
    const wanted = noticesWanted(notices)
    if (wanted.length === 0) return
    await notifySender(context, {
      domain: context.serverName,
      sender: notified,
      about: id,
      notices: wanted,
      original: original.kept(),
      envid: origin.dsn?.envid,
      clientAddress: origin.clientAddress,
      receivedAt: context.receivedAt,
    })
  }

  const reception: Reception = {
    async write(chunk) {
      original?.see(chunk)
      if (octets === 0 && startsFolded(chunk)) await toAll((copy) => copy.write(Buffer.from('\r\n')))
      octets += chunk.length
      await toAll((copy) => (copy === mailboxCopy ? writeMailboxes(mailboxCopy, chunk) : copy.write(chunk)))
    },

    async commit() {
      const receipt = await commitAll()
      await tellSender(receipt)
      return receipt
    },

    abort: async () => {
      await Promise.all([mailboxCopy, ...lostCopies].map(async (copy) => copy?.abort()))
    },
  }

  try {
    await begin()
    return reception
  } catch (error) {
    await reception.abort()
    throw error
  }
}

function failureOf(cause: unknown): Failure {
  return failureCode(cause) === 'mailbox.full' ? 'mailbox-full' : 'mailbox-failed'
}

/** A first line that begins with a space would fold into our trace: an empty line closes the trace before it. */
function startsFolded(chunk: Uint8Array): boolean {
  return chunk[0] === 0x20 || chunk[0] === 0x09
}
