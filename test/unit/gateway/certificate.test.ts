import { expect } from 'chai'
import { spawn } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { renameSync, rmSync, symlinkSync } from 'node:fs'
import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { join } from 'node:path'
import { connect, type TLSSocket } from 'node:tls'
import type { Log, LogFields } from '../../../src/base/log.ts'
import { acceptTls, type TlsContexts } from '../../../src/base/tls.ts'
import {
  openCertificate,
  type Certificate,
  type CertificateSource,
  type CertificateTiming,
} from '../../../src/gateway/certificate.ts'
import { makeKey, selfSign, signingKey } from '../../../src/gateway/self-signed.ts'
import { gatewayErrorOf } from '../../contract/support/failure-of.ts'
import { needsOpenssl, openssl, selfSigned, type CertificatePair } from '../../contract/support/openssl.ts'
import { tempFolder } from '../../contract/support/temp-folder.ts'

const NAMES = ['glo2000.ca', 'mail.glo2000.ca', '127.0.0.1'] as const
const DAY_MS = 86_400_000
/** No waiting longer than it takes: looks and second looks follow at once. */
const QUICK: Partial<CertificateTiming> = { everyMs: 3_600_000, quietMs: 1, patienceMs: 0, againMs: 1 }

/** A pair as an operator brings it. */
async function newPair(now = new Date()): Promise<CertificatePair> {
  const key = makeKey()
  const secret = signingKey(key)
  if (secret === undefined) throw new Error('not our kind of key')
  return { key, cert: await selfSign(secret, NAMES, now) }
}

function fingerprintOf({ cert }: Pick<CertificatePair, 'cert'>): string {
  return `SHA256:${new X509Certificate(cert).fingerprint256}`
}

interface Line {
  readonly level: string
  readonly message: string
  readonly fields: LogFields
}

/** A log that can be waited for. */
function createListener(): { readonly log: Log; readonly lines: Line[]; next(level: string): Promise<Line> } {
  const lines: Line[] = []
  const waiting = new Map<string, (line: Line) => void>()
  const take =
    (level: string) =>
    (fields: LogFields, message: string): void => {
      const line = { level, message, fields }
      lines.push(line)
      waiting.get(level)?.(line)
    }
  const log: Log = {
    debug: take('debug'),
    info: take('info'),
    warn: take('warn'),
    error: take('error'),
    child: () => log,
  }
  const next = async (level: string): Promise<Line> =>
    new Promise((resolve) => void waiting.set(level, resolve))
  return { log, lines, next }
}

