/**
 * The stored form of a password: PBKDF2-HMAC-SHA3-512 kept as SCRAM keys, so that neither the password
 * nor anything that could stand in for it is in the record.
 *
 *     SCRAM-SHA3-512$<iterations>:<salt>$<StoredKey>:<ServerKey>      base64, keys of 64 octets
 *
 * Sources: RFC 5803 §3 (syntax), RFC 5802 §3 (keys), RFC 8018 §5.2 (PBKDF2).
 */
import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { GatewayError } from '../base/errors.js'
import { preparePassword } from './password-rules.js'

export interface PasswordRecord {
  readonly iterations: number
  readonly salt: Buffer
  readonly storedKey: Buffer
  readonly serverKey: Buffer
}

const SCHEME = 'SCRAM-SHA3-512'
const DIGEST = 'sha3-512'
/** One block of the digest; a single octet more would double the cost of each derivation. */
const KEY_OCTETS = 64
const SALT_OCTETS = 16

const derive = promisify(pbkdf2)

/** Makes the record of a new password. Costs `iterations` rounds of a thread-pool thread. */
export async function makePasswordRecord(
  password: string,
  iterations: number,
  salt: Buffer = randomBytes(SALT_OCTETS),
): Promise<PasswordRecord> {
  const salted = await derive(preparePassword(password), salt, iterations, KEY_OCTETS, DIGEST)
  const clientKey = hmac(salted, 'Client Key')
  return { iterations, salt, storedKey: hash(clientKey), serverKey: hmac(salted, 'Server Key') }
}

/** Whether the password is the record's. Takes the same time for every wrong password. */
export async function verifyPassword(password: string, record: PasswordRecord): Promise<boolean> {
  const given = await makePasswordRecord(password, record.iterations, record.salt)
  return timingSafeEqual(given.storedKey, record.storedKey)
}

export function formatPasswordRecord(record: PasswordRecord): string {
  const [salt, stored, server] = [record.salt, record.storedKey, record.serverKey].map((octets) =>
    octets.toString('base64'),
  )
  return `${SCHEME}$${record.iterations}:${salt}$${stored}:${server}`
}

/** @throws GatewayError `store.damaged` for anything that `formatPasswordRecord` cannot have written */
export function parsePasswordRecord(text: string): PasswordRecord {
  const [scheme, cost, keys, ...rest] = text.split('$')
  const [iterations, salt, ...restOfCost] = (cost ?? '').split(':')
  const [stored, server, ...restOfKeys] = (keys ?? '').split(':')
  const whole = rest.length + restOfCost.length + restOfKeys.length === 0
  if (!whole || scheme !== SCHEME || !/^[1-9]\d{0,8}$/.test(iterations ?? '')) throw damaged()
  return {
    iterations: Number(iterations),
    salt: decode(salt),
    storedKey: decode(stored, KEY_OCTETS),
    serverKey: decode(server, KEY_OCTETS),
  }
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

function hmac(key: Buffer, text: string): Buffer {
  return createHmac(DIGEST, key).update(text).digest()
}

function hash(octets: Buffer): Buffer {
  return createHash(DIGEST).update(octets).digest()
}
