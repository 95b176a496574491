/**
 * One message on its way in: every octet goes to the accounts' mailboxes (one copy for all of them) and,
 * for recipients who cannot have it, to `lost/`. THE PLACE WHERE A MESSAGE COULD BE LOST IS `commit`:
 * it answers only when each recipient that the sender was promised has it on stable storage.
 */
import { GatewayError } from '../base/errors.js'
import type { Log } from '../base/log.js'
import type { LostReason } from '../lost/block.js'
import type { LostFolder } from '../lost/lost-folder.js'
import { traceHeaders } from '../message/trace.js'
import type { IncomingMessage, MailboxId, MailboxStore } from '../ports/mailbox-store.js'
import type { MailTrail } from '../ports/mail-trail.js'
import type { RecipientList } from './recipient-list.js'

/** Who hands the message in, as far as the trace and the trail tell. */
export interface Origin {
  /** Without angle brackets; empty for the null reverse-path. */
  readonly reversePath: string
  readonly heloName: string
  readonly clientAddress: string
  /** Registered `with` protocol type (RFC 3848). */
  readonly protocol: string
}

/** What became of a message. */
export interface Receipt {
  /** The id to name in the reply. */
  readonly id: string
  /** Whether it reached somebody, or `lost.reply` says that keeping it is enough: 250, else 550. */
  readonly accepted: boolean
  /** Addresses that 250 was said to and that nobody has, with the id under which `lost/` keeps the message. */
  readonly lost: readonly { readonly id: string; readonly addresses: readonly string[] }[]
}

export interface Reception {
  /** Takes the next octets of the message, dots unstuffed, line ends CRLF. @throws GatewayError `store.*` */
  write(chunk: Uint8Array): Promise<void>
  /** @throws GatewayError `store.full`, `store.unavailable`: the sender keeps the message and comes again */
  commit(): Promise<Receipt>
  /** Leaves no trace of a message that was not committed. */
  abort(): Promise<void>
}

export interface ReceptionContext {
  readonly mailboxes: MailboxStore
  readonly lost: LostFolder
  readonly trail: MailTrail
  readonly log: Log
  /** This server's name in the trace. */
  readonly serverName: string
  readonly acceptAll: boolean
  readonly receivedAt: Date
}

/** A message of its own in `lost/`, for recipients who share a reason. */
interface LostCopy {
  readonly message: IncomingMessage
  readonly reason: LostReason
  readonly addresses: readonly string[]
  /** Whether the sender was promised that it is kept; else it is only kept if that works. */
  readonly promised: boolean
}

