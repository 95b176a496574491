import { expect } from 'chai'
import { once } from 'node:events'
import { copyFile, mkdir, readdir, writeFile } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { pathsBelow } from '../../../src/config/paths.ts'
import { defaultSettings, type Settings } from '../../../src/config/schema.ts'
import { openGateway, type Gateway } from '../../../src/gateway/gateway.ts'
import { openHouse } from '../../../src/gateway/house.ts'
import { createMemoryHouse } from '../../../src/gateway/memory-house.ts'
import { failureOf, gatewayErrorOf } from '../../contract/support/failure-of.ts'
import { tempFolder } from '../../contract/support/temp-folder.ts'

type Port = Settings['smtp']['port']

function settings(smtp: Port, pop3: Port, listen: readonly string[] = ['127.0.0.1']): Settings {
  const defaults = defaultSettings()
  return {
    ...defaults,
    listen: [...listen],
    smtp: { ...defaults.smtp, port: smtp },
    pop3: { ...defaults.pop3, port: pop3 },
    ...OFF,
  }
}

const OFF = {
  submission: { port: 'off' },
  submissions: { port: 'off' },
  pop3s: { port: 'off' },
} as const

async function openBelow(root: string, wanted: Settings): Promise<Gateway> {
  return openGateway(wanted, await openHouse(pathsBelow(root), wanted))
}

/** What a connection is met with: the first octets, the code of the refusal, or nothing when it is closed at once. */
async function met(port: number, host = '127.0.0.1'): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, localAddress: '127.0.0.1' })
    socket.once('close', () => resolve(''))
    socket.once('data', (chunk: Buffer) => {
      socket.destroy()
      resolve(chunk.toString('latin1'))
    })
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''))
  })
}

