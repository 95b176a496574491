/** The `openssl` program: a second opinion on certificates and handshakes. Skips aloud where it is missing. */
import { execFileSync, spawnSync } from 'node:child_process'
import { before } from 'mocha'

export interface CertificatePair {
  /** PEM. */
  readonly cert: string
  /** PEM, not encrypted. */
  readonly key: string
}

/** Registers with mocha: skips the tests of one `describe` where there is no `openssl`. */
export function needsOpenssl(): void {
  before(function () {
    if (spawnSync('openssl', ['version']).error === undefined) return
    console.log('      skipped: openssl is not installed')
    this.skip()
  })
}

/** Its standard output. @param input what it reads from standard input */
export function openssl(args: readonly string[], input = ''): string {
  return execFileSync('openssl', args, { encoding: 'utf8', input, stdio: ['pipe', 'pipe', 'ignore'] })
}

/** A certificate that signs itself, for `mail.glo2000.ca`. @param options more of `openssl req` */
export function selfSigned(
  newkey: 'ec' | 'rsa:2048' = 'ec',
  options: readonly string[] = [],
): CertificatePair {
  const curve = newkey === 'ec' ? ['-pkeyopt', 'ec_paramgen_curve:prime256v1'] : []
  const subject = ['-subj', '/CN=mail.glo2000.ca', '-keyout', '-']
  const pem = openssl(['req', '-x509', '-nodes', '-newkey', newkey, ...curve, ...subject, ...options])
  const from = pem.indexOf('-----BEGIN CERTIFICATE')
  return { key: pem.slice(0, from), cert: pem.slice(from) }
}
