/**
 * The mail transaction in SMTP's words: what each command is answered. No socket, no storage.
 * Source: RFC 5321 §3.3, §4.2, RFC 6409 (submission), RFC 2033 (LMTP); status codes RFC 3463.
 */
import { failureCode, GatewayError } from '../base/errors.js'
import type { Log } from '../base/log.js'
import type { Delivery, MailTransaction } from '../delivery/delivery.js'
import type { Origin } from '../delivery/reception.js'
import { isSameAddress } from '../message/address.js'
import type { HeaderFilter } from '../message/header-filter.js'
import { createReceptionHeader } from '../message/reception-header.js'
import { createSubmissionHeader } from '../message/submission-header.js'
import { messageReply, recipientReply, repliesForEach } from './answers.js'
import type { Ask, SmtpClient, SmtpHandlers } from './client.js'
import type { MailCommand } from './envelope-command.js'
import { failureReply } from './failures.js'
import { HungUp } from './hung-up.js'
import { receive } from './receive.js'
import { reply, type Reply } from './reply.js'
import { createSession, type Session } from './session.js'
import { MECHANISMS, readAuth, signIn, type SmtpAuthentication } from './sign-in.js'
import type { SmtpTraffic } from './traffic.js'

export interface HandlerOptions {
  readonly service: 'reception' | 'submission' | 'lmtp'
  readonly delivery: Delivery
  readonly log: Log
  readonly domain: string
  readonly maxMessageOctets: number
  readonly bareLineEnds: 'refuse' | 'normalise'
  readonly badMessageMs: number
  readonly traffic: SmtpTraffic
  readonly failedSignIns: number
  /** Without it nobody can sign in. */
  readonly auth: SmtpAuthentication | undefined
  /** Clients that may send a password without TLS. */
  readonly clearPasswords: (address: string) => boolean
  /** Relays in front of us: they may speak for anybody. */
  readonly trusted: (address: string) => boolean
  /** Strangers whose messages may name our people in `From`: mailing lists. */
  readonly fromAllowed: (address: string) => boolean
  /** For a message that comes without: the left part of its `Message-ID`. */
  readonly newId: () => string
  readonly now: () => Date
}

const TOO_MANY_CONNECTIONS = reply(421, '4.7.0', 'too many connections; try again later')
const TOO_MANY_SESSIONS = reply(421, '4.7.0', 'too many sessions of this account; try again later')
const TOO_MANY_FAILURES = reply(421, '4.7.0', 'too many failed sign-ins')
const TOO_MUCH = reply(421, '4.7.0', 'too much at once; try again in a minute')
const SIGN_IN_FIRST = reply(530, '5.7.0', 'sign in first: AUTH, after STARTTLS where that is announced')
/** RFC 4954 §6. */
const NEEDS_TLS = reply(538, '5.7.11', 'a password may not be sent in clear; STARTTLS comes first')
const ACCEPTED = reply(250, '2.1.0', 'Accepted')
const SIGNED_IN = reply(235, '2.7.0', 'signed in')

