/** Builds, starts and stops everything. All wiring is here, by hand. */
import { hostname } from 'node:os'
import type { BoundAddress } from '../base/listen.js'
import { silentLog, type Log } from '../base/log.js'
import type { TlsContexts } from '../base/tls.js'
import { matchesNetworks } from '../config/networks.js'
import type { Settings } from '../config/schema.js'
import { createDelivery } from '../delivery/delivery.js'
import { createDiskReserve } from '../delivery/disk-reserve.js'
import { openLostKeeper, type LostLimits } from '../lost/lost-keeper.js'
import { openPop3Server } from '../pop3/server.js'
import { offeredMechanisms } from '../sasl/offered.js'
import { openSmtpServer } from '../smtp/smtp-server.js'
import { createTraffic } from '../smtp/traffic.js'
import { certificateNames, certificateSource } from './certificate-settings.js'
import { openCertificate, type Certificate } from './certificate.js'
import type { House } from './house.js'
import { createPop3Backend } from './pop3-backend.js'
import { smtpLimits } from './smtp-limits.js'
import { VERSION } from './version.js'

export interface Gateway {
  /** Every address that is listened on, in the order SMTP, POP3. */
  readonly listeners: readonly Listener[]
  /** Of TLS on every listener; absent where there is none. */
  readonly certificate: Pick<Certificate, 'fingerprint' | 'selfSigned'> | undefined
  /** Reads the certificate again, for the handshakes to come; says in the log how that went. */
  reload(): Promise<void>
  /** Takes no new work, lets what is under way finish for at most `graceMs`, and lets go of everything. */
  close(graceMs: number): Promise<void>
}

export interface Listener {
  readonly protocol: 'SMTP' | 'POP3' | 'POP3S'
  readonly address: BoundAddress
}

interface OpenListener extends Listener {
  close(graceMs: number): Promise<void>
}

/**
 * Resolves when mail can be handed in and fetched.
 * @param house taken over: closed with the gateway, and at once when this fails
 * @throws GatewayError `listen.refused`, `config.invalid` (the certificate), `store.cannot-create`: nothing is left open
 */
export async function openGateway(settings: Settings, house: House, log: Log = silentLog): Promise<Gateway> {
  const { domain, language, maxMessageOctets } = settings
  const { accounts, mailboxes, trail } = house
  const closers: ((graceMs: number) => Promise<void>)[] = [() => house.close()]

  async function close(graceMs: number): Promise<void> {
    for (const closer of closers.splice(0).toReversed()) await closer(graceMs)
  }

  async function open(): Promise<Omit<Gateway, 'close'>> {
    const certificate = await certificateFor(settings, house, log)
    if (certificate !== undefined) closers.push(() => certificate.close())
    return {
      listeners: await listen(certificate?.contexts),
      certificate,
      reload: async () => void (await certificate?.reload()),
    }
  }

  async function listen(tls: TlsContexts | undefined): Promise<readonly OpenListener[]> {
    const lost = openLostKeeper({ folder: house.lost, limits: lostLimits(settings), trail, log })
    closers.push(() => lost.close())
    const reserve = createDiskReserve(mailboxes, settings.disk.reserveOctets)
    const lostReply = settings.lost.reply
    const delivery = createDelivery({
      domain,
      language,
      separator: settings.delivery.separator,
      accounts,
      mailboxes,
      lost,
      trail,
      reserve,
      lostReply,
      log,
    })
    const backend = createPop3Backend(accounts, mailboxes, trail)
    const clearPasswords = (address: string): boolean => matchesNetworks(address, settings.auth.clearFrom)

    const trusted = (address: string): boolean => matchesNetworks(address, settings.reception.trusted)
    const limits = smtpLimits(settings)
    const traffic = createTraffic(limits, (address) => !settings.addressLimits || trusted(address))
    const smtp = (host: string, port: number) =>
      openSmtpServer({
        host,
        port,
        domain,
        delivery,
        maxMessageOctets,
        trusted,
        fromAllowed: (address) => matchesNetworks(address, settings.reception.fromAllowed),
        bareLineEnds: settings.reception.bareLineEnds,
        limits,
        traffic,
        log: log.child({ protocol: 'smtp' }),
      })
    const implementation = `Relais-${VERSION}`
    const pop3 = (implicitTls: boolean) => (host: string, port: number) =>
      openPop3Server({
        host,
        port,
        ...(tls !== undefined && { tls }),
        implicitTls,
        domain,
        backend,
        clearPasswords,
        implementation,
        mechanisms: (channel, clearPasswords) =>
          offeredMechanisms({ protocol: 'pop3', clearPasswords, channel }),
        log: log.child({ protocol: 'pop3' }),
      })

    const listeners: OpenListener[] = []
    const wanted = [
      { protocol: 'SMTP', port: settings.smtp.port, openServer: smtp },
      { protocol: 'POP3', port: settings.pop3.port, openServer: pop3(false) },
      { protocol: 'POP3S', port: settings.pop3s.port, openServer: pop3(true) },
    ] as const
    closers.push(async (graceMs) => {
      await Promise.all(listeners.map((listener) => listener.close(graceMs)))
    })
    for (const { protocol, port, openServer } of wanted) {
      if (port === 'off') continue
      for (const host of settings.listen) {
        const server = await openServer(host, port)
        listeners.push({ protocol, address: server.address, close: (graceMs) => server.close(graceMs) })
      }
    }
    return listeners
  }

  try {
    return { ...(await open()), close }
  } catch (error) {
    await close(0)
    throw error
  }
}

/** A house in memory has TLS only if a port is asked for that cannot do without: a certificate is work. */
async function certificateFor(settings: Settings, house: House, log: Log): Promise<Certificate | undefined> {
  const { submission, submissions, pop3s } = settings
  const isWanted = [submission, submissions, pop3s].some(({ port }) => port !== 'off')
  if (house.paths === undefined && !isWanted) return undefined
  return openCertificate({
    source: certificateSource(settings.tls, house.paths),
    names: certificateNames(settings, hostname()),
    log: log.child({ part: 'certificate' }),
  })
}

function lostLimits({ lost, addressLimits }: Settings): LostLimits {
  return {
    octets: lost.maxOctets,
    days: lost.maxDays,
    promisedDays: lost.promisedDays,
    addressMessagesPerDay: addressLimits ? lost.addressMessagesPerDay : 0,
    addressOctetsPerDay: addressLimits ? lost.addressOctetsPerDay : 0,
  }
}
