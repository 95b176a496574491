/**
 * The mail transaction in SMTP's words: what each command is answered. No socket, no storage.
 * Source: RFC 5321 §3.3, §4.2; status codes RFC 3463.
 */
import type { ConnectionCounter } from '../base/connection-counter.js'
import { GatewayError } from '../base/errors.js'
import type { Log } from '../base/log.js'
import type { Delivery, MailTransaction } from '../delivery/delivery.js'
import type { Receipt } from '../delivery/reception.js'
import type { RecipientVerdict } from '../delivery/recipient-list.js'
import { failureReply } from './failures.js'
import { HungUp } from './hung-up.js'
import { receive } from './receive.js'
import { fitting, reply, type Reply } from './reply.js'
import type { SmtpClient, SmtpHandlers } from './wall.js'

export interface HandlerOptions {
  readonly delivery: Delivery
  readonly log: Log
  readonly domain: string
  readonly maxMessageOctets: number
  /** Past its limits 421. */
  readonly connections: ConnectionCounter
}

/** Recipients that a reply names; RFC 5321 sets no bound, a client's patience does. */
const MOST_LINES = 50

export function createHandlers(options: HandlerOptions): SmtpHandlers {
  const { delivery, log, domain, maxMessageOctets, connections } = options
  const transactions = new WeakMap<SmtpClient, MailTransaction>()
  const counted = new WeakSet<SmtpClient>()

  /** Runs a step of the transaction; whatever it throws becomes a reply. */
  async function answer(client: SmtpClient, step: () => Promise<Reply>): Promise<Reply> {
    try {
      return await step()
    } catch (error) {
      report(log, client, error)
      return failureReply(error)
    }
  }

  function transactionOf(client: SmtpClient): MailTransaction {
    const transaction = transactions.get(client)
    if (transaction === undefined) throw new Error('no mail transaction is open')
    return transaction
  }

  return {
    connect(client) {
      if (!connections.enter(client.address))
        return reply(421, '4.7.0', 'too many connections; try again later')
      counted.add(client)
      return undefined
    },

    close(client) {
      if (counted.delete(client)) connections.leave(client.address)
    },

    mail: (client, reversePath, declaredOctets) =>
      answer(client, async () => {
        const { heloName, address: clientAddress, protocol } = client
        const origin = { reversePath, heloName, clientAddress, protocol, declaredOctets }
        transactions.set(client, await delivery.begin(origin))
        return reply(250, '2.1.0', 'sender ok')
      }),

    rcpt: (client, forwardPath) =>
      answer(client, async () => {
        const verdict = await transactionOf(client).addRecipient(forwardPath)
        return recipientReply(verdict, forwardPath, domain)
      }),

    data: (client, message) =>
      answer(client, async () => {
        const reception = await transactionOf(client).receive()
        return messageReply(await receive(message, reception, maxMessageOctets))
      }),

    reset: (client) => void transactions.delete(client),

    error: (client, error) =>
      log.debug({ connection: client?.id, client: client?.address, err: error }, 'connection error'),
  }
}

function recipientReply(verdict: RecipientVerdict, address: string, domain: string): Reply {
  switch (verdict.kind) {
    case 'known':
      return reply(250, '2.1.5', fitting(`${address} will have it`))
    case 'held':
      return reply(250, '2.1.0', fitting(`${address} is unknown here; the reply after the message tells`))
    case 'refused':
      return verdict.reason === 'foreign'
        ? reply(
            550,
            '5.7.1',
            fitting(`no relaying: this server takes mail for ${domain} only, not for ${address}`),
          )
        : reply(550, '5.1.1', fitting(`there is no mailbox ${address}`))
  }
}

/** 250 with the id and, line by line, whom it did not reach; 550 when it reached nobody. */
function messageReply({ id, accepted, lost }: Receipt): Reply {
  const failed = lost.flatMap((entry) =>
    entry.addresses.map((address) => {
      const why =
        entry.reason === 'mailbox-failed'
          ? `the mailbox ${address} is out of order`
          : `there is no mailbox ${address}`
      return fitting(`${why}; the postmaster has the message as ${entry.id}`)
    }),
  )
  const [first = 'nobody of that name here', ...rest] = shortened(failed)
  return accepted
    ? reply(250, '2.0.0', `stored as ${id}`, ...shortened(failed))
    : reply(550, '5.1.1', first, ...rest)
}

/** A client reads a reply of some lines; what is behind them is in the lost folder's entry. */
function shortened(lines: readonly string[]): readonly string[] {
  if (lines.length <= MOST_LINES) return lines
  return [...lines.slice(0, MOST_LINES), `and ${lines.length - MOST_LINES} more recipients`]
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
