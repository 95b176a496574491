import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { expect } from 'chai'
import { beginDelivery, createMaildir, MaildirError, nodeFiles, openMaildir } from '../src/index.js'
import type { DeliveryOutcome, FileLayer, Maildir, MaildirEntry } from '../src/index.js'
import { bytesOf, textOf } from './support/bytes.js'
import { failure, store, textIn } from './support/store.js'
import { tempFolder } from './support/temp-folder.js'
import { systemError, watchedFiles, type Operation } from './support/watched-files.js'

const CODES = ['ENOSPC', 'EIO', 'EMFILE', 'EROFS']
const MAIL = bytesOf('Subject: a\r\n\r\nhello\r\n')

describe('a fault at each file operation in turn', () => {
  const temp = tempFolder()

  const shapes: [string, number, number, boolean][] = [
    ['of a delivery into one Maildir', 1, 100, false],
    ['of a delivery into four Maildirs', 4, 100, false],
    ['of a large delivery into four Maildirs', 4, 8, false],
    ['of a delivery into three Maildirs by copies', 3, 8, true],
  ]
  for (const [shape, count, memoryOctets, copies] of shapes) {
    for (const code of CODES) {
      it(`${shape}: with ${code} no promise is broken`, async () => {
        let operations = Infinity
        for (let at = 0; at < operations; at += 1) {
          const targets = await Promise.all(Array.from({ length: count }, () => createMaildir(temp())))
          const run = await faulty(targets, { at, code, memoryOctets, copies })
          check(run)
          await recovers(targets)
          for (const { path } of targets) rmSync(path, { recursive: true })
          if (run.failed === undefined) operations = at
        }
        expect(operations).to.be.greaterThan(5)
      })
    }
  }

  it('between two links leaves the first link and reports the other targets alone', async () => {
    const targets = await Promise.all(Array.from({ length: 4 }, () => createMaildir(temp())))
    const files = watchedFiles(({ name, path }) => {
      if (name === 'link' && path.startsWith(`${targets[2]?.path}/`)) throw systemError('ENOSPC')
    })
    const delivery = await beginDelivery(targets, { files })
    await delivery.write(MAIL)
    const outcomes = await delivery.commit()
    expect(outcomes.map(({ stored }) => stored)).to.deep.equal([true, true, false, true])
    expect(await textOf(delivery.read())).to.equal(MAIL.toString())
    await delivery.abort()
  })

  it('of the sync of the file discards it and never syncs it again', async () => {
    const targets = [await createMaildir(temp()), await createMaildir(temp())]
    let syncs = 0
    const files = watchedFiles(({ name }) => {
      if (name === 'sync' && ++syncs === 1) throw systemError('EIO')
    })
    const delivery = await beginDelivery(targets, { files, memoryOctets: 4 })
    await delivery.write(MAIL)
    const outcomes = await delivery.commit()
    expect(outcomes.map((outcome) => !outcome.stored && outcome.cause.operation)).to.deep.equal([
      'sync',
      'sync',
    ])
    expect(syncs).to.equal(1)
    expect(await failure(textOf(delivery.read()))).to.include({ code: 'EIO', operation: 'sync' })
    await delivery.abort()
    for (const { path } of targets) expect(readdirSync(`${path}/tmp`)).to.deep.equal([])
  })

  it('of the sync of a folder reports that folder, and keeps the link', async () => {
    const targets = [await createMaildir(temp()), await createMaildir(temp())]
    const files = watchedFiles(({ name, path }) => {
      if (name === 'syncFolder' && path === `${targets[1]?.path}/new`) throw systemError('EIO')
    })
    const delivery = await beginDelivery(targets, { files })
    await delivery.write(MAIL)
    const outcomes = await delivery.commit()
    expect(outcomes.map(({ stored }) => stored)).to.deep.equal([true, false])
    for (const { path } of targets) expect(readdirSync(`${path}/new`)).to.have.length(1)
    await delivery.abort()
  })

  for (const [size, memoryOctets] of [
    ['small', 100],
    ['large', 4],
  ] as const) {
    it(`for want of a descriptor for the folder leaves no double: a ${size} message is stored with one free`, async () => {
      const targets = [await createMaildir(temp()), await createMaildir(temp())]
      const delivery = await beginDelivery(targets, { files: withDescriptors(1), memoryOctets })
      await delivery.write(MAIL)
      expect((await delivery.commit()).map(({ stored }) => stored)).to.deep.equal([true, true])
      await delivery.abort()
      for (const { path } of targets) {
        expect(readdirSync(`${path}/new`)).to.have.length(1)
        expect(readdirSync(`${path}/tmp`)).to.deep.equal([])
      }
    })

    it(`for want of a descriptor is told when there is none at the second time either: a ${size} message`, async () => {
      const target = await createMaildir(temp())
      let opened = 0
      const files = watchedFiles(({ name }) => {
        if (name !== 'syncFolder') return
        opened += 1
        throw systemError('ENFILE')
      })
      const delivery = await beginDelivery([target], { files, memoryOctets })
      await delivery.write(MAIL)
      const [outcome] = await delivery.commit()
      expect(outcome).to.have.nested.property('cause.code', 'ENFILE')
      expect(opened).to.equal(2)
      await delivery.abort()
    })
  }

  it('of a folder for want of a descriptor keeps a large message readable that another target did not take', async () => {
    const targets = [await createMaildir(temp()), await createMaildir(temp())]
    let busy = true
    const files = watchedFiles(({ name, path }) => {
      if (name === 'link' && path.startsWith(`${targets[1]?.path}/`)) throw systemError('ENOSPC')
      if (name !== 'syncFolder' || !busy) return
      busy = false
      throw systemError('EMFILE')
    })
    const delivery = await beginDelivery(targets, { files, memoryOctets: 4 })
    await delivery.write(MAIL)
    expect((await delivery.commit()).map(({ stored }) => stored)).to.deep.equal([true, false])
    expect(await textOf(delivery.read())).to.equal(MAIL.toString())
    await delivery.abort()
  })

  it('of a shared sync fails each delivery that waits for it, and no other', async () => {
    const maildir = await createMaildir(temp())
    let syncs = 0
    const files = watchedFiles(({ name }) => {
      if (name === 'syncFolder' && ++syncs === 2) throw systemError('EIO')
    })
    const watched = openMaildir(maildir.path, { files })
    const stored = await Promise.allSettled(Array.from({ length: 20 }, (_, at) => store(watched, String(at))))
    const failed = stored.filter(({ status }) => status === 'rejected')
    expect(failed.length).to.be.greaterThan(0).and.lessThan(20)
    expect(readdirSync(`${maildir.path}/new`)).to.have.length(20)
  })

  const acts: [string, (maildir: Maildir, entry: MaildirEntry, other: Maildir) => Promise<unknown>][] = [
    ['of a listing', (maildir) => maildir.list()],
    ['of opening and reading', (maildir, entry) => textIn(maildir, entry)],
    ['of finding', (maildir, entry) => maildir.find(entry.unique)],
    ['of flagging', (maildir, entry) => maildir.flag(entry, { add: 'S' })],
    ['of moving', (maildir, entry, other) => maildir.move(entry, other)],
    ['of sweeping', (maildir) => maildir.sweep()],
    ['of making a folder', (maildir) => maildir.createFolder('Sent')],
    ['of listing folders', (maildir) => maildir.folders()],
  ]
  for (const [act, work] of acts) {
    it(`${act} loses no message, and is a MaildirError with the cause`, async () => {
      let failures = 0
      for (let at = 0; ; at += 1) {
        const [maildir, other] = [await createMaildir(temp()), await createMaildir(temp())]
        const entry = await store(maildir, 'precious')
        let count = 0
        const cause = systemError('EIO')
        let failed: Operation | undefined
        const files = watchedFiles((operation) => {
          if (count++ !== at) return
          failed = operation
          throw cause
        })
        const error: unknown = await work(
          openMaildir(maildir.path, { files }),
          entry,
          openMaildir(other.path, { files }),
        ).then(
          () => undefined,
          (error: unknown) => error,
        )
        if (error !== undefined) {
          expect(error).to.be.instanceOf(MaildirError)
          expect(error).to.include({ code: 'EIO', cause })
          failures += 1
        }
        const left = [...(await maildir.list()), ...(await other.list())]
        expect(left.map(({ unique }) => unique)).to.include(entry.unique)
        if (!failed) break
      }
      expect(failures).to.be.greaterThan(0)
    })
  }

  it('of removing tells which messages may still be there', async () => {
    for (let at = 0; ; at += 1) {
      const maildir = await createMaildir(temp())
      const entries = [await store(maildir, 'one'), await store(maildir, 'two')]
      let count = 0
      let failed: Operation | undefined
      const files = watchedFiles((operation) => {
        if (count++ !== at) return
        failed = operation
        throw systemError('EIO')
      })
      const outcomes = await openMaildir(maildir.path, { files }).removeAll(entries)
      const left = new Set((await maildir.list()).map(({ unique }) => unique))
      for (const outcome of outcomes) {
        if (outcome.removed) expect(left.has(outcome.entry.unique)).to.equal(false)
        else expect(outcome.cause).to.include({ code: 'EIO' })
      }
      if (!failed) break
      expect(outcomes.some(({ removed }) => !removed)).to.equal(true)
    }
  })
})

