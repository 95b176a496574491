/** Signing in to POP3 under TLS, with channel binding, and what is refused in clear. */

import { expect } from 'chai'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect as connectTls } from 'node:tls'

import { tlsExporter } from '../../src/base/tls.ts'
import { PASSWORD, type Relais, startRelais } from './support/relais.ts'
import { requirePrograms, run } from './support/run.ts'
import { scram } from './support/scram.ts'
import { type SecureWire, type Wire, openWire, secureWire } from './support/wire.ts'

const PLUS = ['SCRAM-SHA3-512-PLUS', 'SCRAM-SHA3-512']
const plain = Buffer.from(`\0alice\0${PASSWORD}`).toString('base64')

describe('POP3 where no password may be sent in clear', () => {
  let relais: Relais
  let certificate: Buffer
  let wires: Wire[] = []

  before(async () => {
    relais = await startRelais({
      env: {
        RELAIS_AUTH_CLEAR_FROM: 'none',
        RELAIS_LOCKOUT_SECONDS: '0',
        RELAIS_ADDRESS_LIMITS: 'off',
      },
    })
    await relais.addAccounts('alice')
    certificate = readFileSync(relais.certificate)
  })

  afterEach(() => {
    for (const wire of wires) wire.hangUp()
    wires = []
  })

  after(() => relais?.close())

  const keep = <Kind extends Wire>(wire: Kind): Kind => (wires.push(wire), wire)

  /** Behind the greeting. */
  async function inClear(): Promise<Wire> {
    const wire = keep(await openWire(relais.pop3Port))
    await wire.line()
    return wire
  }

  async function overTls(): Promise<SecureWire> {
    const wire = keep(await secureWire(await openWire(relais.pop3sPort), certificate))
    expect(await wire.line()).to.match(/^\+OK/)
    return wire
  }

  async function withStls(): Promise<SecureWire> {
    const clear = await inClear()
    expect(await clear.pop3('STLS')).to.match(/^\+OK/)
    return keep(await secureWire(clear, certificate))
  }

  async function capabilities(wire: Wire): Promise<readonly string[]> {
    expect(await wire.pop3('CAPA')).to.match(/^\+OK/)
    return (await wire.multiline()).toString().split('\r\n')
  }

  it('announces STLS and no way to send one, and refuses each before it is sent', async () => {
    const wire = await inClear()
    const announced = await capabilities(wire)
    expect(announced).to.include('STLS').and.include('SASL SCRAM-SHA3-512').and.not.include('USER')
    for (const command of ['USER alice', 'AUTH PLAIN', `AUTH PLAIN ${plain}`])
      expect(await wire.pop3(command)).to.match(/^-ERR /)
    expect(await scram(wire)).to.match(/^\+OK /)
  })

  it('announces both under TLS, however it began', async () => {
    for (const wire of [await withStls(), await overTls()]) {
      const announced = await capabilities(wire)
      expect(announced)
        .to.include(`SASL ${PLUS.join(' ')} PLAIN`)
        .and.include('USER')
      expect(announced).not.to.include('STLS')
      expect(await wire.pop3('STLS')).to.match(/^-ERR /)
      expect(await wire.pop3(`AUTH PLAIN ${plain}`)).to.match(/^\+OK /)
      expect(await wire.pop3('QUIT')).to.match(/^\+OK/)
      await wire.closed()
    }
  })

  it('carries nothing out that was put behind STLS in clear', async () => {
    const wire = await inClear()
    wire.send(`STLS\r\nAUTH PLAIN ${plain}\r\nSTAT\r\n`)
    const answer = await wire.line()
    if (answer.startsWith('+OK')) {
      const secure = keep(await secureWire(wire, certificate))
      expect(await secure.pop3('STAT')).to.match(/^-ERR/)
    } else await wire.closed()
  })

  it('forgets a name that was said in clear', async () => {
    const wire = await withStls()
    expect(await wire.pop3(`PASS ${PASSWORD}`)).to.match(/^-ERR/)
  })

  describe('by SCRAM-SHA3-512-PLUS over TLS 1.3', () => {
    for (const [how, open] of [
      ['STLS', withStls],
      ['TLS from the start', overTls],
    ] as const)
      it(`lets in who is bound to this connection, with ${how}`, async () => {
        const wire = await open()
        expect(wire.socket.getProtocol()).to.equal('TLSv1.3')
        const reply = await scram(wire, { offered: PLUS, tlsExporter: tlsExporter(wire.socket) })
        expect(reply).to.match(/^\+OK /)
        expect(await wire.pop3('STAT')).to.equal('+OK 0 0')
        expect(await wire.pop3('QUIT')).to.match(/^\+OK/)
        await wire.closed()
      })

    it('refuses who is bound to another connection: somebody between the two', async () => {
      const [wire, other] = [await overTls(), await overTls()]
      const reply = await scram(wire, { offered: PLUS, tlsExporter: tlsExporter(other.socket) })
      expect(reply).to.match(/^-ERR /)
      expect(await wire.pop3('STAT')).to.match(/^-ERR /)
    })

    it('refuses who could bind but was told that it is not offered: a downgrade', async () => {
      const wire = await overTls()
      const reply = await scram(wire, {
        offered: ['SCRAM-SHA3-512'],
        tlsExporter: tlsExporter(wire.socket),
      })
      expect(reply).to.match(/^-ERR /)
      expect(await wire.pop3('STAT')).to.match(/^-ERR /)
    })

    it('refuses a wrong password, though it is bound', async () => {
      const wire = await overTls()
      const terms = { offered: PLUS, tlsExporter: tlsExporter(wire.socket), password: `${PASSWORD}x` }
      expect(await scram(wire, terms)).to.match(/^-ERR \[AUTH\] /)
    })

    it('lets in who cannot bind, by SCRAM-SHA3-512', async () => {
      expect(await scram(await overTls())).to.match(/^\+OK /)
    })
  })

  it('offers no -PLUS under TLS 1.2, where nothing can be bound', async () => {
    const socket = connectTls({
      port: relais.pop3sPort,
      host: '127.0.0.1',
      ca: certificate,
      servername: 'localhost',
      maxVersion: 'TLSv1.2',
    })
    let said = ''
    socket.setEncoding('latin1').on('data', (text: string) => (said += text))
    await once(socket, 'secureConnect')
    expect(socket.getProtocol()).to.equal('TLSv1.2')
    socket.write(`CAPA\r\nAUTH SCRAM-SHA3-512-PLUS cD10bHMtZXhwb3J0ZXIsLG49YWxpY2Uscj14\r\nQUIT\r\n`)
    await once(socket, 'close')
    expect(said)
      .to.match(/^SASL SCRAM-SHA3-512 PLAIN\r$/m)
      .and.match(/^-ERR /m)
    expect(said).not.to.match(/^\+ /m)
  })

  it('has TLS of 1.2 at least', async function () {
    requirePrograms(this, 'openssl')
    const server = ['s_client', '-connect', `127.0.0.1:${relais.pop3sPort}`, '-CAfile', relais.certificate]
    const strict = ['-verify_return_error', '-verify_hostname', 'localhost', '-cipher', 'ALL@SECLEVEL=0']
    const old = await run('openssl', [...server, ...strict, '-tls1_1'])
    expect(old.status, old.stderr).to.equal(1)
    for (const version of ['-tls1_2', '-tls1_3']) {
      const { status, stderr } = await run('openssl', [...server, ...strict, version], { stdin: 'QUIT\r\n' })
      expect(status, stderr).to.equal(0)
    }
  })

  it('has curl give up in clear, and sends nothing of the password', async function () {
    requirePrograms(this, 'curl')
    const url = `pop3://127.0.0.1:${relais.pop3Port}/`
    for (const how of [[], ['--login-options', 'AUTH=PLAIN']]) {
      const { status, stdout, stderr } = await run('curl', ['-v', url, '-u', `alice:${PASSWORD}`, ...how])
      expect(status, stderr).to.equal(67)
      expect(`${stdout.toString()}${stderr}`).not.to.include(plain).and.not.include('PASS ')
    }
  })
})
