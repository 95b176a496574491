import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { connect as connectSocket, createServer, type Socket } from 'node:net'
import { expect } from 'chai'
import { createSilentPeers, endpoint, parseRow, type Watched } from '../../../src/pop3/silent-peers.ts'

const ROW = {
  arrived:
    '   3: 0100007F:083E 0200007F:DE9A 01 00000000:00000000 02:000006C0 00000000     0        0 1 2 0 20',
  onTheWay:
    '   3: 0100007F:083E 0200007F:DE9A 01 00001388:00000000 01:00000010 00000000     0        0 1 2 0 20',
  repeated:
    '   3: 0100007F:083E 0200007F:DE9A 01 00001388:00000000 01:0000041F 00000006     0        0 1 2 0 20',
  windowFull:
    '   3: 0100007F:083E 0200007F:DE9A 01 00001388:00000000 04:0000041F 00000000     0        1 1 2 0 20',
  windowSilent:
    '   3: 0100007F:083E 0200007F:DE9A 01 00001388:00000000 04:0000041F 00000000     0        4 1 2 0 20',
} as const

/** A connection from 127.0.0.2:56986 to port 2110. */
function peer(): { socket: Watched & { bytesRead: number }; ended: () => boolean } {
  let ended = false
  const socket = {
    bytesRead: 0,
    localPort: 2110,
    remoteAddress: '127.0.0.2',
    remotePort: 56_986,
    destroy() {
      ended = true
    },
  }
  return { socket, ended: () => ended }
}

/** Looks at a peer while the kernel tells what stands in `rows`, one row a look; how often the kernel was asked. */
async function looks(rows: readonly string[], heardAt: readonly number[] = []) {
  const { socket, ended } = peer()
  let asked = 0
  let row = ''
  const peers = createSilentPeers(async function* () {
    asked += 1
    const table = `  sl  local_address rem_address\n${row}\n`
    yield table.slice(0, 50)
    yield table.slice(50)
  })
  peers.watch(socket)
  const endedAt: number[] = []
  for (const [index, next] of rows.entries()) {
    row = next
    if (heardAt.includes(index)) socket.bytesRead += 1
    await peers.look()
    if (ended()) endedAt.push(index)
  }
  return { asked, endedAt: endedAt[0] }
}

describe('silent peers', () => {
  it('are ended at the fourth look that finds octets repeated', async () => {
    expect(await looks(Array<string>(6).fill(ROW.repeated))).to.deep.include({ endedAt: 3 })
  })

  it('are ended when they answer no probe of their full window', async () => {
    expect(await looks(Array<string>(6).fill(ROW.windowSilent))).to.deep.include({ endedAt: 3 })
  })

  it('are not those that read slowly, or not at all, and answer', async () => {
    expect(await looks(Array<string>(50).fill(ROW.windowFull))).to.deep.include({ endedAt: undefined })
    expect(await looks(Array<string>(50).fill(ROW.onTheWay))).to.deep.include({ endedAt: undefined })
  })

  it('are not those that come back in time', async () => {
    const tunnel = [...Array<string>(3).fill(ROW.repeated), ROW.onTheWay]
    expect(await looks([...tunnel, ...tunnel, ...tunnel])).to.deep.include({ endedAt: undefined })
    expect(await looks(Array<string>(12).fill(ROW.repeated), [3, 6, 9])).to.deep.include({
      endedAt: undefined,
    })
  })

  it('cost nothing once all has arrived, until they say something again', async () => {
    expect(await looks(Array<string>(20).fill(ROW.arrived))).to.deep.include({ asked: 2 })
    expect(await looks(Array<string>(20).fill(ROW.arrived), [10])).to.deep.include({ asked: 4 })
  })

  it('are not asked for while everybody talks', async () => {
    const rows = Array<string>(20).fill(ROW.repeated)
    expect(await looks(rows, [...rows.keys()])).to.deep.equal({ asked: 0, endedAt: undefined })
  })

  it('that have gone meanwhile are looked at no more', async () => {
    const { socket, ended } = peer()
    const peers = createSilentPeers(async function* () {
      yield `${ROW.repeated}\n`
    })
    peers.watch(socket)
    for (let look = 0; look < 3; look += 1) await peers.look()
    peers.forget(socket)
    await peers.look()
    await peers.look()
    expect(ended()).to.equal(false)
  })

  it('are named as the kernel names them, over IPv4 and IPv6', () => {
    const named = (row: string): string | undefined => parseRow(row)?.endpoint
    const { socket } = peer()
    expect(named(ROW.arrived)).to.equal(endpoint(socket))
    const mapped =
      '   1: 0000000000000000FFFF00000100007F:083E 0000000000000000FFFF00000200007F:DE9A 01 00000000:00000000 00:00000000 00000000 0 0 1'
    expect(named(mapped)).to.equal(endpoint(socket))
    expect(named(mapped)).to.equal(endpoint({ ...socket, remoteAddress: '::ffff:127.0.0.2' }))
    const six =
      '   1: B80D01200000000000000000010000F0:083E B80D0120000000000000000034120000:DE9A 01 00000000:00000000 00:00000000 00000000 0 0 1'
    expect(named(six)).to.equal(endpoint({ ...socket, remoteAddress: '2001:db8::1234' }))
    expect(named('   0: 0100007F:083E 00000000:0000 0A 00000000:00000000')).to.equal(undefined)
    expect(named('  sl  local_address rem_address   st tx_queue')).to.equal(undefined)
    expect(named('')).to.equal(undefined)
  })

  for (const [host, file] of [
    ['127.0.0.1', '/proc/self/net/tcp'],
    ['::1', '/proc/self/net/tcp6'],
  ] as const)
    it(`are found in the kernel's own table: ${host}`, async function () {
      if (!existsSync(file)) {
        console.log(`      skipped: no ${file}`)
        this.skip()
      }
      const server = createServer()
      const ready = await new Promise<boolean>((resolve) => {
        server.once('error', () => resolve(false))
        server.listen(0, host, () => resolve(true))
      })
      if (!ready) {
        console.log(`      skipped: no ${host}`)
        this.skip()
      }
      const address = server.address()
      if (address === null || typeof address === 'string') throw new Error('no port')
      const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve))
      const client = connectSocket({ host, port: address.port })
      const socket = await accepted
      const states = (await readFile(file, 'latin1')).split('\n').map(parseRow)
      const found = states.find((state) => state?.endpoint === endpoint(socket))
      client.destroy()
      socket.destroy()
      server.close()
      expect(found?.transmission).to.equal('arrived')
    })
})
