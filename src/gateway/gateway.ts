/** Builds, starts and stops everything. All wiring is here and in `listeners.ts`, by hand. */
import { hostname } from 'node:os'
import { systemClock } from '../base/clock.js'
import { silentLog, type Log } from '../base/log.js'
import type { Settings } from '../config/schema.js'
import { createDelivery, type Delivery } from '../delivery/delivery.js'
import { createDiskReserve } from '../delivery/disk-reserve.js'
import { openLostKeeper, type LostLimits } from '../lost/lost-keeper.js'
import { certificateNames, certificateSource } from './certificate-settings.js'
import { openCertificate, type Certificate } from './certificate.js'
import { retentionDaysOf, watchExpiry } from './expiry.js'
import type { House } from './house.js'
import { openListeners, type Listener } from './listeners.js'
import { guardPrivateFiles } from './private-files.js'
import { startRetention } from './retention.js'

export interface Gateway {
  /** Every address that is listened on, in the order of `Protocol`. */
  readonly listeners: readonly Listener[]
  /** Of TLS on every listener; absent where there is none. */
  readonly certificate: Pick<Certificate, 'fingerprint' | 'selfSigned'> | undefined
  /** Reads the certificate again, for the handshakes to come; says in the log how that went. */
  reload(): Promise<void>
  /** Takes no new work, lets what is under way finish for at most `graceMs`, and lets go of everything. */
  close(graceMs: number): Promise<void>
}

/**
 * Resolves when mail can be handed in and fetched.
 * @param house taken over: closed with the gateway, and at once when this fails
 * @throws GatewayError `listen.refused`, `config.invalid` (the certificate), `store.cannot-create`: nothing is left open
 */
export async function openGateway(settings: Settings, house: House, log: Log = silentLog): Promise<Gateway> {
  const closers: ((graceMs: number) => Promise<void>)[] = [() => house.close()]

  async function close(graceMs: number): Promise<void> {
    for (const closer of closers.splice(0).toReversed()) await closer(graceMs)
  }

  async function open(): Promise<Omit<Gateway, 'close'>> {
    const certificate = await certificateFor(settings, house, log)
    await guardPrivateFiles(house.paths, certificateSource(settings.tls, house.paths), log)
    if (certificate !== undefined) closers.push(() => certificate.close())
    const { trail } = house
    const lost = openLostKeeper({ folder: house.lost, limits: lostLimits(settings), trail, log })
    closers.push(() => lost.close())
    const retention = startRetention({
      mailboxes: house.mailboxes,
      trail,
      log,
      clock: systemClock,
      accounts: async () => (await house.accounts.list()).map(({ key }) => key),
      retentionOf: async (key) => retentionDaysOf(await house.accounts.get(key), settings.retention.days),
    })
    closers.push(() => retention.close())
    const expiry = await watchExpiry(() => house.accounts.list(), settings.retention.days, log)
    closers.push(async () => expiry.close())
    const delivery = deliveryFor(settings, { ...house, lost }, log)
    const tls = certificate?.contexts
    const listeners = await openListeners({
      settings,
      house,
      delivery,
      tls,
      expiry: expiry.current,
      log,
    })
    closers.push(listeners.close)
    return {
      listeners: listeners.open,
      certificate,
      reload: async () => void (await certificate?.reload()),
    }
  }

  try {
    return { ...(await open()), close }
  } catch (error) {
    await close(0)
    throw error
  }
}

function deliveryFor(
  settings: Settings,
  house: Pick<House, 'accounts' | 'mailboxes' | 'trail' | 'lost'>,
  log: Log,
): Delivery {
  const { accounts, mailboxes, trail, lost } = house
  return createDelivery({
    domain: settings.domain,
    language: settings.language,
    separator: settings.delivery.separator,
    accounts,
    mailboxes,
    lost,
    trail,
    reserve: createDiskReserve(mailboxes, settings.disk.reserveOctets),
    lostReply: settings.lost.reply,
    log,
  })
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
