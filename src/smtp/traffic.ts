/**
 * How much of everything one client address and one account may have: the limits as names, and the counters that
 * all SMTP listeners of one process share.
 */
import { clientNetwork } from '../base/client-network.js'
import { createConnectionCounter } from '../base/connection-counter.js'
import { createRateLimiter } from '../base/rate-limiter.js'

export interface SmtpLimits {
  /** Recipients of one message; RFC 5321 §4.5.3.1.8 asks for at least 100. */
  readonly recipients: number
  /** Silence after which a connection is ended with 421; five minutes in RFC 5321 §4.5.3.2.7. */
  readonly idleMs: number
  /** Connections at once (DESIGN.md). */
  readonly connections: number
  /** Connections at once from one client address, so that one client cannot take all descriptors. */
  readonly connectionsPerAddress: number
  /** New connections in a minute from one client address. */
  readonly connectionsPerMinute: number
  /** Messages begun in a minute by one client address. */
  readonly messagesPerMinute: number
  /** Recipients named in a minute by one client address. */
  readonly recipientsPerMinute: number
  /** Sessions at once that one account is signed in to. */
  readonly sessionsPerAccount: number
  /** Messages begun in a minute by one account. */
  readonly messagesPerMinutePerAccount: number
  /** Recipients named in a minute by one account. */
  readonly recipientsPerMinutePerAccount: number
  /** The wrong command that ends the session (RFC 5321 §7.8). */
  readonly wrongCommands: number
  /** The failed sign-in that ends the connection. */
  readonly failedSignIns: number
  /** How long one message may take to arrive. */
  readonly dataMs: number
  /** Least octets a second that a message must come with, on the average after the first minute; 0 for no bound. */
  readonly dataOctetsPerSecond: number
  /** How long a message that is refused already is read on for its end. */
  readonly badMessageMs: number
}

export const DEFAULT_SMTP_LIMITS: SmtpLimits = {
  recipients: 1000,
  idleMs: 300_000,
  connections: 20_000,
  connectionsPerAddress: 200,
  connectionsPerMinute: 3000,
  messagesPerMinute: 6000,
  recipientsPerMinute: 60_000,
  sessionsPerAccount: 50,
  messagesPerMinutePerAccount: 600,
  recipientsPerMinutePerAccount: 6000,
  wrongCommands: 10,
  failedSignIns: 5,
  dataMs: 3_600_000,
  dataOctetsPerSecond: 100,
  badMessageMs: 60_000,
}

export interface SmtpTraffic {
  /** Whether one more may connect; then `left` is called once. */
  entered(address: string): boolean
  left(address: string): void
  /** Whether one more message may be begun. @param account key of the account that is signed in */
  mayBegin(address: string, account: string | undefined): boolean
  mayName(address: string, account: string | undefined): boolean
  /** Whether the account may have one more session; then `sessionLeft` is called once. */
  sessionEntered(account: string): boolean
  sessionLeft(account: string): void
}

/** @param isFree addresses that no limit for an address holds for */
export function createTraffic(limits: SmtpLimits, isFree: (address: string) => boolean): SmtpTraffic {
  const connections = createConnectionCounter({
    inAll: limits.connections,
    perAddress: limits.connectionsPerAddress,
  })
  const free = createConnectionCounter({ inAll: limits.connections, perAddress: limits.connections })
  const sessions = createConnectionCounter({
    inAll: Number.POSITIVE_INFINITY,
    perAddress: limits.sessionsPerAccount,
  })
  const perAddress = {
    connections: createRateLimiter({ perMinute: limits.connectionsPerMinute }),
    messages: createRateLimiter({ perMinute: limits.messagesPerMinute }),
    recipients: createRateLimiter({ perMinute: limits.recipientsPerMinute }),
  }
  const perAccount = {
    messages: createRateLimiter({ perMinute: limits.messagesPerMinutePerAccount }),
    recipients: createRateLimiter({ perMinute: limits.recipientsPerMinutePerAccount }),
  }

  function may(what: 'messages' | 'recipients', address: string, account: string | undefined): boolean {
    if (account !== undefined && !perAccount[what].take(account)) return false
    return isFree(address) || perAddress[what].take(clientNetwork(address))
  }

  return {
    entered(address) {
      if (isFree(address)) return free.enter(address)
      const network = clientNetwork(address)
      return perAddress.connections.take(network) && connections.enter(network)
    },
    left: (address) => (isFree(address) ? free.leave(address) : connections.leave(clientNetwork(address))),
    mayBegin: (address, account) => may('messages', address, account),
    mayName: (address, account) => may('recipients', address, account),
    sessionEntered: (account) => sessions.enter(account),
    sessionLeft: (account) => sessions.leave(account),
  }
}
