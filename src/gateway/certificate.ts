/**
 * The certificate of the house: the operator's, or one of our own, made at the first start; read again when told to or
 * when its files change. What cannot be used stops the start, and later on leaves the old one in place.
 *
 * It renews nothing: a new certificate has a new fingerprint, which to a client that pinned the old one looks like
 * somebody in between. See `docs/decisions/0006-certificate.md`.
 */
import { setTimeout as wait } from 'node:timers/promises'
import type { SecureContext } from 'node:tls'
import type { Clock } from '../base/clock.js'
import { systemClock } from '../base/clock.js'
import type { Log } from '../base/log.js'
import type { TlsContexts } from '../base/tls.js'
import { makeMissingCertificate } from './certificate-files.js'
import { createPair, readPair, type CertificateFiles, type CertificatePair } from './certificate-pair.js'
import { DEFAULT_FILE_WATCH_TIMING, watchFiles, type FileWatchTiming } from './file-watch.js'
import { makeKey, selfSign, signingKey } from './self-signed.js'

/** Where the certificate lies, and who looks after it; `memory` for a house without files. */
export type CertificateSource =
  | ({ readonly kind: 'operator' } & CertificateFiles)
  | ({ readonly kind: 'own' } & CertificateFiles)
  | { readonly kind: 'memory' }

export interface CertificateOptions {
  readonly source: CertificateSource
  /** What a certificate of our own is for: host names and addresses, the domain first. */
  readonly names: readonly [string, ...string[]]
  readonly log: Log
  readonly clock?: Clock
  readonly timing?: Partial<CertificateTiming>
}

export interface CertificateTiming extends FileWatchTiming {
  /** How long a pair that is wrong is looked at again before it is complained about: it may be half written. */
  readonly patienceMs: number
  /** Between two such looks. */
  readonly againMs: number
  /** Life of one key of session tickets: who learns it reads the sessions of TLS 1.2 that were resumed by it. */
  readonly ticketKeyMs: number
}

export const DEFAULT_CERTIFICATE_TIMING: CertificateTiming = {
  ...DEFAULT_FILE_WATCH_TIMING,
  patienceMs: 5000,
  againMs: 250,
  ticketKeyMs: 43_200_000,
}

export interface Certificate {
  readonly contexts: TlsContexts
  /** Of the newest: `SHA256:AB:CD:…`. */
  readonly fingerprint: string
  readonly selfSigned: boolean
  /** Whether it was made by this opening. */
  readonly madeNow: boolean
  /** Reads the files again, one caller after the other. `refused`: they are wrong, the log says how, the old one stays. */
  reload(): Promise<'unchanged' | 'reloaded' | 'refused'>
  close(): Promise<void>
}

const DAY_MS = 86_400_000
/** How long before its end a certificate of our own is spoken of, once a day. */
const NOTICE_DAYS = 30

/** @throws GatewayError `config.invalid`, `store.cannot-create` */
export async function openCertificate(options: CertificateOptions): Promise<Certificate> {
  const { source, names, clock = systemClock } = options
  if (source.kind === 'memory') return createMemoryCertificate(names, clock)
  const madeNow = source.kind === 'own' && (await makeMissingCertificate(source, names, clock()))
  return openFiles(source, madeNow, options)
}