describe('the certificate', () => {
  const newPath = tempFolder()
  const opened: Certificate[] = []
  let server: Server | undefined
  const sockets: TLSSocket[] = []
  let listener = createListener()

  beforeEach(() => {
    listener = createListener()
  })

  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy()
    await new Promise((resolve) => (server === undefined ? resolve(undefined) : server.close(resolve)))
    server = undefined
    for (const certificate of opened.splice(0)) await certificate.close()
  })

  async function open(
    source: CertificateSource,
    { now, timing = QUICK }: { now?: () => Date; timing?: Partial<CertificateTiming> } = {},
  ): Promise<Certificate> {
    const clock = now ?? (() => new Date())
    const certificate = await openCertificate({ source, names: NAMES, log: listener.log, clock, timing })
    opened.push(certificate)
    return certificate
  }

  function own(folder: string): CertificateSource & { kind: 'own' } {
    return { kind: 'own', certFile: join(folder, 'cert.pem'), keyFile: join(folder, 'key.pem') }
  }

  /** The operator's files in a new folder. */
  async function operators(pair: CertificatePair): Promise<CertificateSource & { kind: 'operator' }> {
    const folder = newPath()
    await mkdir(folder)
    await write(folder, pair)
    return { ...own(folder), kind: 'operator' }
  }

  async function write(folder: string, pair: Partial<CertificatePair>): Promise<void> {
    if (pair.key !== undefined) await writeFile(join(folder, 'key.pem'), pair.key)
    if (pair.cert !== undefined) await writeFile(join(folder, 'cert.pem'), pair.cert)
  }

  /** Echoes, under TLS. */
  async function serve(contexts: TlsContexts): Promise<number> {
    const listening = createServer((socket) => {
      const secured = acceptTls(socket, contexts)
      sockets.push(secured)
      secured.on('error', () => secured.destroy())
      secured.on('data', (chunk) => secured.write(chunk))
    })
    server = listening
    await new Promise<void>((resolve) => void listening.listen(0, '127.0.0.1', resolve))
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    return (listening.address() as AddressInfo).port
  }

  async function session(port: number): Promise<TLSSocket> {
    const client = connect({ host: '127.0.0.1', port, rejectUnauthorized: false })
    sockets.push(client)
    await once(client, 'secureConnect')
    return client
  }

  async function echoed(client: TLSSocket, text: string): Promise<string> {
    client.write(text)
    const [chunk]: Buffer[] = await once(client, 'data')
    return chunk?.toString() ?? ''
  }

  function servedTo(client: TLSSocket): string {
    return `SHA256:${client.getPeerCertificate().fingerprint256}`
  }

  describe('of our own', () => {
    for (const umask of [0o022, 0o077])
      it(`is made at the first start for its owner alone, under umask ${umask.toString(8)}`, async () => {
        const folder = join(newPath(), 'config', 'tls')
        const before = process.umask(umask)
        try {
          const { madeNow, selfSigned: bySelf } = await open(own(folder))
          expect([madeNow, bySelf]).to.deep.equal([true, true])
        } finally {
          process.umask(before)
        }
        expect((await readdir(folder)).toSorted()).to.deep.equal(['cert.pem', 'key.pem'])
        const modes = await Promise.all(
          ['', 'cert.pem', 'key.pem'].map(async (name) =>
            ((await stat(join(folder, name))).mode & 0o777).toString(8),
          ),
        )
        expect(modes).to.deep.equal(['700', '600', '600'])
      })

    it('is the same at the next start', async () => {
      const folder = newPath()
      const first = await open(own(folder))
      const again = await open(own(folder))
      expect(again.madeNow).to.equal(false)
      expect(again.fingerprint).to.equal(first.fingerprint)
    })

    it('is served', async () => {
      const certificate = await open(own(newPath()))
      const client = await session(await serve(certificate.contexts))
      expect(servedTo(client)).to.equal(certificate.fingerprint)
      expect(client.getPeerCertificate().subjectaltname).to.contain('DNS:mail.glo2000.ca')
    })

    it('is one pair that matches when several start at once', async () => {
      const folder = newPath()
      const all = await Promise.all(Array.from({ length: 8 }, async () => open(own(folder))))
      expect(new Set(all.map(({ fingerprint }) => fingerprint)).size).to.equal(1)
      expect(all.filter(({ madeNow }) => madeNow)).to.have.length(1)
      expect((await readdir(folder)).toSorted()).to.deep.equal(['cert.pem', 'key.pem'])
    })

    it('is one pair that matches when two processes start at once', async () => {
      const folder = newPath()
      const certificateModule = new URL('../../../src/gateway/certificate.ts', import.meta.url).href
      const program = `
        import { openCertificate } from ${JSON.stringify(certificateModule)}
        import { silentLog as log } from ${JSON.stringify(new URL('../../../src/base/log.ts', import.meta.url).href)}
        process.stdout.write('ready')
        process.stdin.once('data', async () => {
          const certificate = await openCertificate({ source: ${JSON.stringify(own(folder))}, names: ['glo2000.ca'], log })
          process.stdout.write(certificate.fingerprint)
          process.exit()
        })`
      const children = Array.from({ length: 2 }, () => {
        const child = spawn(process.execPath, ['--import=tsx', '--input-type=module', '-e', program])
        let output = ''
        child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
        return { child, output: () => output }
      })
      await Promise.all(children.map(async ({ child }) => once(child.stdout, 'data')))
      for (const { child } of children) child.stdin.write('go')
      await Promise.all(children.map(async ({ child }) => once(child, 'close')))
      const { fingerprint } = await open(own(folder))
      expect(children.map(({ output }) => output())).to.deep.equal([
        `ready${fingerprint}`,
        `ready${fingerprint}`,
      ])
    })

    it('is finished when the start before was cut off behind the key', async () => {
      const folder = newPath()
      const { key } = await newPair()
      await mkdir(folder)
      await write(folder, { key })
      expect((await open(own(folder))).madeNow).to.equal(true)
      expect(await readFile(join(folder, 'key.pem'), 'utf8')).to.equal(key)
    })

    it('takes the place of nothing: half a pair that is not ours stops the start, untouched', async () => {
      const [certAlone, keyAlone, dangling] = [newPath(), newPath(), newPath()]
      for (const folder of [certAlone, keyAlone, dangling]) await mkdir(folder)
      await write(certAlone, { cert: (await newPair()).cert })
      await write(keyAlone, { key: 'not a key' })
      await symlink('/nowhere/cert.pem', join(dangling, 'cert.pem'))
      expect((await gatewayErrorOf(open(own(certAlone)))).message).to.contain('key.pem is missing')
      expect((await gatewayErrorOf(open(own(keyAlone)))).message).to.contain(
        'cert.pem is missing; expected the cert',
      )
      expect((await gatewayErrorOf(open(own(dangling)))).code).to.equal('config.invalid')
      expect(await readdir(certAlone)).to.deep.equal(['cert.pem'])
      expect(await readdir(keyAlone)).to.deep.equal(['key.pem'])
      expect(await readdir(dangling)).to.deep.equal(['cert.pem'])
    })

    it('is not renewed, but spoken of once a day from thirty days before its end', async () => {
      const folder = newPath()
      let now = new Date('2026-03-01T00:00:00Z')
      const { fingerprint } = await open(own(folder), { now: () => now })
      expect(listener.lines).to.deep.equal([])
      now = new Date(now.getTime() + 800 * DAY_MS)
      const looks = { ...QUICK, everyMs: 1 }
      const first = listener.next('warn')
      const again = await open(own(folder), { now: () => now, timing: looks })
      expect((await first).message).to.match(
        /^the certificate ends on 2028-06-02; for a new one, .* remove .*cert\.pem/,
      )
      const second = listener.next('warn')
      now = new Date(now.getTime() + 26 * DAY_MS)
      expect((await second).message).to.match(/^the certificate ended on 2028-06-02; /)
      expect(listener.lines).to.have.length(2)
      expect(again.fingerprint).to.equal(fingerprint)
    })
  })

  describe('in memory', () => {
    it('is made once, when it is first asked for, and never changes', async () => {
      const certificate = await open({ kind: 'memory' })
      const client = await session(await serve(certificate.contexts))
      expect(servedTo(client)).to.equal(certificate.fingerprint)
      expect(await certificate.reload()).to.equal('unchanged')
      expect(certificate.fingerprint).to.equal(servedTo(client))
    })
  })

  describe('of the operator', () => {
    it('is served, and its files stay as they are', async () => {
      const pair = await newPair()
      const source = await operators(pair)
      const certificate = await open(source)
      expect(certificate.fingerprint).to.equal(fingerprintOf(pair))
      expect(certificate.madeNow).to.equal(false)
      expect(await readFile(source.certFile, 'utf8')).to.equal(pair.cert)
    })

    it('may lie in one file with its key', async () => {
      const pair = await newPair()
      const source = await operators({ ...pair, cert: pair.key + pair.cert })
      const certificate = await open({ ...source, keyFile: source.certFile })
      expect(servedTo(await session(await serve(certificate.contexts)))).to.equal(fingerprintOf(pair))
    })

    const broken: readonly (readonly [string, Partial<CertificatePair>, RegExp])[] = [
      ['another key', { key: makeKey() }, /^tls\.key: .*key\.pem does not belong to the certificate in /],
      [
        'an empty certificate',
        { cert: '' },
        /^tls\.cert: .*cert\.pem is empty; expected a certificate in PEM$/,
      ],
      ['an empty key', { key: '' }, /^tls\.key: .*key\.pem is empty; expected its key in PEM$/],
      [
        'a certificate that is none',
        { cert: 'hello' },
        /^tls\.cert: .*cert\.pem holds no certificate; expected PEM/,
      ],
      ['a key that is none', { key: 'hello' }, /^tls\.key: .*key\.pem holds no private key; expected/],
      [
        'a damaged certificate',
        { cert: '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n' },
        /^tls\.cert: .*cert\.pem holds a damaged certificate \(.*\); expected PEM/,
      ],
      [
        'a damaged key',
        { key: '-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n' },
        /^tls\.key: .*key\.pem holds a damaged key \(.*\); expected PEM/,
      ],
      [
        'an encrypted key',
        { key: '-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIB\n-----END ENCRYPTED PRIVATE KEY-----\n' },
        /^tls\.key: .*key\.pem is encrypted; expected a key without a passphrase/,
      ],
    ]

    for (const [what, part, message] of broken)
      it(`stops the start with one line for ${what}`, async () => {
        const error = await gatewayErrorOf(open(await operators({ ...(await newPair()), ...part })))
        expect(error.code).to.equal('config.invalid')
        expect(error.message).to.match(message).and.not.contain('\n')
      })

    for (const [what, part, message] of broken)
      it(`keeps the old one on reload for ${what}, and says so`, async () => {
        const pair = await newPair()
        const source = await operators(pair)
        const certificate = await open(source, { timing: { ...QUICK, quietMs: 3_600_000 } })
        await write(join(source.certFile, '..'), part)
        expect(await certificate.reload()).to.equal('refused')
        expect(listener.lines.map(({ level }) => level)).to.deep.equal(['error'])
        expect(listener.lines[0]?.fields['err']).to.have.property('message').that.matches(message)
        expect(servedTo(await session(await serve(certificate.contexts)))).to.equal(fingerprintOf(pair))
      })

    it('stops the start when a file is missing, a folder or a pipe', async () => {
      const source = await operators(await newPair())
      const found = async (certFile: string): Promise<string> =>
        (await gatewayErrorOf(open({ ...source, certFile }))).message
      expect(await found('/nowhere/cert.pem')).to.contain('/nowhere/cert.pem is missing; expected')
      expect(await found('/tmp')).to.contain('/tmp is no file; expected')
      expect(await found('/dev/zero')).to.contain('/dev/zero is no file; expected')
    })

    it('that has ended, or begins later, is warned about and served', async () => {
      for (const [years, message] of [
        [-5, /^the certificate ended on \d{4}-\d\d-\d\d$/],
        [5, /^the certificate is not valid before \d{4}-\d\d-\d\d$/],
      ] as const) {
        const pair = await newPair(new Date(Date.now() + years * 365 * DAY_MS))
        const warned = listener.next('warn')
        const certificate = await open(await operators(pair))
        expect((await warned).message).to.match(message)
        expect(certificate.fingerprint).to.equal(fingerprintOf(pair))
      }
    })
  })

  describe('that changes', () => {
    it('is served from the next handshake on; the session in progress goes on', async () => {
      const [first, second] = [await newPair(), await newPair()]
      const source = await operators(first)
      const certificate = await open(source, { timing: { ...QUICK, quietMs: 3_600_000 } })
      const port = await serve(certificate.contexts)
      const before = await session(port)
      await write(join(source.certFile, '..'), second)
      expect(await certificate.reload()).to.equal('reloaded')
      expect(await certificate.reload()).to.equal('unchanged')
      const after = await session(port)
      expect(servedTo(before)).to.equal(fingerprintOf(first))
      expect(servedTo(after)).to.equal(fingerprintOf(second))
      expect(certificate.fingerprint).to.equal(fingerprintOf(second))
      expect(await echoed(before, 'still here')).to.equal('still here')
      expect(await echoed(after, 'here as well')).to.equal('here as well')
    })

    it('is read again without being told', async () => {
      const source = await operators(await newPair())
      const certificate = await open(source, { timing: { ...QUICK, patienceMs: 5000 } })
      const reloaded = listener.next('info')
      const second = await newPair()
      await write(join(source.certFile, '..'), second)
      await reloaded
      expect(certificate.fingerprint).to.equal(fingerprintOf(second))
    })

    it('is read again when a link in its folder turns to another target, as certbot does', async () => {
      const folder = newPath()
      const second = await newPair()
      for (const [name, pair] of [
        ['archive1', await newPair()],
        ['archive2', second],
      ] as const) {
        await mkdir(join(folder, name), { recursive: true })
        await write(join(folder, name), pair)
      }
      await mkdir(join(folder, 'live'))
      const turn = (target: string): void => {
        for (const file of ['cert.pem', 'key.pem']) {
          symlinkSync(`../${target}/${file}`, join(folder, 'live', 'next'))
          renameSync(join(folder, 'live', 'next'), join(folder, 'live', file))
        }
      }
      turn('archive1')
      const certificate = await open({ ...own(join(folder, 'live')), kind: 'operator' })
      const reloaded = listener.next('info')
      turn('archive2')
      await reloaded
      expect(certificate.fingerprint).to.equal(fingerprintOf(second))
    })

    it('is read again when the folder behind it is swapped at once, as Kubernetes does', async () => {
      const folder = newPath()
      const second = await newPair()
      for (const [name, pair] of [
        ['..2026_1', await newPair()],
        ['..2026_2', second],
      ] as const) {
        await mkdir(join(folder, name), { recursive: true })
        await write(join(folder, name), pair)
      }
      await symlink('..2026_1', join(folder, '..data'))
      for (const file of ['cert.pem', 'key.pem']) await symlink(`..data/${file}`, join(folder, file))
      const certificate = await open({ ...own(folder), kind: 'operator' })
      const reloaded = listener.next('info')
      symlinkSync('..2026_2', join(folder, '..tmp'))
      renameSync(join(folder, '..tmp'), join(folder, '..data'))
      await reloaded
      expect(certificate.fingerprint).to.equal(fingerprintOf(second))
    })

    it('is seen by a look of its own where no watch sees it', async () => {
      const folder = newPath()
      const second = await newPair()
      await mkdir(join(folder, 'a'), { recursive: true })
      await mkdir(join(folder, 'b'))
      await write(join(folder, 'a'), await newPair())
      await write(join(folder, 'b'), second)
      await symlink('a', join(folder, 'tls'))
      const timing = { ...QUICK, everyMs: 5 }
      const certificate = await open({ ...own(join(folder, 'tls')), kind: 'operator' }, { timing })
      const reloaded = listener.next('info')
      rmSync(join(folder, 'tls'))
      symlinkSync('b', join(folder, 'tls'))
      await reloaded
      expect(certificate.fingerprint).to.equal(fingerprintOf(second))
    })

    it('is waited for while only one of its files is new', async () => {
      const source = await operators(await newPair())
      const certificate = await open(source, { timing: { ...QUICK, patienceMs: 5000, quietMs: 3_600_000 } })
      const second = await newPair()
      await writeFile(source.certFile, second.cert)
      const reloaded = certificate.reload()
      await writeFile(source.keyFile, second.key)
      expect(await reloaded).to.equal('reloaded')
      expect(certificate.fingerprint).to.equal(fingerprintOf(second))
      expect(listener.lines.filter(({ level }) => level === 'error')).to.deep.equal([])
    })

    it('is no longer waited for when the house closes', async () => {
      const source = await operators(await newPair())
      const certificate = await open(source, { timing: { ...QUICK, patienceMs: 60_000, againMs: 60_000 } })
      await writeFile(source.certFile, (await newPair()).cert)
      const reloaded = certificate.reload()
      await certificate.close()
      expect(await reloaded).to.equal('unchanged')
      expect(listener.lines).to.deep.equal([])
    })
  })

  it('gives session tickets a new key twice a day', async () => {
    let now = new Date()
    const { contexts } = await open(await operators(await newPair()), { now: () => now })
    const first = contexts.current()
    now = new Date(now.getTime() + 11 * 3_600_000)
    expect(contexts.current()).to.equal(first)
    now = new Date(now.getTime() + 3_600_000)
    expect(contexts.current()).to.not.equal(first)
  })

  describe('beside openssl', () => {
    needsOpenssl()

    it('has the fingerprint that openssl prints', async () => {
      const source = own(newPath())
      const { fingerprint } = await open(source)
      const printed = openssl(['x509', '-in', source.certFile, '-noout', '-fingerprint', '-sha256'])
      expect(printed.trim().replace(/^sha256 Fingerprint=/i, 'SHA256:')).to.equal(fingerprint)
    })

    it('is served with the chain behind it', async () => {
      const [leaf, authority] = [selfSigned('rsa:2048'), selfSigned()]
      const certificate = await open(await operators({ ...leaf, cert: leaf.cert + authority.cert }))
      const port = await serve(certificate.contexts)
      const client = spawn('openssl', ['s_client', '-connect', `127.0.0.1:${port}`, '-showcerts'])
      let output = ''
      client.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
      client.stdin.end()
      await once(client, 'close')
      expect(output.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----\n/g)).to.deep.equal([
        leaf.cert,
        authority.cert,
      ])
    })

    it('must come first in its file', async () => {
      const [leaf, authority] = [await newPair(), await newPair()]
      const error = await gatewayErrorOf(open(await operators({ ...leaf, cert: authority.cert + leaf.cert })))
      expect(error.message).to.match(
        /^tls\.cert: .* has the certificate of the key behind others; expected it first/,
      )
    })

    it('is refused at the start when its key is too weak for a handshake', async () => {
      const pem = openssl(['req', '-x509', '-nodes', '-newkey', 'rsa:512', '-subj', '/CN=x', '-keyout', '-'])
      const from = pem.indexOf('-----BEGIN CERTIFICATE')
      const error = await gatewayErrorOf(
        open(await operators({ key: pem.slice(0, from), cert: pem.slice(from) })),
      )
      expect(error.message).to.match(/^tls\.cert: .*cert\.pem cannot be used \(ee key too small\)/)
    })

    it('is refused at the start when its key was encrypted by openssl', async () => {
      const pair = await newPair()
      const encrypted = openssl(['pkcs8', '-topk8', '-passout', 'pass:x'], pair.key)
      const error = await gatewayErrorOf(open(await operators({ ...pair, key: encrypted })))
      expect(error.message).to.contain('key.pem is encrypted')
    })
  })
})
