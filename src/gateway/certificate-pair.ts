/**
 * A certificate with its key, from two PEM files, checked as a whole before anybody is served with it.
 * It makes nothing and keeps nothing. What is wrong is said in one line: setting, file, what was found, what is expected.
 */
import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto'
import { constants, open, type FileHandle } from 'node:fs/promises'
import { createSecureContext, type SecureContext } from 'node:tls'
import { systemCode, type GatewayError } from '../base/errors.js'
import { TLS_OPTIONS } from '../base/tls.js'
import { invalid } from '../config/source.js'

/** Absolute paths; both may be the same file. */
export interface CertificateFiles {
  readonly certFile: string
  readonly keyFile: string
}

export interface CertificatePair {
  /** PEM; the chain follows the certificate. */
  readonly cert: string
  /** PEM. */
  readonly key: string
  /** `SHA256:AB:CD:…`, of the certificate in DER, as `openssl x509 -fingerprint -sha256` prints it. */
  readonly fingerprint: string
  readonly selfSigned: boolean
  readonly validFrom: Date
  readonly validTo: Date
  /** A context of its own each time, and with it a new key for session tickets. */
  newContext(): SecureContext
}

/** No chain is as long, and no key. */
const MAX_OCTETS = 1_048_576

const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g

/** @throws GatewayError `config.invalid` */
export async function readPair(files: CertificateFiles): Promise<CertificatePair> {
  const cert = await readPem('tls.cert', files.certFile, 'a certificate in PEM')
  const key = await readPem('tls.key', files.keyFile, 'its key in PEM')
  return createPair(cert, key, files)
}

/**
 * @param files where both come from, for errors
 * @throws GatewayError `config.invalid`
 */
export function createPair(cert: string, key: string, files: CertificateFiles): CertificatePair {
  const chain = chainOf(cert, files)
  const [leaf] = chain
  const secret = keyOf(key, files)
  if (!leaf.checkPrivateKey(secret)) throw mismatch(chain, secret, files)
  const newContext = (): SecureContext => createSecureContext({ ...TLS_OPTIONS, cert, key })
  try {
    newContext()
  } catch (error) {
    throw wrong('tls.cert', files.certFile, `cannot be used (${reasonOf(error)})`, 'another one', error)
  }
  return {
    cert,
    key,
    fingerprint: `SHA256:${leaf.fingerprint256}`,
    // `checkIssued` would ask for the right to sign other certificates, which one of our own does not claim.
    selfSigned: leaf.issuer === leaf.subject && leaf.verify(leaf.publicKey),
    validFrom: new Date(leaf.validFrom),
    validTo: new Date(leaf.validTo),
    newContext,
  }
}

function chainOf(
  cert: string,
  { certFile }: CertificateFiles,
): readonly [X509Certificate, ...X509Certificate[]] {
  try {
    const [leaf, ...others] = (cert.match(PEM_CERTIFICATE) ?? []).map((one) => new X509Certificate(one))
    if (leaf !== undefined) return [leaf, ...others]
  } catch (error) {
    throw wrong('tls.cert', certFile, `holds a damaged certificate (${reasonOf(error)})`, 'PEM', error)
  }
  throw wrong('tls.cert', certFile, 'holds no certificate', 'PEM, the chain behind the certificate')
}

function keyOf(key: string, { keyFile }: CertificateFiles): KeyObject {
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(key))
    throw wrong(
      'tls.key',
      keyFile,
      'is encrypted',
      'a key without a passphrase, for nobody is there to type it',
    )
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(key))
    throw wrong('tls.key', keyFile, 'holds no private key', 'the key of the certificate in PEM')
  try {
    return createPrivateKey(key)
  } catch (error) {
    throw wrong('tls.key', keyFile, `holds a damaged key (${reasonOf(error)})`, 'PEM', error)
  }
}

function mismatch(
  chain: readonly X509Certificate[],
  key: KeyObject,
  { certFile, keyFile }: CertificateFiles,
): GatewayError {
  if (chain.some((certificate) => certificate.checkPrivateKey(key)))
    return wrong(
      'tls.cert',
      certFile,
      'has the certificate of the key behind others',
      'it first, then its chain',
    )
  return wrong(
    'tls.key',
    keyFile,
    `does not belong to the certificate in ${certFile}`,
    'the key that it was made for',
  )
}

/** Waits for nothing: a pipe in the place of a file would be read without end. */
async function readPem(setting: string, file: string, expected: string): Promise<string> {
  let handle: FileHandle | undefined
  try {
    handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK)
    const facts = await handle.stat()
    if (!facts.isFile()) throw wrong(setting, file, 'is no file', expected)
    if (facts.size === 0) throw wrong(setting, file, 'is empty', expected)
    if (facts.size > MAX_OCTETS) throw wrong(setting, file, `is ${facts.size} octets long`, expected)
    return await handle.readFile('latin1')
  } catch (error) {
    const code = systemCode(error)
    if (code === undefined) throw error
    const found = code === 'ENOENT' ? 'is missing' : `cannot be read (${code})`
    throw wrong(setting, file, found, expected, error)
  } finally {
    await handle?.close()
  }
}

function wrong(
  setting: string,
  file: string,
  found: string,
  expected: string,
  cause?: unknown,
): GatewayError {
  return invalid(setting, `${file} ${found}; expected ${expected}`, cause)
}

/** What OpenSSL says without its numbers: `ee key too small`. */
function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return text.split(':').at(-1)?.trim() ?? text
}
