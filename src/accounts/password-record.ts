/**
 * The stored form of a password: PBKDF2-HMAC-SHA3-512 kept as SCRAM keys, so that neither the password
 * nor anything that could stand in for it is in the record.
 *
 *     SCRAM-SHA3-512$<iterations>:<salt>$<StoredKey>:<ServerKey>      base64, keys of 64 octets
 *     LEGACY-SHA3-512$…   LEGACY-SHA-512$…                            the same of an older system's digest
 *
 * A legacy record wraps the bare digest that an older system kept: its "password" is the digest of the old
 * password (UTF-8 as typed, neither salted nor prepared) in lower-case hex, 128 digits. It serves until the first
 * good sign-in, when a record of the password itself takes its place (`needsUpgrade`).
 *
 * SHA3-512 and SHA-512 digests are of one length and nothing tells them apart. `LEGACY-SHA3-512`, as imported,
 * is therefore matched by either digest of the typed password; `LEGACY-SHA-512` by that one alone. Where two are
 * tried, each has half of the iterations: a try costs what it costs with any other account, and does not tell
 * by its time who was imported.
 *
 * Sources: RFC 5803 §3 (syntax), RFC 5802 §3 (keys), RFC 8018 §5.2 (PBKDF2).
 */
import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { GatewayError } from '../base/errors.js'
import { preparationProblems, preparedOrUndefined } from './password-rules.js'
import { refusedPassword } from './texts.js'

export interface PasswordRecord {
  readonly scheme: Scheme
  readonly iterations: number
  readonly salt: Buffer
  readonly storedKey: Buffer
  readonly serverKey: Buffer
}

/** What is derived from a typed password, by scheme: `undefined` is its prepared form, else a digest of it in hex. */
const CANDIDATES = {
  'SCRAM-SHA3-512': [undefined],
  'LEGACY-SHA3-512': ['sha3-512', 'sha512'],
  'LEGACY-SHA-512': ['sha512'],
} as const

export type Scheme = keyof typeof CANDIDATES
type LegacyScheme = Exclude<Scheme, typeof PRESENT>

/** PBKDF2-HMAC-SHA3-512 of a prepared password: 64 octets. The one costly step; it may run anywhere. */
export type DeriveKey = (password: string, salt: Buffer, iterations: number) => Promise<Buffer>

/** What new records are. */
const PRESENT = 'SCRAM-SHA3-512'
const DIGEST = 'sha3-512'
/** One block of the digest; a single octet more would double the cost of each derivation. */
const KEY_OCTETS = 64
const SALT_OCTETS = 16
/** Hexadecimal digits of SHA3-512 and of SHA-512. */
const DIGEST_DIGITS = 128

const pbkdf2InPool = promisify(pbkdf2)

/** In the thread pool of this process. */
export const deriveInPool: DeriveKey = (password, salt, iterations) =>
  pbkdf2InPool(password, salt, iterations, KEY_OCTETS, DIGEST)

/**
 * Makes the record of a password. The rules for new passwords are not looked at.
 * @throws GatewayError `account.password-refused` for what cannot be prepared
 */
export async function makePasswordRecord(
  password: string,
  iterations: number,
  derive: DeriveKey = deriveInPool,
  salt: Buffer = randomBytes(SALT_OCTETS),
): Promise<PasswordRecord> {
  const prepared = preparedOrUndefined(password)
  if (prepared === undefined) throw refusedPassword(preparationProblems(password))
  return { scheme: PRESENT, iterations, salt, ...keysOf(await derive(prepared, salt, iterations)) }
}

/**
 * Wraps a bare digest of an older system.
 *
 * @param hex 128 hexadecimal digits in either case
 * @param iterations what a sign-in may cost in all; shared between the digests that are tried
 * @throws GatewayError `account.password-refused` for anything else than such a digest
 */