/** A file layer with so many descriptors; a folder takes one while it is synced. */
function withDescriptors(free: number): FileLayer {
  function take(): void {
    if (free === 0) throw systemError('EMFILE')
    free -= 1
  }
  return {
    ...nodeFiles,
    async open(path, mode) {
      take()
      return nodeFiles.open(path, mode)
    },
    async close(file) {
      free += 1
      await nodeFiles.close(file)
    },
    async syncFolder(path) {
      take()
      await nodeFiles.syncFolder(path).finally(() => (free += 1))
    },
  }
}

interface Fault {
  readonly at: number
  readonly code: string
  readonly memoryOctets: number
  readonly copies: boolean
}

interface Run {
  readonly failed: Operation | undefined
  readonly outcomes: readonly DeliveryOutcome[]
  readonly done: readonly Operation[]
}

/** One delivery in which the operation with this number fails. */
async function faulty(targets: readonly Maildir[], { at, code, memoryOctets, copies }: Fault): Promise<Run> {
  const done: Operation[] = []
  let failed: Operation | undefined
  let count = 0
  const files = watchedFiles((operation) => {
    if (count++ === at) {
      failed = operation
      throw systemError(code)
    }
    if (copies && operation.name === 'link') throw systemError('EXDEV')
    done.push(operation)
  })
  const delivery = await beginDelivery(targets, { files, memoryOctets })
  const refused = await delivery.write(MAIL).then(
    () => undefined,
    (error: unknown) => error,
  )
  const outcomes = await delivery.commit()
  if (refused !== undefined) expect(outcomes.some(({ stored }) => stored)).to.equal(false)
  if (
    refused === undefined &&
    !(failed?.name === 'sync' || failed?.name === 'write' || failed?.name === 'read')
  ) {
    if (outcomes.some(({ stored }) => !stored))
      expect(await textOf(delivery.read())).to.equal(MAIL.toString())
  }
  await delivery.abort()
  return { failed, outcomes, done }
}

