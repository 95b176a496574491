/** Disks that are full or read-only, and no file to be opened any more: nothing is lost, and it passes by itself. */

import { expect } from 'chai'
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

import { letter } from '../e2e/support/letters.ts'
import { type Relais, messagesIn, newRoot, startRelais } from '../e2e/support/relais.ts'
import { requirePrograms, run } from '../e2e/support/run.ts'
import { type Wire, openWire, retrieveAll, sendData, sendMessage, signIn } from '../e2e/support/wire.ts'
import { type SmallDisk, mountSmallDisk } from './support/small-disk.ts'

const ALICE = 'alice@glo2000.ca'
const BOB = 'bob@glo2000.ca'

describe('a disk that is full to the brim', () => {
  const root = newRoot()
  const kept: Buffer[] = []
  let disk: SmallDisk | undefined
  let relais: Relais

  before(async function () {
    disk = await mountSmallDisk(this, root, 8)
    relais = await startRelais({ root, env: { RELAIS_DISK_RESERVE_OCTETS: '0' } })
    await relais.addAccounts('alice', 'bob')
  })

  after(async () => {
    await relais?.kill()
    await disk?.unmount()
    rmSync(root, { recursive: true, force: true })
  })

  const send = async (bytes: Buffer, to = [ALICE, BOB]): Promise<string> =>
    (await sendMessage(relais.smtpPort, { to, bytes })).data

  function expectKept(): void {
    for (const name of ['alice', 'bob']) expectMessages(join(root, 'maildir', name), kept)
  }

  for (const octets of [200_000, 5000, 100])
    it(`refuses messages of ${octets} octets with 452 4.3.1, and has what it has answered 250`, async () => {
      for (let number = 1; ; number++) {
        const bytes = sized(`${octets}-${number}`, octets)
        // The small ones would fill it for long.
        if (number === 3 && octets < 200_000) disk?.fill()
        const reply = await send(bytes)
        if (!reply.startsWith('250 ')) {
          expect(reply).to.match(/^452 4\.3\.1 /)
          break
        }
        kept.push(bytes)
      }
      expectKept()
    })

  it('refuses mail for nobody and for the postmaster as well', async () => {
    for (const to of ['nobody@glo2000.ca', 'postmaster@glo2000.ca'])
      expect(await send(letter(to), [to])).to.match(/^452 4\.3\.1 /)
    expectMessages(join(root, 'lost'), [])
  })

  it('lets mail be read and removed, and takes the room that this makes', async () => {
    for (const name of ['alice', 'bob']) {
      expect(await retrieveAll(relais.pop3Port, name)).to.have.length(kept.length)
      const session = await signIn(relais.pop3Port, name)
      expect(await session.pop3('DELE 1')).to.match(/^\+OK/)
      expect(await session.pop3('QUIT')).to.match(/^\+OK/)
      session.hangUp()
    }
    kept.shift()
    const bytes = sized('again', 100_000)
    expect(await send(bytes)).to.match(/^250 /)
    kept.push(bytes)
    expectKept()
  })

  it('takes mail again as soon as there is room', async () => {
    disk?.fill()
    expect(await send(letter('refused'))).to.match(/^452 4\.3\.1 /)
    disk?.drain()
    const bytes = sized('room', 50_000)
    expect(await send(bytes)).to.match(/^250 /)
    kept.push(bytes)
    expectKept()
    expect(relais.stderr()).not.to.contain('a bug')
  })

  it('starts on a disk without any room, and lets mail be read', async () => {
    disk?.fill()
    await relais.kill()
    relais = await startRelais({ root, env: { RELAIS_DISK_RESERVE_OCTETS: '0' } })
    expect(await retrieveAll(relais.pop3Port)).to.have.length(kept.length)
    expect(await send(letter('refused'))).to.match(/^4/)
    expectKept()
  })
})