async function openFiles(
  files: Exclude<CertificateSource, { readonly kind: 'memory' }>,
  madeNow: boolean,
  { log, clock = systemClock, timing: given }: CertificateOptions,
): Promise<Certificate> {
  const timing = { ...DEFAULT_CERTIFICATE_TIMING, ...given }
  const ending = new AbortController()
  let pair = await readPair(files)
  let contexts = createContexts(pair, clock, timing.ticketKeyMs)
  let noticedMs = Number.NEGATIVE_INFINITY
  let reloading: Promise<unknown> = Promise.resolve()

  /** Says at most once a day what is the matter with the dates. */
  function notice(): void {
    const now = clock()
    const matter = datesOf(pair, files, now)
    if (matter === undefined || now.getTime() - noticedMs < DAY_MS) return
    noticedMs = now.getTime()
    log.warn({ validFrom: pair.validFrom, validTo: pair.validTo }, matter)
  }

  async function read(): Promise<'unchanged' | 'reloaded' | 'refused'> {
    try {
      const found = await readPatiently(files, timing, ending.signal)
      if (found.cert === pair.cert && found.key === pair.key) return 'unchanged'
      pair = found
      contexts = createContexts(pair, clock, timing.ticketKeyMs)
    } catch (error) {
      if (ending.signal.aborted) return 'unchanged'
      log.error({ err: error }, 'the new certificate cannot be used, the old one stays')
      return 'refused'
    }
    noticedMs = Number.NEGATIVE_INFINITY
    log.info({ fingerprint: pair.fingerprint, validTo: pair.validTo }, 'the certificate was read again')
    notice()
    return 'reloaded'
  }

  function reload(): Promise<'unchanged' | 'reloaded' | 'refused'> {
    const reloaded = reloading.then(read)
    reloading = reloaded
    return reloaded
  }

  function onLook(changed: boolean): void {
    if (changed) void reload()
    else notice()
  }

  notice()
  const unwatch = await watchFiles([files.certFile, files.keyFile], onLook, timing)
  return {
    contexts: { current: () => contexts.current() },
    get fingerprint() {
      return pair.fingerprint
    },
    get selfSigned() {
      return pair.selfSigned
    },
    madeNow,
    reload,
    async close() {
      unwatch()
      ending.abort()
      await reloading
    },
  }
}

/** Made for a house in memory, and gone with it. */
async function createMemoryCertificate(
  names: readonly [string, ...string[]],
  clock: Clock,
): Promise<Certificate> {
  const key = makeKey()
  const secret = signingKey(key)
  if (secret === undefined) throw new Error('a key of our own that we cannot sign with')
  const cert = await selfSign(secret, names, clock())
  const pair = createPair(cert, key, { certFile: 'memory', keyFile: 'memory' })
  return {
    contexts: createContexts(pair, clock, DEFAULT_CERTIFICATE_TIMING.ticketKeyMs),
    fingerprint: pair.fingerprint,
    selfSigned: true,
    madeNow: true,
    reload: async () => 'unchanged',
    close: async () => {},
  }
}

/** A context lives as long as a key of session tickets may; those it gave out are worth nothing under the next. */
function createContexts(pair: CertificatePair, clock: Clock, ticketKeyMs: number): TlsContexts {
  let context: SecureContext | undefined
  let madeMs = 0
  return {
    current() {
      const nowMs = clock().getTime()
      if (context === undefined || Math.abs(nowMs - madeMs) >= ticketKeyMs) {
        context = pair.newContext()
        madeMs = nowMs
      }
      return context
    },
  }
}

/** Programs that write two files do not write both at once. */
async function readPatiently(
  files: CertificateFiles,
  { patienceMs, againMs }: CertificateTiming,
  signal: AbortSignal,
): Promise<CertificatePair> {
  const lastMs = performance.now() + patienceMs
  for (;;) {
    try {
      return await readPair(files)
    } catch (error) {
      if (performance.now() >= lastMs) throw error
    }
    await wait(againMs, undefined, { signal })
  }
}

/** What the operator should know of the dates; `undefined`: nothing. */
function datesOf(
  { validFrom, validTo }: CertificatePair,
  source: Exclude<CertificateSource, { readonly kind: 'memory' }>,
  now: Date,
): string | undefined {
  const remedy =
    source.kind === 'own'
      ? `; for a new one, with a new fingerprint, remove ${source.certFile} and start again`
      : ''
  const day = (date: Date): string => date.toISOString().slice(0, 10)
  if (now < validFrom) return `the certificate is not valid before ${day(validFrom)}`
  if (now > validTo) return `the certificate ended on ${day(validTo)}${remedy}`
  const noticeMs = source.kind === 'own' ? NOTICE_DAYS * DAY_MS : 0
  if (validTo.getTime() - now.getTime() < noticeMs) return `the certificate ends on ${day(validTo)}${remedy}`
  return undefined
}
