import { expect } from 'chai'
import { X509Certificate } from 'node:crypto'
import { createServer, type AddressInfo } from 'node:net'
import { connect } from 'node:tls'
import { acceptTls, TLS_OPTIONS } from '../../../src/base/tls.ts'
import { makeKey, selfSign, signingKey } from '../../../src/gateway/self-signed.ts'
import { createSecureContext } from 'node:tls'
import { needsOpenssl, openssl, selfSigned } from '../../contract/support/openssl.ts'

const NOW = new Date('2026-03-01T12:00:00Z')
const NAMES = [
  'glo2000.ca',
  'mail.glo2000.ca',
  '127.0.0.1',
  '::1',
  '2001:db8::5:6',
  '::ffff:1.2.3.4',
] as const

async function certificate(
  names: readonly [string, ...string[]] = NAMES,
  now = NOW,
): Promise<{ readonly cert: string; readonly key: string }> {
  const key = makeKey()
  const secret = signingKey(key)
  if (secret === undefined) throw new Error('not our kind of key')
  return { key, cert: await selfSign(secret, names, now) }
}

describe('a certificate that signs itself', () => {
  it('holds for every name, and for no other', async () => {
    const read = new X509Certificate((await certificate()).cert)
    expect(read.checkHost('mail.glo2000.ca')).to.equal('mail.glo2000.ca')
    expect(read.checkHost('glo2000.com')).to.equal(undefined)
    for (const address of NAMES.slice(2)) expect(read.checkIP(address), address).to.not.equal(undefined)
    expect(read.checkIP('127.0.0.2')).to.equal(undefined)
  })

  it('begins an hour ago and holds for 825 days, both ends counted', async () => {
    const { validFrom, validTo } = new X509Certificate((await certificate()).cert)
    expect(new Date(validFrom).toISOString()).to.equal('2026-03-01T11:00:00.000Z')
    expect(new Date(validTo).toISOString()).to.equal('2028-06-03T10:59:59.000Z')
  })

  it('writes years from 2050 on in full', async () => {
    const { validFrom, validTo } = new X509Certificate(
      (await certificate(NAMES, new Date('2049-12-31T12:00:00Z'))).cert,
    )
    expect([new Date(validFrom).getUTCFullYear(), new Date(validTo).getUTCFullYear()]).to.deep.equal([
      2049, 2052,
    ])
  })

  it('has a serial number of its own of 127 bits, never negative', async () => {
    const made = await Promise.all(Array.from({ length: 40 }, () => certificate()))
    const serials = made.map(({ cert }) => new X509Certificate(cert).serialNumber)
    expect(new Set(serials).size).to.equal(40)
    for (const serial of serials) expect(serial).to.match(/^[4-7][0-9A-F]{31}$/)
  })

  it('cuts a domain that is too long for a common name, and keeps it whole as a name', async () => {
    const long = `${'a'.repeat(63)}.${'b'.repeat(63)}.ca`
    const read = new X509Certificate((await certificate([long])).cert)
    expect(read.subject).to.equal(`CN=${long.slice(0, 64)}`)
    expect(read.checkHost(long)).to.equal(long)
  })

  it('signs with EC P-256 alone', () => {
    expect(signingKey(makeKey())?.asymmetricKeyDetails).to.deep.equal({ namedCurve: 'prime256v1' })
  })

  it('is trusted by a client that is given it, and its name checked', async () => {
    const pair = await certificate(NAMES, new Date())
    const context = createSecureContext({ ...TLS_OPTIONS, ...pair })
    const server = createServer((socket) => {
      acceptTls(socket, { current: () => context }).on('error', () => socket.destroy())
    })
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    const { port } = server.address() as AddressInfo
    const outcome = async (servername: string): Promise<string> =>
      new Promise((resolve) => {
        const client = connect({ host: '127.0.0.1', port, servername, ca: pair.cert }, () => {
          resolve('trusted')
          client.destroy()
        })
        client.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''))
      })
    expect(await outcome('mail.glo2000.ca')).to.equal('trusted')
    expect(await outcome('mail.example.com')).to.equal('ERR_TLS_CERT_ALTNAME_INVALID')
    await new Promise((resolve) => server.close(resolve))
  })

  describe('as openssl sees it', () => {
    needsOpenssl()

    it('is well-formed: no authority, for signing in a handshake, for a server', async () => {
      const text = openssl(['x509', '-noout', '-text'], (await certificate()).cert)
      expect(text).to.contain('Version: 3 (0x2)')
      expect(text).to.match(/Basic Constraints: critical\s+CA:FALSE/)
      expect(text).to.match(/Key Usage: critical\s+Digital Signature\n/)
      expect(text).to.match(/Extended Key Usage: *\s+TLS Web Server Authentication\n/)
      expect(text).to.match(/Subject Key Identifier: *\s+(?:[0-9A-F]{2}:){19}[0-9A-F]{2}\n/)
      expect(text).to.not.contain('Serial Number: -')
    })

    it('refuses to sign with another kind of key', () => {
      expect(signingKey(selfSigned('rsa:2048').key)).to.equal(undefined)
    })
  })
})
