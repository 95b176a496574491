/**
 * An SMTP server, for reception, submission or LMTP: listens, serves, stops.
 * Sources: RFC 5321, 1870, 2034, 2920, 3463, 6152, 6531, 9422; 3207, 4954, 8689; 6409, 3461; 2033.
 */
import { randomUUID } from 'node:crypto'
import { systemClock, type Clock } from '../base/clock.js'
import { listenOn, listenOnPath, type BoundAddress } from '../base/listen.js'
import type { Log } from '../base/log.js'
import type { TlsContexts } from '../base/tls.js'
import type { Delivery } from '../delivery/delivery.js'
import { createHandlers } from './handlers.js'
import type { SmtpAuthentication } from './sign-in.js'
import { createTraffic, DEFAULT_SMTP_LIMITS, type SmtpLimits, type SmtpTraffic } from './traffic.js'
import { WalledServer } from './wall.js'

export interface SmtpServerOptions {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** A Unix socket to listen on in the place of host and port; an old one of this name is replaced. */
  readonly socketPath?: string
  /**
   * - `reception`: from anybody to our own people; who signs in has the rights of submission
   * - `submission`: from those who sign in (RFC 6409), with DSN
   * - `lmtp`: from a mail server in front of us, which is trusted
   */
  readonly service?: 'reception' | 'submission' | 'lmtp'
  /** Our mail domain and our name in the greeting. */
  readonly domain: string
  readonly delivery: Delivery
  readonly log: Log
  readonly maxMessageOctets: number
  /** For STARTTLS; without it there is no TLS. */
  readonly tls?: TlsContexts
  /** TLS from the start in the place of STARTTLS (RFC 8314 §3.3). */
  readonly implicitTls?: boolean
  /** Without it nobody can sign in. */
  readonly auth?: SmtpAuthentication
  /** Clients that may send a password without TLS; nobody by default. */
  readonly clearPasswords?: (address: string) => boolean
  /** Relays in front of us: free of address limits and of the checks of our own domain. */
  readonly trusted?: (address: string) => boolean
  /** Clients whose messages may name our people in `From` though nobody signed in. */
  readonly fromAllowed?: (address: string) => boolean
  /** What becomes of a message with a CR or LF that is no CRLF; `refuse` by default. */
  readonly bareLineEnds?: 'refuse' | 'normalise'
  /** `false` lifts what is counted for each client address. */
  readonly addressLimits?: boolean
  readonly limits?: Partial<SmtpLimits>
  /** Counters that several listeners share; by default this one has its own. */
  readonly traffic?: SmtpTraffic
  /** How often slow clients are looked for. */
  readonly sweepMs?: number
  readonly clock?: Clock
  readonly newId?: () => string
}

export interface SmtpServer {
  /** Of a Unix socket: its path and port 0. */
  readonly address: BoundAddress
  /** Takes no new connection and ends idle ones at once; a message under way has `graceMs` to finish. */
  close(graceMs: number): Promise<void>
}

const nobody = (): boolean => false

/** @throws GatewayError `listen.refused`, `store.cannot-create` for the folder of a socket */
export async function openSmtpServer(options: SmtpServerOptions): Promise<SmtpServer> {
  const { host, port, socketPath, domain, delivery, log, maxMessageOctets, tls } = options
  const { service = 'reception', implicitTls = false, trusted = nobody, addressLimits = true } = options
  const auth = service === 'lmtp' ? undefined : options.auth
  const limits = { ...DEFAULT_SMTP_LIMITS, ...options.limits }
  const isFree = (address: string): boolean => !addressLimits || service === 'lmtp' || trusted(address)
  const handlers = createHandlers({
    service,
    delivery,
    log,
    domain,
    maxMessageOctets,
    bareLineEnds: options.bareLineEnds ?? 'refuse',
    badMessageMs: limits.badMessageMs,
    traffic: options.traffic ?? createTraffic(limits, isFree),
    failedSignIns: limits.failedSignIns,
    auth,
    clearPasswords: options.clearPasswords ?? nobody,
    trusted,
    fromAllowed: options.fromAllowed ?? nobody,
    newId: options.newId ?? randomUUID,
    now: options.clock ?? systemClock,
  })
  const wall = new WalledServer(
    {
      name: domain,
      lmtp: service === 'lmtp',
      maxMessageOctets,
      maxHandshakesPerAddress: limits.connectionsPerAddress,
      maxRecipients: limits.recipients,
      idleMs: limits.idleMs,
      pace: { totalMs: limits.dataMs, octetsPerSecond: limits.dataOctetsPerSecond, graceMs: 60_000 },
      wrongCommands: limits.wrongCommands,
      offersAuth: auth !== undefined,
      dsn: service === 'submission',
      tls,
      implicitTls,
      sweepMs: options.sweepMs ?? 1000,
    },
    handlers,
  )
  const name = service === 'lmtp' ? 'LMTP' : 'SMTP'
  const address =
    socketPath === undefined
      ? await listenOn(wall.server, name, { host, port })
      : await listenOnPath(wall.server, name, socketPath)
  return { address, close: (graceMs) => wall.drain(graceMs) }
}
