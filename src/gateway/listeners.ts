/** Every server that the settings ask for, each on every address, opened in order and closed together. */
import { resolve } from 'node:path'
import { systemClock } from '../base/clock.js'
import { createConnectionCounter } from '../base/connection-counter.js'
import type { BoundAddress } from '../base/listen.js'
import type { Log } from '../base/log.js'
import type { TlsContexts } from '../base/tls.js'
import { matchesNetworks } from '../config/networks.js'
import type { Settings } from '../config/schema.js'
import type { Delivery } from '../delivery/delivery.js'
import { openPop3Server } from '../pop3/server.js'
import type { Expiry } from '../pop3/session.js'
import { offeredMechanisms } from '../sasl/offered.js'
import { openSmtpServer, type SmtpServerOptions } from '../smtp/smtp-server.js'
import { createTraffic } from '../smtp/traffic.js'
import type { House } from './house.js'
import { retentionDaysOf } from './expiry.js'
import { createLoginDelay } from './login-delay.js'
import { createPop3Backend } from './pop3-backend.js'
import { pop3Limits } from './pop3-limits.js'
import { createSmtpAuthentication } from './smtp-authentication.js'
import { smtpLimits } from './smtp-limits.js'
import { VERSION } from './version.js'

export type Protocol = 'SMTP' | 'SUBMISSION' | 'SUBMISSIONS' | 'LMTP' | 'POP3' | 'POP3S'

export interface Listener {
  readonly protocol: Protocol
  /** Of a Unix socket: its path, and port 0. */
  readonly address: BoundAddress
}

export interface Listeners {
  /** What is open, in the order of the protocols above. */
  readonly open: readonly Listener[]
  close(graceMs: number): Promise<void>
}

export interface ListenersOptions {
  readonly settings: Settings
  readonly house: House
  readonly delivery: Delivery
  readonly tls: TlsContexts | undefined
  /** As POP3 tells it before sign-in. */
  readonly expiry: () => Expiry
  readonly log: Log
}

interface Server {
  readonly address: BoundAddress
  close(graceMs: number): Promise<void>
}

/** One server to open. */
interface Wanted {
  readonly protocol: Protocol
  readonly port: number | 'off'
  openServer(host: string, port: number): Promise<Server>
}

/** @throws GatewayError `listen.refused`: nothing is left open */
export async function openListeners(options: ListenersOptions): Promise<Listeners> {
  const { settings } = options
  const servers: (Server & Listener)[] = []

  async function close(graceMs: number): Promise<void> {
    await Promise.all(servers.splice(0).map((server) => server.close(graceMs)))
  }

  try {
    for (const { protocol, port, openServer } of [...smtpServers(options), ...pop3Servers(options)]) {
      if (port === 'off') continue
      for (const host of settings.listen) {
        const { address, close: closeServer } = await openServer(host, port)
        servers.push({ protocol, address, close: closeServer })
        if (address.port === 0) break
      }
    }
  } catch (error) {
    await close(0)
    throw error
  }
  return { open: servers.map(({ protocol, address }) => ({ protocol, address })), close }
}

function smtpServers({ settings, house, delivery, tls, log }: ListenersOptions): readonly Wanted[] {
  const { domain, maxMessageOctets, reception, lmtp } = settings
  const trusted = (address: string): boolean => matchesNetworks(address, reception.trusted)
  const limits = smtpLimits(settings)
  const common = {
    domain,
    delivery,
    maxMessageOctets,
    limits,
    // Counted over all of them together, so that one client has no more by using several ports.
    traffic: createTraffic(limits, (address) => !settings.addressLimits || trusted(address)),
    trusted,
    clearPasswords: (address: string) => matchesNetworks(address, settings.auth.clearFrom),
    fromAllowed: (address: string) => matchesNetworks(address, reception.fromAllowed),
    bareLineEnds: reception.bareLineEnds,
    auth: createSmtpAuthentication(house.accounts, domain),
    log: log.child({ protocol: 'smtp' }),
    ...(tls !== undefined && { tls }),
  }
  const as =
    (own: Pick<SmtpServerOptions, 'service' | 'implicitTls' | 'socketPath'>) =>
    (host: string, port: number) =>
      openSmtpServer({ ...common, ...own, host, port })
  // The server in front speaks for everybody: what is counted for a client must not be counted for it.
  const { traffic: _, ...uncounted } = common
  const asLmtp = (own: Pick<SmtpServerOptions, 'socketPath'>) => (host: string, port: number) =>
    openSmtpServer({ ...uncounted, ...own, service: 'lmtp', host, port })
  const socketPath = resolve(house.paths?.root ?? '', lmtp.socket)

  return [
    { protocol: 'SMTP', port: settings.smtp.port, openServer: as({ service: 'reception' }) },
    { protocol: 'SUBMISSION', port: settings.submission.port, openServer: as({ service: 'submission' }) },
    {
      protocol: 'SUBMISSIONS',
      port: settings.submissions.port,
      openServer: as({ service: 'submission', implicitTls: true }),
    },
    { protocol: 'LMTP', port: lmtp.port, openServer: asLmtp({}) },
    {
      protocol: 'LMTP',
      port: lmtp.socket === 'off' ? 'off' : 0,
      openServer: asLmtp({ socketPath }),
    },
  ]
}

function pop3Servers({ settings, house, tls, expiry, log }: ListenersOptions): readonly Wanted[] {
  const { accounts, mailboxes, trail } = house
  const { loginDelaySeconds } = settings.pop3
  const limits = pop3Limits(settings)
  const common = {
    domain: settings.domain,
    backend: createPop3Backend(accounts, mailboxes, trail, {
      inUseWaitMs: settings.pop3.inUseWaitSeconds * 1000,
      markSeen: settings.pop3.markSeen,
      loginDelay: createLoginDelay(loginDelaySeconds, systemClock),
      expireDaysOf: (account) => retentionDaysOf(account, settings.retention.days),
    }),
    clearPasswords: (address: string) => matchesNetworks(address, settings.auth.clearFrom),
    mechanisms: (channel: Parameters<typeof offeredMechanisms>[0]['channel'], clearPasswords: boolean) =>
      offeredMechanisms({ protocol: 'pop3', clearPasswords, channel }),
    expiry,
    loginDelaySeconds,
    implementation: `Relais-${VERSION}`,
    limits,
    // One for all of them, so that one client has no more by using several ports.
    connections: createConnectionCounter({
      inAll: limits.connections,
      perAddress: limits.connectionsPerAddress,
    }),
    log: log.child({ protocol: 'pop3' }),
    ...(tls !== undefined && { tls }),
  }
  const as = (implicitTls: boolean) => (host: string, port: number) =>
    openPop3Server({ ...common, implicitTls, host, port })
  return [
    { protocol: 'POP3', port: settings.pop3.port, openServer: as(false) },
    { protocol: 'POP3S', port: settings.pop3s.port, openServer: as(true) },
  ]
}