describe('a disk that is down to its reserve', () => {
  const root = newRoot()
  let disk: SmallDisk | undefined
  let relais: Relais

  before(async function () {
    disk = await mountSmallDisk(this, root, 16)
    relais = await startRelais({ root, env: { RELAIS_ADDRESS_LIMITS: 'off' } })
    await relais.addAccounts('alice')
  })

  after(async () => {
    await relais?.kill()
    await disk?.unmount()
    rmSync(root, { recursive: true, force: true })
  })

  it('has MAIL answered 452 4.3.1, and 250 when there is room again', async () => {
    const wire = await openWire(relais.smtpPort)
    await wire.line()
    await wire.smtp('EHLO mail.example.org')
    /** The disk is looked at once a second. */
    const mailUntil = async (pattern: RegExp): Promise<void> => {
      while (!pattern.test(await wire.smtp('MAIL FROM:<bob@example.org>'))) await wire.smtp('RSET')
    }
    await mailUntil(/^250 /)
    await wire.smtp('RSET')
    disk?.fill()
    await mailUntil(/^452 4\.3\.1 /)
    disk?.drain()
    await mailUntil(/^250 /)
    expect(await wire.smtp(`RCPT TO:<${ALICE}>`)).to.match(/^250 /)
    expect(await sendData(wire, letter('room'))).to.match(/^250 /)
    wire.hangUp()
  })
})

describe('a disk that turns read-only', () => {
  const root = newRoot()
  const disks: SmallDisk[] = []
  const kept: Buffer[] = []
  let relais: Relais

  before(async function () {
    for (const folder of ['maildir', 'lost']) {
      mkdirSync(join(root, folder))
      disks.push(await mountSmallDisk(this, join(root, folder), 8))
    }
    relais = await startRelais({ root })
    await relais.addAccounts('alice')
    for (const subject of ['one', 'two']) await accept(letter(subject))
  })

  after(async () => {
    await relais?.kill()
    for (const disk of disks) await disk.unmount()
    rmSync(root, { recursive: true, force: true })
  })

  const send = async (bytes: Buffer): Promise<string> =>
    (await sendMessage(relais.smtpPort, { to: [ALICE], bytes })).data

  async function accept(bytes: Buffer): Promise<void> {
    expect(await send(bytes)).to.match(/^250 /)
    kept.push(bytes)
  }

  it('has mail put off, and what is there can be read', async () => {
    for (const disk of disks) await disk.remount('ro')
    for (const bytes of [letter('small'), sized('large', 200_000)])
      expect(await send(bytes)).to.match(/^45[12] 4\.3\.[01] /)
    expectMessages(join(root, 'maildir/alice'), kept)
    expectMessages(join(root, 'lost'), [])
    expect(await retrieveAll(relais.pop3Port)).to.have.length(kept.length)
  })

  it('has POP3 say that a message could not be removed', async () => {
    const session = await signIn(relais.pop3Port)
    expect(await session.pop3('DELE 1')).to.match(/^\+OK/)
    expect(await session.pop3('QUIT')).to.match(/^-ERR/)
    session.hangUp()
    expect(await retrieveAll(relais.pop3Port)).to.have.length(kept.length)
  })

  it('has the postmaster keep what the mailbox alone cannot take', async () => {
    await disks[1]?.remount('rw')
    const bytes = letter('rescued')
    expect(await send(bytes)).to.match(/^250-2\.0\.0 [^]*the mailbox alice@glo2000\.ca is out of order/)
    expectMessages(join(root, 'lost'), [bytes])
    expectMessages(join(root, 'maildir/alice'), kept)
  })

  it('is used again as soon as it can be written', async () => {
    await disks[0]?.remount('rw')
    await accept(letter('again'))
    expectMessages(join(root, 'maildir/alice'), kept)
    expect(relais.stderr()).not.to.contain('a bug')
  })
})

