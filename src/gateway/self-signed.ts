/**
 * Makes a certificate that signs itself: EC P-256, version 3, for a server alone and no authority, so that mail programs
 * can be told to trust exactly this one. Source: RFC 5280; RFC 7093 for the key's identifier.
 */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  webcrypto,
  type KeyObject,
} from 'node:crypto'
import { isIP } from 'node:net'
import type { Extension, RelativeDistinguishedNames } from 'pkijs'

const HOUR_MS = 3_600_000
/** The most that Apple's programs take from a certificate that was installed by hand. */
const VALID_DAYS = 825
/** X.520 ub-common-name, in characters. */
const MAX_COMMON_NAME = 64
/** RFC 5280 §4.1.2.5: years from this one on are written in full. */
const YEAR_IN_FULL = 2050

const COMMON_NAME = '2.5.4.3'
const SUBJECT_KEY_IDENTIFIER = '2.5.29.14'
const KEY_USAGE = '2.5.29.15'
const SUBJECT_ALT_NAME = '2.5.29.17'
const BASIC_CONSTRAINTS = '2.5.29.19'
const EXTENDED_KEY_USAGE = '2.5.29.37'
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1'

/** A new key, PEM (PKCS #8), not encrypted. */
export function makeKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}

/** The private key in PEM, if `selfSign` can sign with it. @throws what `createPrivateKey` throws for what is no key */
export function signingKey(text: string): KeyObject | undefined {
  const key = createPrivateKey(text)
  return key.asymmetricKeyDetails?.namedCurve === 'prime256v1' ? key : undefined
}

/**
 * A certificate for the key, PEM; each one has a random serial number of 127 bits.
 * @param key EC P-256
 * @param names host names in lower case and IP addresses; the first is the subject as well
 * @param now valid from an hour before, for clocks that are slow, and for 825 days in all
 */
export async function selfSign(
  key: KeyObject,
  names: readonly [string, ...string[]],
  now: Date,
): Promise<string> {
  // Loaded when it is needed: at a first start, and in no test suite that asks for no TLS.
  const { Certificate, Time, TimeType } = await import('pkijs')
  const { Integer } = await import('asn1js')
  const notBefore = new Date(now.getTime() - HOUR_MS)
  // Both ends count (RFC 5280 §4.1.2.5).
  const notAfter = new Date(notBefore.getTime() + VALID_DAYS * 24 * HOUR_MS - 1000)
  const timeOf = (value: Date) =>
    new Time({
      type: value.getUTCFullYear() < YEAR_IN_FULL ? TimeType.UTCTime : TimeType.GeneralizedTime,
      value,
    })

  const certificate = new Certificate()
  certificate.version = 2
  certificate.serialNumber = new Integer({ valueHex: buffer(serialNumber()) })
  certificate.issuer = await nameOf(names[0])
  certificate.subject = certificate.issuer
  certificate.notBefore = timeOf(notBefore)
  certificate.notAfter = timeOf(notAfter)
  certificate.extensions = await extensions(key, names)
  await certificate.subjectPublicKeyInfo.importKey(await importKey(createPublicKey(key), 'spki', 'verify'))
  await certificate.sign(await importKey(key, 'pkcs8', 'sign'), 'SHA-256')
  return pem(Buffer.from(certificate.toSchema(true).toBER(false)))
}

/** Positive, and of the same length each time. */
function serialNumber(): Buffer {
  const octets = randomBytes(16)
  octets.writeUInt8((octets.readUInt8(0) & 0x7f) | 0x40, 0)
  return octets
}

async function nameOf(common: string): Promise<RelativeDistinguishedNames> {
  const { AttributeTypeAndValue, RelativeDistinguishedNames } = await import('pkijs')
  const { Utf8String } = await import('asn1js')
  // Long ones are cut to what is allowed; only the alternative names count.
  const value = new Utf8String({ value: common.slice(0, MAX_COMMON_NAME) })
  const attribute = new AttributeTypeAndValue({ type: COMMON_NAME, value })
  return new RelativeDistinguishedNames({ typesAndValues: [attribute] })
}

async function extensions(key: KeyObject, names: readonly string[]): Promise<Extension[]> {
  const { BasicConstraints, Extension, ExtKeyUsage, GeneralName, GeneralNames } = await import('pkijs')
  const { BitString, OctetString } = await import('asn1js')
  const alternatives = names.map((name) =>
    isIP(name) === 0
      ? new GeneralName({ type: 2, value: name })
      : new GeneralName({ type: 7, value: new OctetString({ valueHex: buffer(addressOctets(name)) }) }),
  )
  const make = (extnID: string, critical: boolean, value: { toBER(sizeOnly?: boolean): ArrayBuffer }) =>
    new Extension({ extnID, critical, extnValue: value.toBER(false) })
  return [
    // Thunderbird takes no authority in the place of a server.
    make(BASIC_CONSTRAINTS, true, new BasicConstraints({ cA: false }).toSchema()),
    // digitalSignature, the first of nine bits: all that a handshake with forward secrecy asks of a key.
    make(KEY_USAGE, true, new BitString({ valueHex: buffer(Uint8Array.of(0x80)), unusedBits: 7 })),
    make(EXTENDED_KEY_USAGE, false, new ExtKeyUsage({ keyPurposes: [SERVER_AUTH] }).toSchema()),
    make(SUBJECT_KEY_IDENTIFIER, false, new OctetString({ valueHex: buffer(keyIdentifier(key)) })),
    make(SUBJECT_ALT_NAME, false, new GeneralNames({ names: alternatives }).toSchema()),
  ]
}

function importKey(
  key: KeyObject,
  format: 'spki' | 'pkcs8',
  usage: 'sign' | 'verify',
): Promise<webcrypto.CryptoKey> {
  const der =
    key.type === 'private'
      ? key.export({ type: 'pkcs8', format: 'der' })
      : key.export({ type: 'spki', format: 'der' })
  return webcrypto.subtle.importKey(format, der, { name: 'ECDSA', namedCurve: 'P-256' }, true, [usage])
}

/** RFC 7093 §2, method 1. */
function keyIdentifier(key: KeyObject): Buffer {
  const { x = '', y = '' } = createPublicKey(key).export({ format: 'jwk' })
  const point = [Uint8Array.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]
  return createHash('sha256').update(Buffer.concat(point)).digest().subarray(0, 20)
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

/** The octets alone, as the library takes them. */
function buffer(octets: Uint8Array): ArrayBuffer {
  return Uint8Array.from(octets).buffer
}

function pem(certificate: Buffer): string {
  const lines = certificate.toString('base64').replaceAll(/.{64}(?=.)/g, '$&\n')
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`
}