export async function makeLegacyRecord(
  hex: string,
  iterations: number,
  derive: DeriveKey = deriveInPool,
  { scheme = 'LEGACY-SHA3-512', salt = randomBytes(SALT_OCTETS) }: LegacyChoices = {},
): Promise<PasswordRecord> {
  if (!isLegacyDigest(hex)) {
    throw new GatewayError(
      'account.password-refused',
      `a digest has ${DIGEST_DIGITS} hexadecimal digits (SHA3-512 or SHA-512)`,
    )
  }
  const share = Math.ceil(iterations / CANDIDATES[scheme].length)
  return { scheme, iterations: share, salt, ...keysOf(await derive(hex.toLowerCase(), salt, share)) }
}

interface LegacyChoices {
  readonly scheme?: LegacyScheme
  readonly salt?: Buffer
}

/** Whether this is the hexadecimal form of a SHA3-512 or SHA-512 digest. */
export function isLegacyDigest(hex: string): boolean {
  return hex.length === DIGEST_DIGITS && /^[0-9A-Fa-f]*$/.test(hex)
}

/**
 * Whether the password is the record's. Every wrong password costs what the right one costs, one that cannot
 * be prepared (RFC 8265 §4.2) included, and is never an error.
 */
export async function verifyPassword(
  password: string,
  record: PasswordRecord,
  derive: DeriveKey = deriveInPool,
): Promise<boolean> {
  let right = false
  for (const digest of CANDIDATES[record.scheme]) {
    const candidate = digest === undefined ? preparedOrUndefined(password) : hexDigest(digest, password)
    const { storedKey } = keysOf(await derive(candidate ?? '', record.salt, record.iterations))
    // The second digest is tried although the first was right, and '' is nobody's.
    right = (timingSafeEqual(storedKey, record.storedKey) && candidate !== undefined) || right
  }
  return right
}

/** Whether a good sign-in should put a new record in this one's place: a legacy one, or one made for less work. */
export function needsUpgrade(record: PasswordRecord, iterations: number): boolean {
  return record.scheme !== PRESENT || record.iterations < iterations
}

/** PBKDF2 iterations that one try at a record costs in all. */
export function iterationsPerTry({ scheme, iterations }: PasswordRecord): number {
  return iterations * CANDIDATES[scheme].length
}

export function formatPasswordRecord(record: PasswordRecord): string {
  const [salt, stored, server] = [record.salt, record.storedKey, record.serverKey].map((octets) =>
    octets.toString('base64'),
  )
  return `${record.scheme}$${record.iterations}:${salt}$${stored}:${server}`
}

/** @throws GatewayError `store.damaged` for anything that `formatPasswordRecord` cannot have written */
export function parsePasswordRecord(text: string): PasswordRecord {
  const [scheme = '', cost, keys, ...rest] = text.split('$')
  const [iterations, salt, ...restOfCost] = (cost ?? '').split(':')
  const [stored, server, ...restOfKeys] = (keys ?? '').split(':')
  const whole = rest.length + restOfCost.length + restOfKeys.length === 0
  if (!whole || !isScheme(scheme) || !/^[1-9]\d{0,8}$/.test(iterations ?? '')) throw damaged()
  return {
    scheme,
    iterations: Number(iterations),
    salt: decode(salt),
    storedKey: decode(stored, KEY_OCTETS),
    serverKey: decode(server, KEY_OCTETS),
  }
}

function isScheme(text: string): text is Scheme {
  return Object.hasOwn(CANDIDATES, text)
}

function decode(text: string | undefined, octets?: number): Buffer {
  const decoded = Buffer.from(text ?? '', 'base64')
  if (decoded.length === 0 || decoded.toString('base64') !== text) throw damaged()
  if (octets !== undefined && decoded.length !== octets) throw damaged()
  return decoded
}

function damaged(): GatewayError {
  return new GatewayError('store.damaged', 'a password record in the directory is damaged')
}

/** StoredKey and ServerKey (RFC 5802 §3). */
function keysOf(salted: Buffer): Pick<PasswordRecord, 'storedKey' | 'serverKey'> {
  const storedKey = createHash(DIGEST).update(hmac(salted, 'Client Key')).digest()
  return { storedKey, serverKey: hmac(salted, 'Server Key') }
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac(DIGEST, key).update(text).digest()
}

function hexDigest(algorithm: string, text: string): string {
  return createHash(algorithm).update(text, 'utf8').digest('hex')
}