describe('too many open files', () => {
  let relais: Relais
  const wires: Wire[] = []

  before(async function () {
    requirePrograms(this, 'prlimit')
    relais = await startRelais()
    await relais.addAccounts('alice')
    const { status } = await run('prlimit', ['--pid', `${relais.pid}`, '--nofile=64:64'])
    expect(status).to.equal(0)
  })

  after(() => relais?.close())

  it('have mail put off until some are closed, and nothing is half there', async () => {
    for (;;) {
      const wire = await openWire(relais.smtpPort)
      if (!(await wire.line().catch(() => 'refused')).startsWith('220 ')) break
      await wire.smtp('EHLO mail.example.org')
      wires.push(wire)
    }
    const [first, ...others] = wires
    if (first === undefined) throw new Error('no connection was taken')
    const answered: Buffer[] = []
    const rescued: Buffer[] = []
    const put: Buffer[] = []
    /** One connection less each time: every number of files that a delivery may open is tried. */
    for (let number = 1; ; number++) {
      const bytes = letter(`number ${number}`)
      await first.smtp('MAIL FROM:<bob@example.org>')
      const rcpt = await first.smtp(`RCPT TO:<${ALICE}>`)
      const reply = rcpt.startsWith('250 ') ? await sendData(first, bytes) : rcpt
      if (number === 1) expect(reply).to.match(/^45[12] 4\.3\.[01] /)
      if (reply.startsWith('250 ')) answered.push(bytes)
      else if (/^250-.*\n250 .*out of order/.test(reply)) rescued.push(bytes)
      else expect(reply).to.match(/^45[12] 4\.3\.[01] /)
      put.push(bytes)
      await first.smtp('RSET')
      if (answered.length === 10) break
      others.pop()?.hangUp()
    }
    // What was put off may be visible, when only the sync of its folder failed; but whole, and once.
    expectAmong(join(relais.root, 'maildir/alice'), answered, put)
    expectAmong(join(relais.root, 'lost'), rescued, put)
    expect(relais.stderr()).not.to.contain('a bug')
  })

  it('are forgotten afterwards', async () => {
    for (const wire of wires) wire.hangUp()
    const bytes = letter('after')
    expect((await sendMessage(relais.smtpPort, { to: [ALICE], bytes })).data).to.match(/^250 /)
    expect((await retrieveAll(relais.pop3Port)).at(-1)?.toString()).to.contain(bytes.toString())
  })
})

/** A letter of about so many octets. */
function sized(subject: string, octets: number): Buffer {
  return Buffer.concat([letter(subject), Buffer.from(`${'x'.repeat(76)}\r\n`.repeat(octets / 78))])
}

function isCopy(octets: Buffer, bytes: Buffer): boolean {
  return octets.subarray(-bytes.length).equals(bytes)
}

/** Fails unless a Maildir holds just these messages, once, and nothing half-written. */
function expectMessages(maildir: string, messages: readonly Buffer[]): void {
  const found = messagesIn(maildir)
  expect(found, maildir).to.have.length(messages.length)
  for (const bytes of messages)
    expect(found.filter((octets) => isCopy(octets, bytes)).length, bytes.toString('latin1', 0, 100)).to.equal(
      1,
    )
  expect(readdirSync(join(maildir, 'tmp'))).to.deep.equal([])
}

/** Fails unless a Maildir holds all that it must, nothing but whole messages that it may hold, and none twice. */
function expectAmong(maildir: string, must: readonly Buffer[], may: readonly Buffer[]): void {
  const found = messagesIn(maildir)
  const copies = (bytes: Buffer): number => found.filter((octets) => isCopy(octets, bytes)).length
  expect(must.map(copies), maildir).to.deep.equal(must.map(() => 1))
  expect(
    may.map(copies).filter((count) => count > 1),
    maildir,
  ).to.deep.equal([])
  expect(found.filter((octets) => !may.some((bytes) => isCopy(octets, bytes)))).to.deep.equal([])
  expect(readdirSync(join(maildir, 'tmp'))).to.deep.equal([])
}
