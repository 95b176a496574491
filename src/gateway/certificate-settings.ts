/** What the settings say of the certificate: whose it is, where it lies, and which names one of our own has. Pure. */
import { isIP } from 'node:net'
import { join, resolve } from 'node:path'
import { HOST_NAME } from '../config/kinds.js'
import type { Paths } from '../config/paths.js'
import type { Settings } from '../config/schema.js'
import { invalid } from '../config/source.js'
import type { CertificateSource } from './certificate.js'

/**
 * @param paths absent for a house in memory, whose relative paths begin at the current folder
 * @throws GatewayError `config.invalid` when one of `tls.cert` and `tls.key` is given alone
 */
export function certificateSource(
  { cert, key }: Settings['tls'],
  paths: Pick<Paths, 'root' | 'tlsDir'> | undefined,
): CertificateSource {
  if (cert !== 'auto' && key !== 'auto') {
    const root = paths?.root ?? ''
    return { kind: 'operator', certFile: resolve(root, cert), keyFile: resolve(root, key) }
  }
  if (cert !== 'auto')
    throw invalid('tls.key', 'is "auto"; expected the key of tls.cert, in a file of its own or the same')
  if (key !== 'auto') throw invalid('tls.cert', 'is "auto"; expected the certificate of tls.key')
  if (paths === undefined) return { kind: 'memory' }
  return { kind: 'own', certFile: join(paths.tlsDir, 'cert.pem'), keyFile: join(paths.tlsDir, 'key.pem') }
}

/**
 * The domain first, then every other name under which a client may reach this house.
 * @param machine as the machine calls itself; left out if it is no host name
 */
export function certificateNames(
  { domain, listen }: Pick<Settings, 'domain' | 'listen'>,
  machine: string,
): readonly [string, ...string[]] {
  const own = HOST_NAME.schema.safeParse(machine)
  const hosts = [`mail.${domain}`, 'localhost', ...(own.success ? [own.data] : [])]
  const addresses = ['127.0.0.1', '::1', ...listen.map(withoutZone)].filter(
    (address) => !isUnspecified(address),
  )
  return [domain, ...new Set([...hosts, ...addresses].filter((name) => name !== domain))]
}

/** `fe80::1%eth0` names an interface of this machine, which a certificate cannot. */
function withoutZone(address: string): string {
  return address.split('%')[0] ?? address
}

/** `0.0.0.0` and `::` stand for every address and are none. */
function isUnspecified(address: string): boolean {
  return isIP(address) !== 0 && /^[0:.]+$/.test(address)
}