/** @throws GatewayError `store.*` */
export async function openReception(
  context: ReceptionContext,
  origin: Origin,
  recipients: RecipientList,
): Promise<Reception> {
  const { mailboxes, lost, trail, log } = context
  const accounts = recipients.accounts
  const accepted = recipients.reachesSomebody || context.acceptAll
  const answered = accepted ? 250 : 550
  const lostCopies: LostCopy[] = []
  const mailboxCopy = accounts.length === 0 ? undefined : mailboxes.begin(accounts.map(accountMailbox))
  let octets = 0

  const copies = (): readonly IncomingMessage[] => [
    ...(mailboxCopy === undefined ? [] : [mailboxCopy]),
    ...lostCopies.map((copy) => copy.message),
  ]

  function trace(id: string): Buffer {
    const { serverName: by, receivedAt } = context
    return Buffer.from(traceHeaders({ ...origin, by, id, onlyRecipient: recipients.only, receivedAt }))
  }

  async function openLostCopy(
    reason: LostReason,
    addresses: readonly string[],
    promised: boolean,
  ): Promise<LostCopy> {
    const { reversePath, clientAddress } = origin
    const { receivedAt } = context
    const message = await lost.begin({
      reason,
      recipients: addresses,
      reversePath,
      clientAddress,
      answered,
      receivedAt,
    })
    return { message, reason, addresses, promised }
  }

  async function begin(): Promise<void> {
    const unknown = [...recipients.held, ...recipients.refused]
    if (unknown.length > 0)
      lostCopies.push(await openLostCopy('unknown-recipient', unknown, recipients.held.length > 0))
    if (recipients.roles.length > 0)
      lostCopies.push(await openLostCopy('no-postmaster', recipients.roles, true))
    await Promise.all(copies().map((message) => message.write(trace(message.id))))
  }

  /** Drops a copy that nobody was promised, so that its trouble does not become the others' trouble. */
  async function giveUp(copy: LostCopy, cause: unknown): Promise<void> {
    log.warn({ err: cause, recipients: copy.addresses }, 'a refused message could not be kept in lost/')
    lostCopies.splice(lostCopies.indexOf(copy), 1)
    await copy.message.abort()
  }

  async function writeLost(copy: LostCopy, chunk: Uint8Array): Promise<void> {
    try {
      await copy.message.write(chunk)
    } catch (error) {
      if (copy.promised) throw error
      await giveUp(copy, error)
    }
  }

  async function commitLost(copy: LostCopy): Promise<void> {
    try {
      await commitWhole(copy.message)
    } catch (error) {
      if (copy.promised) throw error
      return giveUp(copy, error)
    }
    recordLost(copy.message.id, copy.reason, copy.addresses)
  }

  /** Answers the accounts whose mailboxes have it; what a mailbox could not take goes to `lost/`. */
  async function commitMailboxes(message: IncomingMessage): Promise<LostCopy | undefined> {
    const outcomes = await message.commit()
    const failed = accounts.filter((_, index) => outcomes[index]?.stored !== true)
    const delivered = accounts.filter((key) => !failed.includes(key))
    if (delivered.length > 0) recordAccepted(message.id, delivered)
    if (failed.length === 0) return undefined
    const causes = outcomes.filter((outcome) => !outcome.stored)
    log.error(
      { id: message.id, accounts: failed, err: causes[0]?.cause },
      'a mailbox could not take a message',
    )
    return rescue(message, failed)
  }

  async function rescue(message: IncomingMessage, failed: readonly string[]): Promise<LostCopy> {
    const copy = await openLostCopy('mailbox-failed', failed, true)
    try {
      for await (const chunk of message.read()) await copy.message.write(chunk)
      await commitWhole(copy.message)
    } finally {
      await copy.message.abort()
    }
    recordLost(copy.message.id, copy.reason, copy.addresses)
    return copy
  }

  function recordAccepted(id: string, delivered: readonly string[]): void {
    const { reversePath, clientAddress: client } = origin
    trail.record({ event: 'accepted', id, reversePath, delivered, octets, client })
  }

  function recordLost(id: string, reason: LostReason, addresses: readonly string[]): void {
    const { reversePath, clientAddress: client } = origin
    trail.record({ event: 'lost', id, reason, reversePath, recipients: addresses, answered, octets, client })
  }

  /** Whom the reply must name: those whose RCPT was answered 250 and whom the message did not reach. */
  function undelivered(rescued: LostCopy | undefined): Receipt['lost'] {
    const held = lostCopies.filter((copy) => copy.reason === 'unknown-recipient')
    return [
      ...held.map((copy) => ({ id: copy.message.id, addresses: recipients.held })),
      ...(rescued === undefined ? [] : [{ id: rescued.message.id, addresses: rescued.addresses }]),
    ].filter((entry) => entry.addresses.length > 0)
  }

  async function abort(): Promise<void> {
    await Promise.all(copies().map((message) => message.abort()))
  }

  try {
    await begin()
  } catch (error) {
    await abort()
    throw error
  }

  return {
    abort,

    async write(chunk) {
      octets += chunk.length
      await Promise.all([mailboxCopy?.write(chunk), ...lostCopies.map((copy) => writeLost(copy, chunk))])
    },

    async commit() {
      // What goes to lost/ first: if that fails nothing is visible yet, and the sender's retry makes no double.
      await Promise.all([...lostCopies].map(commitLost))
      const rescued = mailboxCopy === undefined ? undefined : await commitMailboxes(mailboxCopy)
      const id = mailboxCopy?.id ?? lostCopies[0]?.message.id ?? ''
      await abort()
      return { id, accepted, lost: undelivered(rescued) }
    },
  }
}

function accountMailbox(key: string): MailboxId {
  return { kind: 'account', key }
}

/** Commits a message of one mailbox. @throws GatewayError `store.*` when that mailbox failed */
async function commitWhole(message: IncomingMessage): Promise<void> {
  for (const outcome of await message.commit()) {
    if (outcome.stored) continue
    if (outcome.cause instanceof GatewayError) throw outcome.cause
    throw new GatewayError('store.unavailable', 'the lost folder could not take a message', {
      cause: outcome.cause,
    })
  }
}