function check({ failed, outcomes, done }: Run): void {
  if (failed === undefined) expect(outcomes.every(({ stored }) => stored)).to.equal(true)
  for (const outcome of outcomes) {
    const { path } = outcome.maildir
    const visible = readdirSync(`${path}/new`)
    for (const name of visible) expect(readFileSync(`${path}/new/${name}`)).to.deep.equal(MAIL)
    if (outcome.stored) expect(existsSync(`${path}/new/${outcome.entry.name}`)).to.equal(true)
    else expect(outcome.cause).to.be.instanceOf(MaildirError).and.to.include({ code: outcome.cause.code })
    if (outcome.stored) expect(synced(done, path)).to.equal(true)
    if (failed?.name !== 'unlink') expect(readdirSync(`${path}/tmp`)).to.deep.equal([])
  }
  const closed = done.filter(({ name }) => name === 'close').length + (failed?.name === 'close' ? 1 : 0)
  expect(closed).to.equal(done.filter(({ name }) => name === 'open').length)
}

/** Whether a message's file was synced before it came into this Maildir, and the folder afterwards. */
function synced(done: readonly Operation[], path: string): boolean {
  const placed = done.findIndex(
    ({ name, path: to }) => ['link', 'rename'].includes(name) && to.startsWith(`${path}/new/`),
  )
  const file = done.findIndex(({ name }) => name === 'sync')
  const folder = done.findIndex(
    ({ name, path: at }, index) => index > placed && name === 'syncFolder' && at === `${path}/new`,
  )
  return file >= 0 && file < placed && folder > placed
}

/** The next delivery goes as if nothing had been. */
async function recovers(targets: readonly Maildir[]): Promise<void> {
  const delivery = await beginDelivery(targets)
  await delivery.write(MAIL)
  expect((await delivery.commit()).every(({ stored }) => stored)).to.equal(true)
}