export function createHandlers(options: HandlerOptions): SmtpHandlers {
  const { service, delivery, log, domain, traffic, auth } = options
  const sessions = new WeakMap<SmtpClient, Session>()
  const counted = new WeakSet<SmtpClient>()

  function sessionOf(client: SmtpClient): Session {
    const known = sessions.get(client)
    if (known !== undefined) return known
    const session = createSession(client, traffic)
    sessions.set(client, session)
    return session
  }

  /** Runs a step of the transaction; whatever it throws becomes a reply. */
  async function answer(client: SmtpClient, step: () => Promise<Reply>): Promise<Reply> {
    try {
      return await step()
    } catch (error) {
      report(log, client, error)
      return failureReply(error)
    }
  }

  function mayClear(client: SmtpClient): boolean {
    return client.secure || options.clearPasswords(client.address)
  }

  function isTrusted({ address }: SmtpClient): boolean {
    return service === 'lmtp' || options.trusted(address)
  }

  function originOf(client: SmtpClient, { signedIn }: Session, command: MailCommand): Origin {
    return {
      reversePath: command.reversePath,
      heloName: client.heloName,
      clientAddress: client.address,
      protocol: client.protocol,
      declaredOctets: command.declaredOctets,
      ...(signedIn === undefined ? {} : { signedIn: { key: signedIn.key, address: signedIn.address } }),
      ...(isTrusted(client) ? { trusted: true as const } : {}),
      ...(service === 'lmtp' ? { answeredEach: true as const } : {}),
      ...(command.dsn === undefined ? {} : { dsn: command.dsn }),
    }
  }

  function headerFor(client: SmtpClient, { signedIn }: Session): HeaderFilter {
    if (signedIn === undefined) {
      const free = isTrusted(client) || options.fromAllowed(client.address)
      return createReceptionHeader(free ? undefined : domain)
    }
    const messageId = `<${options.newId()}@${domain}>`
    return createSubmissionHeader({ address: signedIn.address, now: options.now(), messageId })
  }

  async function authenticate(
    client: SmtpClient,
    session: Session,
    argument: string,
    ask: Ask,
  ): Promise<Reply> {
    const asked = readAuth(argument)
    if ('code' in asked) return asked
    if (auth === undefined || !mayClear(client)) return NEEDS_TLS
    const exchange = auth.authenticate(asked.mechanism, { address: client.address })
    const outcome = await signIn(exchange, asked.initial, ask)
    if (outcome.kind === 'signed-in') return session.keep(outcome.signedIn) ? SIGNED_IN : TOO_MANY_SESSIONS
    const { cause, reply: refusal } = outcome
    if (cause !== undefined && !(cause instanceof HungUp)) reportSignIn(log, client, cause)
    session.failedSignIns += 1
    return session.failedSignIns >= options.failedSignIns && refusal.closes !== true
      ? TOO_MANY_FAILURES
      : refusal
  }

  return {
    connect(client) {
      if (!traffic.entered(client.address)) return TOO_MANY_CONNECTIONS
      counted.add(client)
      return undefined
    },

    close(client) {
      sessionOf(client).close()
      if (counted.delete(client)) traffic.left(client.address)
    },

    mechanisms: (client) => (auth !== undefined && mayClear(client) ? MECHANISMS : []),

    auth: (client, argument, ask) =>
      answer(client, () => authenticate(client, sessionOf(client), argument, ask)),

    secured: (client) => sessionOf(client).forget(),

    mail: (client, command) =>
      answer(client, async () => {
        const session = sessionOf(client)
        const { signedIn } = session
        if (service === 'submission' && signedIn === undefined) return SIGN_IN_FIRST
        if (!traffic.mayBegin(client.address, signedIn?.key)) return TOO_MUCH
        if (signedIn !== undefined && !isOwn(command.reversePath, signedIn.address))
          throw new GatewayError(
            'sender.not-own',
            `${signedIn.name} may not send as <${command.reversePath}>`,
          )
        session.transaction = await delivery.begin(originOf(client, session, command))
        return ACCEPTED
      }),

    rcpt: (client, { forwardPath, dsn }) =>
      answer(client, async () => {
        const session = sessionOf(client)
        if (!traffic.mayName(client.address, session.signedIn?.key)) return TOO_MUCH
        const verdict = await transactionOf(session).addRecipient(forwardPath, dsn)
        if (verdict.kind !== 'refused') session.recipients.push(forwardPath)
        return recipientReply(verdict, forwardPath, domain)
      }),

    async data(client, message) {
      const session = sessionOf(client)
      const { recipients } = session
      let each: readonly Reply[] | undefined
      const one = await answer(client, async () => {
        const { maxMessageOctets, bareLineEnds, badMessageMs } = options
        const reception = await transactionOf(session).receive()
        const header = headerFor(client, session)
        const receipt = await receive(message, reception, {
          maxMessageOctets,
          bareLineEnds,
          badMessageMs,
          header,
        })
        each = repliesForEach(receipt, recipients)
        return messageReply(receipt)
      })
      return service === 'lmtp' ? (each ?? recipients.map(() => one)) : one
    },

    reset(client) {
      const session = sessionOf(client)
      session.transaction = undefined
      session.recipients = []
    },

    error: (client, error) =>
      log.debug({ connection: client?.id, client: client?.address, err: error }, 'connection error'),
  }
}

function transactionOf({ transaction }: Session): MailTransaction {
  if (transaction === undefined) throw new Error('no mail transaction is open')
  return transaction
}

/** The null reverse-path poses as nobody, and RFC 8098 §3 wants it for the receipts that mail programs send. */
function isOwn(reversePath: string, address: string): boolean {
  return reversePath === '' || isSameAddress(reversePath, address)
}

function report(log: Log, client: SmtpClient, error: unknown): void {
  const fields = { connection: client.id, client: client.address }
  if (error instanceof HungUp) log.info(fields, error.message)
  else if (!(error instanceof GatewayError))
    log.error({ ...fields, err: error }, 'a bug: unexpected error in a mail transaction')
  else if (error.temporary)
    log.error({ ...fields, code: error.code, reason: error.message }, 'a message or recipient was put off')
  else log.info({ ...fields, code: error.code, reason: error.message }, 'refused')
}

function reportSignIn(log: Log, client: SmtpClient, error: unknown): void {
  const fields = { connection: client.id, client: client.address }
  const code = failureCode(error)
  if (code?.startsWith('sign-in.') === true) log.info({ ...fields, code }, 'a sign-in was refused')
  else log.error({ ...fields, err: error }, 'signing in failed')
}