describe('the gateway', () => {
  const newPath = tempFolder()
  let gateway: Gateway | undefined
  let blocker: Server | undefined

  afterEach(async () => {
    await gateway?.close(0)
    gateway = undefined
    await new Promise<void>((resolve) => {
      if (blocker === undefined) resolve()
      else blocker.close(() => resolve())
    })
    blocker = undefined
  })

  /** A port that another program has. */
  async function takenPort(): Promise<number> {
    const server = createServer()
    blocker = server
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    return address.port
  }

  /** A port that was free a moment ago. */
  async function freePort(): Promise<number> {
    const port = await takenPort()
    await new Promise((resolve) => blocker?.close(resolve))
    blocker = undefined
    return port
  }

  it('listens for SMTP and POP3, makes its data below the root, and lets go of everything', async () => {
    const root = newPath()
    gateway = await openBelow(root, settings(0, 0))
    const { listeners } = gateway
    expect(listeners.map(({ protocol }) => protocol)).to.deep.equal(['SMTP', 'POP3'])
    const [smtp = 0, pop3 = 0] = listeners.map(({ address }) => address.port)
    expect(await met(smtp)).to.match(/^220 glo2000\.ca /)
    expect(await met(pop3)).to.match(/^\+OK /)
    expect((await readdir(root)).toSorted()).to.deep.equal(['config', 'lost', 'maildir'])
    await gateway.close(0)
    expect(await met(smtp)).to.equal('ECONNREFUSED')
    expect(await met(pop3)).to.equal('ECONNREFUSED')
  })

  it('stands on a house in memory as well, which it closes', async () => {
    const wanted = settings(0, 0)
    const house = createMemoryHouse(wanted)
    let closings = 0
    const close = async (): Promise<void> => void (closings += 1)
    gateway = await openGateway(wanted, { ...house, close })
    const [smtp = 0, pop3 = 0] = gateway.listeners.map(({ address }) => address.port)
    expect(await met(smtp)).to.match(/^220 /)
    expect(await met(pop3)).to.match(/^\+OK /)
    await gateway.close(0)
    expect(closings).to.equal(1)
  })

  for (const addressLimits of [true, false])
    it(`${addressLimits ? 'bounds' : 'does not bound'} POP3 connections of one address as the setting says`, async () => {
      const wanted = { ...settings('off', 0), addressLimits }
      gateway = await openGateway(wanted, createMemoryHouse(wanted))
      const port = gateway.listeners[0]?.address.port ?? 0
      const sockets = Array.from({ length: 200 }, () => connect({ host: '127.0.0.1', port }))
      try {
        await Promise.all(sockets.map((socket) => once(socket, 'data')))
        expect(await met(port)).to.match(addressLimits ? /^-ERR \[SYS\/TEMP\]/ : /^\+OK /)
      } finally {
        for (const socket of sockets) socket.destroy()
      }
    })

  it('counts POP3 connections over all its ports and addresses together', async () => {
    const base = settings('off', 0, ['127.0.0.1', '127.0.0.2'])
    const pop3 = { ...base.pop3, connectionsPerAddress: 1 }
    gateway = await openBelow(newPath(), { ...base, pop3, pop3s: { port: 0 } })
    const [first, ...others] = gateway.listeners
    expect(others.map(({ protocol }) => protocol)).to.deep.equal(['POP3', 'POP3S', 'POP3S'])
    const socket = connect({ host: '127.0.0.1', port: first?.address.port ?? 0 })
    try {
      await once(socket, 'data')
      const answers = await Promise.all(others.map(({ address }) => met(address.port, address.host)))
      expect(answers).to.deep.equal(['-ERR [SYS/TEMP] too many connections, try again later\r\n', '', ''])
    } finally {
      socket.destroy()
    }
  })

  it('closes the house when it cannot listen', async () => {
    const wanted = settings(await takenPort(), 0)
    let closings = 0
    const close = async (): Promise<void> => void (closings += 1)
    expect(await failureOf(openGateway(wanted, { ...createMemoryHouse(wanted), close }))).to.equal(
      'listen.refused',
    )
    expect(closings).to.equal(1)
  })

  it('may be closed twice', async () => {
    const opened = await openBelow(newPath(), settings(0, 0))
    await opened.close(0)
    await opened.close(0)
  })

  it('leaves a protocol out that is off', async () => {
    gateway = await openBelow(newPath(), settings('off', 0))
    expect(gateway.listeners.map(({ protocol }) => protocol)).to.deep.equal(['POP3'])
  })

  it('listens for every protocol that is asked for, in one order', async () => {
    const root = newPath()
    gateway = await openBelow(root, {
      ...settings(0, 0),
      submission: { port: 0 },
      submissions: { port: 0 },
      pop3s: { port: 0 },
      lmtp: { port: 0, socket: 'config/run/lmtp' },
    })
    const shown = gateway.listeners.map(({ protocol, address }) => `${protocol} ${address.host}`)
    expect(shown).to.deep.equal([
      'SMTP 127.0.0.1',
      'SUBMISSION 127.0.0.1',
      'SUBMISSIONS 127.0.0.1',
      'LMTP 127.0.0.1',
      `LMTP ${root}/config/run/lmtp`,
      'POP3 127.0.0.1',
      'POP3S 127.0.0.1',
    ])
  })

  it('listens on every address', async () => {
    gateway = await openBelow(newPath(), settings(0, 0, ['127.0.0.1', '127.0.0.2']))
    expect(gateway.listeners.map(({ protocol, address }) => `${protocol} ${address.host}`)).to.deep.equal([
      'SMTP 127.0.0.1',
      'SMTP 127.0.0.2',
      'POP3 127.0.0.1',
      'POP3 127.0.0.2',
    ])
  })

  it('leaves nothing listening when a later listener cannot bind, and can be opened again at once', async () => {
    const root = newPath()
    const smtp = await freePort()
    const taken = await takenPort()
    const error = await gatewayErrorOf(openBelow(root, settings(smtp, taken)))
    expect(error.code).to.equal('listen.refused')
    expect(error.message).to.contain(`POP3 cannot listen on 127.0.0.1:${taken}: `)
    expect(await met(smtp)).to.equal('ECONNREFUSED')
    gateway = await openBelow(root, settings(smtp, 0))
    expect(await met(smtp)).to.match(/^220 /)
  })

  for (const blocked of ['config', 'maildir', 'lost', 'config/trail']) {
    it(`opens nothing when ${blocked} cannot be made`, async () => {
      const root = newPath()
      const smtp = await freePort()
      await mkdir(join(root, blocked, '..'), { recursive: true })
      await writeFile(join(root, blocked), '')
      expect(await failureOf(openBelow(root, settings(smtp, 0)))).to.equal('store.cannot-create')
      expect(await met(smtp)).to.equal('ECONNREFUSED')
    })
  }

  it('stops at a certificate that cannot be used, and reads it again when told to', async () => {
    const root = newPath()
    const wanted = settings(0, 0)
    const broken = { ...wanted, tls: { cert: 'cert.pem', key: 'cert.pem' } }
    const error = await gatewayErrorOf(openBelow(root, broken))
    expect(error.message).to.equal(
      `tls.cert: ${join(root, 'cert.pem')} is missing; expected a certificate in PEM`,
    )
    gateway = await openBelow(root, wanted)
    const { certificate, reload } = gateway
    const made = certificate?.fingerprint
    expect(certificate?.selfSigned).to.equal(true)
    const other = newPath()
    await (await openBelow(other, wanted)).close(0)
    for (const file of ['key.pem', 'cert.pem'])
      await copyFile(join(other, 'config/tls', file), join(root, 'config/tls', file))
    await reload()
    expect(certificate?.fingerprint)
      .to.match(/^SHA256:(?:[0-9A-F]{2}:){31}[0-9A-F]{2}$/)
      .and.not.equal(made)
  })

  it('says that the directory is damaged instead of starting without accounts', async () => {
    const root = newPath()
    await mkdir(join(root, 'config'), { recursive: true })
    await writeFile(join(root, 'config/directory.sqlite'), 'no database at all'.repeat(100))
    expect(await failureOf(openBelow(root, settings(0, 0)))).to.equal('store.damaged')
  })
})
