/** The SMTP reception server: listens, serves, stops. Sources: RFC 5321, 1870, 2034, 2920, 3463, 6152. */
import { createConnectionCounter } from '../base/connection-counter.js'
import { listenOn, type BoundAddress } from '../base/listen.js'
import type { Log } from '../base/log.js'
import type { Delivery } from '../delivery/delivery.js'
import { createHandlers } from './handlers.js'
import { WalledServer } from './wall.js'

export interface SmtpServerOptions {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** Our mail domain and our name in the greeting. */
  readonly domain: string
  readonly delivery: Delivery
  readonly log: Log
  readonly maxMessageOctets: number
  readonly limits?: Partial<SmtpLimits>
}

export interface SmtpLimits {
  /** Recipients of one message; RFC 5321 §4.5.3.1.8 asks for at least 100. */
  readonly recipients: number
  /** Silence after which a connection is ended with 421; five minutes in RFC 5321 §4.5.3.2.7. */
  readonly idleMs: number
  /** Connections at once (DESIGN.md). */
  readonly connections: number
  /** Connections at once from one client address, so that one client cannot take all descriptors. */
  readonly connectionsPerAddress: number
}

export const DEFAULT_SMTP_LIMITS: SmtpLimits = {
  recipients: 1000,
  idleMs: 300_000,
  connections: 20_000,
  connectionsPerAddress: 200,
}

export interface SmtpServer {
  readonly address: BoundAddress
  /** Takes no new connection and ends idle ones at once; a message under way has `graceMs` to finish. */
  close(graceMs: number): Promise<void>
}

/** @throws GatewayError `listen.refused` */
export async function openSmtpServer(options: SmtpServerOptions): Promise<SmtpServer> {
  const { host, port, domain, delivery, log, maxMessageOctets } = options
  const limits = { ...DEFAULT_SMTP_LIMITS, ...options.limits }
  const connections = createConnectionCounter({
    inAll: limits.connections,
    perAddress: limits.connectionsPerAddress,
  })
  const wall = new WalledServer(
    { name: domain, maxMessageOctets, maxRecipients: limits.recipients, idleMs: limits.idleMs },
    createHandlers({ delivery, log, domain, maxMessageOctets, connections }),
  )
  const address = await listenOn(wall.server, 'SMTP', { host, port })
  return { address, close: (graceMs) => wall.drain(graceMs) }
}
