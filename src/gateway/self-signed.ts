/**
 * Makes a certificate that signs itself: EC P-256, version 3, for a server alone and no authority, so that mail programs
 * can be told to trust exactly this one. Source: RFC 5280; RFC 5480 for the key, RFC 5758 for the signature.
 */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  type KeyObject,
} from 'node:crypto'
import { isIP } from 'node:net'
import { bits, der, integer, objectIdentifier, octets, sequence, set, time, TRUE, utf8 } from './der.js'

const HOUR_MS = 3_600_000
/** The most that Apple's programs take from a certificate that was installed by hand. */
const VALID_DAYS = 825
/** X.520 ub-common-name, in characters. */
const MAX_COMMON_NAME = 64

const ECDSA_WITH_SHA256 = sequence(objectIdentifier('1.2.840.10045.4.3.2'))
const BASIC_CONSTRAINTS = '2.5.29.19'
const KEY_USAGE = '2.5.29.15'
const EXTENDED_KEY_USAGE = '2.5.29.37'
const SUBJECT_KEY_IDENTIFIER = '2.5.29.14'
const SUBJECT_ALT_NAME = '2.5.29.17'

/** A new key, PEM (PKCS #8), not encrypted. */
export function makeKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}

/**
 * A certificate for the key, PEM; each one has a random serial number of 128 bits.
 * @param key EC P-256
 * @param names host names in lower case and IP addresses; the first is the subject as well
 * @param now valid from an hour before, for clocks that are slow, and for 825 days in all
 */
export function selfSign(key: KeyObject, names: readonly [string, ...string[]], now: Date): string {
  const notBefore = new Date(now.getTime() - HOUR_MS)
  // Both ends count (RFC 5280 §4.1.2.5).
  const notAfter = new Date(notBefore.getTime() + VALID_DAYS * 24 * HOUR_MS - 1000)
  const subject = nameOf(names[0])
  const body = sequence(
    der(0xa0, integer(Uint8Array.of(2))),
    integer(randomBytes(16)),
    ECDSA_WITH_SHA256,
    subject,
    sequence(time(notBefore), time(notAfter)),
    subject,
    publicKeyOf(key),
    der(0xa3, sequence(...extensions(key, names))),
  )
  return pem(sequence(body, ECDSA_WITH_SHA256, bits(sign('sha256', body, key))))
}

/** The private key in PEM, if `selfSign` can sign with it. @throws what `createPrivateKey` throws for what is no key */
export function signingKey(text: string): KeyObject | undefined {
  const key = createPrivateKey(text)
  return key.asymmetricKeyDetails?.namedCurve === 'prime256v1' ? key : undefined
}

function extensions(key: KeyObject, names: readonly string[]): readonly Buffer[] {
  return [
    // Thunderbird takes no authority in the place of a server.
    extension(BASIC_CONSTRAINTS, sequence(), TRUE),
    // digitalSignature, the first of nine bits: all that a handshake with forward secrecy asks of a key.
    extension(KEY_USAGE, bits(Uint8Array.of(0x80), 7), TRUE),
    // serverAuth
    extension(EXTENDED_KEY_USAGE, sequence(objectIdentifier('1.3.6.1.5.5.7.3.1'))),
    extension(SUBJECT_KEY_IDENTIFIER, octets(keyIdentifier(key))),
    extension(SUBJECT_ALT_NAME, sequence(...names.map(generalName))),
  ]
}

function extension(id: string, value: Uint8Array, ...critical: readonly Uint8Array[]): Buffer {
  return sequence(objectIdentifier(id), ...critical, octets(value))
}

/** A distinguished name of the common name alone; long ones are cut to what is allowed, as only the others count. */
function nameOf(common: string): Buffer {
  return sequence(set(sequence(objectIdentifier('2.5.4.3'), utf8(common.slice(0, MAX_COMMON_NAME)))))
}

function publicKeyOf(key: KeyObject): Buffer {
  return createPublicKey(key).export({ type: 'spki', format: 'der' })
}

/** RFC 7093 §2, method 1. */
function keyIdentifier(key: KeyObject): Buffer {
  const { x = '', y = '' } = createPublicKey(key).export({ format: 'jwk' })
  const point = [Uint8Array.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]
  return createHash('sha256').update(Buffer.concat(point)).digest().subarray(0, 20)
}

function generalName(name: string): Buffer {
  return isIP(name) === 0 ? der(0x82, Buffer.from(name, 'ascii')) : der(0x87, addressOctets(name))
}

function addressOctets(address: string): Uint8Array {
  if (isIP(address) === 4) return Uint8Array.from(address.split('.').map(Number))
  // The URL parser writes every form in the one of RFC 5952: eight groups, or fewer around one `::`.
  const [before = '', after] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::')
  const head = groups(before)
  const tail = groups(after ?? '')
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => 0)
  return Uint8Array.from([...head, ...zeros, ...tail].flatMap((group) => [group >> 8, group & 0xff]))
}

function groups(text: string): readonly number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16))
}

function pem(certificate: Buffer): string {
  const lines = certificate.toString('base64').replaceAll(/.{64}(?=.)/g, '$&\n')
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`
}
