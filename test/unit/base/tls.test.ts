import { expect } from 'chai'
import { spawn } from 'node:child_process'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { connect, createSecureContext, type ConnectionOptions, type TLSSocket } from 'node:tls'
import { acceptTls, TLS_OPTIONS, tlsExporter, type TlsContexts } from '../../../src/base/tls.ts'
import { needsOpenssl, selfSigned, type CertificatePair } from '../../contract/support/openssl.ts'

function contextsOf(pair: CertificatePair): TlsContexts {
  const context = createSecureContext({ ...TLS_OPTIONS, ...pair })
  return { current: () => context }
}

describe('TLS', () => {
  needsOpenssl()
  let ec: CertificatePair = { cert: '', key: '' }
  let server: Server | undefined
  let accepted: TLSSocket | undefined

  before(() => {
    ec = selfSigned()
  })

  afterEach(async () => {
    accepted?.destroy()
    await new Promise((resolve) => server?.close(resolve))
    server = undefined
    accepted = undefined
  })

  /** Greets after the handshake, as POP3 and SMTP do. */
  async function listen(contexts: TlsContexts): Promise<number> {
    const listening = createServer((socket) => {
      const secured = acceptTls(socket, contexts)
      accepted = secured
      secured.on('error', () => secured.destroy())
      secured.once('secure', () => secured.write('+OK\r\n'))
    })
    server = listening
    await new Promise<void>((resolve) => void listening.listen(0, '127.0.0.1', resolve))
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    return (listening.address() as AddressInfo).port
  }

  /** The connection once the greeting is here, or the code of the failure. */
  async function meet(port: number, options: ConnectionOptions = {}): Promise<TLSSocket | string> {
    return new Promise((resolve) => {
      const client = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...options })
      client.once('data', () => resolve(client))
      client.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    })
  }

  async function met(port: number, options: ConnectionOptions = {}): Promise<TLSSocket> {
    const client = await meet(port, options)
    if (typeof client === 'string') throw new Error(client)
    return client
  }

  it('speaks 1.3 with who can, in our order of ciphers', async () => {
    const client = await met(await listen(contextsOf(ec)), {
      ciphers: 'TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256',
    })
    expect(client.getProtocol()).to.equal('TLSv1.3')
    expect(client.getCipher().standardName).to.equal('TLS_AES_128_GCM_SHA256')
    client.destroy()
  })

  it('lets a client without AES in hardware have ChaCha20', async () => {
    const client = await met(await listen(contextsOf(ec)), {
      ciphers: 'TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256',
    })
    expect(client.getCipher().standardName).to.equal('TLS_CHACHA20_POLY1305_SHA256')
    client.destroy()
  })

  for (const newkey of ['ec', 'rsa:2048'] as const) {
    it(`speaks 1.2 with an ${newkey} key, with forward secrecy and authenticated encryption alone`, async () => {
      const port = await listen(contextsOf(selfSigned(newkey)))
      const only12 = { maxVersion: 'TLSv1.2', minVersion: 'TLSv1.2' } as const
      const client = await met(port, only12)
      expect(client.getProtocol()).to.equal('TLSv1.2')
      expect(client.getCipher().name).to.match(/^ECDHE-(ECDSA|RSA)-AES128-GCM-SHA256$/)
      client.destroy()
      for (const ciphers of ['AES128-GCM-SHA256', 'kRSA', 'ECDHE+AES+SHA256:ECDHE+AES+SHA1', 'DHE+AESGCM'])
        expect(await meet(port, { ...only12, ciphers }), ciphers).to.match(/HANDSHAKE_FAILURE/)
    })
  }

  it('refuses 1.1 and older', async () => {
    const port = await listen(contextsOf(ec))
    const older = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const
    expect(await meet(port, older)).to.equal('ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION')
  })

  it('agrees on no application protocol', async () => {
    const client = await met(await listen(contextsOf(ec)), { ALPNProtocols: ['pop3', 'http/1.1'] })
    expect(client.alpnProtocol).to.equal(false)
    client.destroy()
  })

  it('refuses a renegotiation, which only 1.2 knows', async () => {
    const port = await listen(contextsOf(ec))
    const client = spawn('openssl', ['s_client', '-connect', `127.0.0.1:${port}`, '-tls1_2'])
    let output = ''
    client.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
    client.stdout.on('data', (chunk: Buffer) => {
      // `R` at the beginning of a line makes `s_client` ask for one.
      if (chunk.includes('+OK')) client.stdin.write('R\n')
    })
    await new Promise((resolve) => client.once('close', resolve))
    expect(output).to.match(/RENEGOTIATING\n.*no renegotiation/)
  })

  it('resumes a session of the same context, and begins anew under another', async () => {
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      const [first, second] = [contextsOf(ec).current(), contextsOf(ec).current()]
      let current = first
      const port = await listen({ current: () => current })
      let session: Buffer | undefined
      const opened = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, maxVersion })
      await new Promise<void>((resolve) => {
        opened.once('session', (ticket) => {
          session = ticket
          resolve()
        })
        opened.resume()
      })
      opened.destroy()
      const again = await met(port, { maxVersion, session })
      expect(again.isSessionReused(), maxVersion).to.equal(true)
      again.destroy()
      current = second
      const anew = await met(port, { maxVersion, session })
      expect(anew.isSessionReused(), maxVersion).to.equal(false)
      anew.destroy()
      await new Promise((resolve) => server?.close(resolve))
    }
  })

  describe('the channel binding', () => {
    it('is the same 32 octets at both ends, as RFC 9266 §2 derives them, and other ones each time', async () => {
      const port = await listen(contextsOf(ec))
      const seen = new Set<string>()
      for (let round = 0; round < 2; round += 1) {
        const client = await met(port)
        const binding = tlsExporter(client)
        expect(binding).to.have.length(32)
        expect(accepted === undefined ? undefined : tlsExporter(accepted)).to.deep.equal(binding)
        seen.add(binding?.toString('hex') ?? '')
        client.destroy()
      }
      expect(seen.size).to.equal(2)
    })

    it('is what openssl exports', async () => {
      const port = await listen(contextsOf(ec))
      const exporting = '-keymatexport EXPORTER-Channel-Binding -keymatexportlen 32'.split(' ')
      const client = spawn('openssl', ['s_client', '-connect', `127.0.0.1:${port}`, '-tls1_3', ...exporting])
      let output = ''
      await new Promise<void>((resolve) => {
        client.stdout.on('data', (chunk: Buffer) => {
          output += chunk.toString()
          if (output.includes('+OK')) resolve()
        })
      })
      const binding = accepted === undefined ? undefined : tlsExporter(accepted)
      client.stdin.end()
      await new Promise((resolve) => client.once('close', resolve))
      expect(/Keying material: ([0-9A-F]{64})/.exec(output)?.[1]?.toLowerCase()).to.equal(
        binding?.toString('hex'),
      )
    })

    it('is absent under 1.2, before the handshake and after the end', async () => {
      const port = await listen(contextsOf(ec))
      const early = connect({ host: '127.0.0.1', port, rejectUnauthorized: false })
      expect(tlsExporter(early)).to.equal(undefined)
      await new Promise((resolve) => early.once('data', resolve))
      expect(tlsExporter(early)).to.have.length(32)
      early.destroy()
      expect(tlsExporter(early)).to.equal(undefined)
      const old = await met(port, { maxVersion: 'TLSv1.2' })
      expect(tlsExporter(old)).to.equal(undefined)
      old.destroy()
    })
  })
})
