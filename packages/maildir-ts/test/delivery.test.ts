import { readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import {
  beginDelivery,
  createMaildir,
  deliver,
  openMaildir,
  type FileLayer,
  type Maildir,
} from '../src/index.js'
import { bytesOf, textOf } from './support/bytes.js'
import { failure } from './support/store.js'
import { tempFolder } from './support/temp-folder.js'
import { systemError, watchedFiles } from './support/watched-files.js'

const MAIL = bytesOf('Subject: a\r\n\r\nhello\r\n')

describe('delivery', () => {
  const temp = tempFolder()

  it('stores the octets that were written, in every target under one name', async () => {
    const targets = [await createMaildir(temp()), await createMaildir(temp())]
    const outcomes = await deliver(targets, MAIL)
    expect(outcomes.map(({ stored }) => stored)).to.deep.equal([true, true])
    const [first = [], second] = targets.map(({ path }) => readdirSync(`${path}/new`))
    expect(first).to.have.length(1).and.to.deep.equal(second)
    for (const target of targets) expect(readFileSync(`${target.path}/new/${first[0]}`)).to.deep.equal(MAIL)
  })

  it('shows nothing outside tmp before the commit', async () => {
    const maildir = await createMaildir(temp())
    const delivery = await beginDelivery([maildir], { memoryOctets: 4 })
    await delivery.write(MAIL)
    expect(readdirSync(`${maildir.path}/tmp`)).to.deep.equal([delivery.unique])
    expect(readdirSync(`${maildir.path}/new`)).to.deep.equal([])
    await delivery.commit()
    expect(readdirSync(`${maildir.path}/tmp`)).to.deep.equal([])
    expect(readdirSync(`${maildir.path}/new`)).to.have.length(1)
  })

  it('names the file after the unique part it told at the start, and both sizes', async () => {
    const maildir = await createMaildir(temp())
    const delivery = await beginDelivery([maildir])
    await delivery.write(bytesOf('a\nb\r\nc\rd'))
    await delivery.commit()
    expect(readdirSync(`${maildir.path}/new`)).to.deep.equal([`${delivery.unique},S=8,W=9`])
  })

  it('counts a line end that is cut between two chunks once', async () => {
    const [outcome] = await deliver([await createMaildir(temp())], chunks('a\r', '\nb', '\n', '\r', '', '\n'))
    expect(outcome).to.have.nested.include({ stored: true, 'entry.fileOctets': 7, 'entry.octets': 8 })
  })

  for (const memoryOctets of [0, 100]) {
    it(`leaves out a target that does not admit it, with ${memoryOctets} octets of memory`, async () => {
      const [full, other] = [await createMaildir(temp()), await createMaildir(temp())]
      const admit = async ({ path }: Maildir, { octets }: { octets: number }) =>
        path !== full.path || octets < MAIL.byteLength
      const outcomes = await deliver([full, other], MAIL, { admit, memoryOctets })
      expect(outcomes.map(({ stored }) => stored)).to.deep.equal([false, true])
      expect(outcomes[0]).to.have.nested.include({ 'cause.code': 'EDQUOT', 'cause.path': full.path })
      expect(['new', 'tmp'].flatMap((folder) => readdirSync(`${full.path}/${folder}`))).to.deep.equal([])
      expect(readdirSync(`${other.path}/new`)).to.have.length(1)
    })

    it(`keeps the octets readable when no target admits it, with ${memoryOctets} octets of memory`, async () => {
      const maildir = await createMaildir(temp())
      const delivery = await beginDelivery([maildir], { admit: async () => false, memoryOctets })
      await delivery.write(MAIL)
      expect((await delivery.commit()).map(({ stored }) => stored)).to.deep.equal([false])
      expect(await textOf(delivery.read())).to.equal(MAIL.toString())
      await delivery.abort()
      expect(['new', 'tmp'].flatMap((folder) => readdirSync(`${maildir.path}/${folder}`))).to.deep.equal([])
    })
  }

  it('takes what admit throws for the failure of that target', async () => {
    const admit = async () => Promise.reject(new Error('no answer'))
    const [outcome] = await deliver([await createMaildir(temp())], MAIL, { admit })
    expect(outcome).to.have.nested.include({ stored: false, 'cause.code': 'EUNKNOWN' })
  })

  it('keeps a chunk as it was when write was called', async () => {
    const maildir = await createMaildir(temp())
    const delivery = await beginDelivery([maildir])
    const chunk = bytesOf('first')
    await delivery.write(chunk)
    chunk.fill('x')
    await delivery.commit()
    expect(await textOf(delivery.read())).to.equal('first')
  })

  it('keeps the order of writes that are not awaited', async () => {
    const maildir = await createMaildir(temp())
    const delivery = await beginDelivery([maildir], { memoryOctets: 3 })
    const writes = ['ab', 'cd', 'ef', 'g'].map((text) => delivery.write(bytesOf(text)))
    await Promise.all([...writes, delivery.commit()])
    const [entry] = await maildir.list()
    expect(readFileSync(`${maildir.path}/new/${entry?.name}`, 'latin1')).to.equal('abcdefg')
  })

  for (const memoryOctets of [0, 8, 100]) {
    it(`gives back what was written, with ${memoryOctets} octets of memory`, async () => {
      const maildir = await createMaildir(temp())
      const missing = openMaildir(temp())
      const delivery = await beginDelivery([missing, maildir], { memoryOctets })
      await delivery.write(bytesOf('hello '))
      await delivery.write(bytesOf('world'))
      expect(await textOf(delivery.read())).to.equal('hello world')
      const [first, second] = await delivery.commit()
      expect(first).to.have.nested.include({ stored: false, 'cause.code': 'ENOENT' })
      expect(second?.stored).to.equal(true)
      expect(await textOf(delivery.read())).to.equal('hello world')
      await delivery.abort()
      await rejects(textOf(delivery.read()), 'EINVAL')
    })

    it(`leaves no trace after an abort, with ${memoryOctets} octets of memory`, async () => {
      const maildir = await createMaildir(temp())
      const delivery = await beginDelivery([maildir], { memoryOctets })
      await delivery.write(bytesOf('hello '))
      await delivery.write(bytesOf('world'))
      await delivery.abort()
      await delivery.abort()
      for (const folder of ['tmp', 'new', 'cur'])
        expect(readdirSync(`${maildir.path}/${folder}`)).to.deep.equal([])
      await rejects(delivery.commit(), 'EINVAL')
      await rejects(delivery.write(MAIL), 'EINVAL')
    })
  }

  it('does not undo a commit by an abort, and refuses a second commit', async () => {
    const maildir = await createMaildir(temp())
    const delivery = await beginDelivery([maildir])
    await delivery.write(MAIL)
    await delivery.commit()
    await rejects(delivery.commit(), 'EINVAL')
    await delivery.abort()
    expect(readdirSync(`${maildir.path}/new`)).to.have.length(1)
  })

  it('refuses a delivery without a target', async () => {
    await rejects(beginDelivery([]), 'EINVAL')
  })

  it('reports a target without new, and goes on with the others', async () => {
    const targets = [await createMaildir(temp()), await createMaildir(temp()), await createMaildir(temp())]
    rmSync(`${targets[0]?.path}/new`, { recursive: true })
    rmSync(`${targets[2]?.path}/new`, { recursive: true })
    const outcomes = await deliver(targets, MAIL)
    expect(outcomes.map(({ stored }) => stored)).to.deep.equal([false, true, false])
    for (const target of targets) expect(readdirSync(`${target.path}/tmp`)).to.deep.equal([])
  })

  it('leaves nothing in tmp after a commit, also where new is missing and before any abort', async () => {
    const maildir = await createMaildir(temp())
    rmSync(`${maildir.path}/new`, { recursive: true })
    const delivery = await beginDelivery([maildir])
    await delivery.write(MAIL)
    const [outcome] = await delivery.commit()
    expect(outcome).to.have.nested.include({ stored: false, 'cause.code': 'ENOENT' })
    expect(readdirSync(`${maildir.path}/tmp`)).to.deep.equal([])
    await delivery.abort()
  })

  it('leaves no trace when its source breaks off, and passes the reason on', async () => {
    const maildir = await createMaildir(temp())
    const reason = new Error('the sender went away')
    async function* source(): AsyncIterable<Uint8Array> {
      yield MAIL
      throw reason
    }
    const error: unknown = await deliver([maildir], source(), { memoryOctets: 4 }).catch(
      (error: unknown) => error,
    )
    expect(error).to.equal(reason)
    for (const folder of ['tmp', 'new']) expect(readdirSync(`${maildir.path}/${folder}`)).to.deep.equal([])
  })

  it('stores once in a target that is named twice, also by another path', async () => {
    const maildir = await createMaildir(temp())
    const alias = temp()
    symlinkSync(maildir.path, alias)
    const outcomes = await deliver([maildir, maildir, openMaildir(alias)], MAIL)
    expect(outcomes.map(({ stored }) => stored)).to.deep.equal([true, true, true])
    expect(await maildir.list()).to.have.length(1)
  })

  it('does not replace a file that has its name already', async () => {
    const targets = [await createMaildir(temp()), await createMaildir(temp())]
    const delivery = await beginDelivery(targets)
    await delivery.write(MAIL)
    const other = path.join(targets[1]?.path ?? '', 'new', `${delivery.unique},S=21,W=21`)
    writeFileSync(other, 'foreign')
    const outcomes = await delivery.commit()
    expect(outcomes[1]).to.have.nested.include({ stored: false, 'cause.code': 'EEXIST' })
    expect(readFileSync(other, 'latin1')).to.equal('foreign')
  })

  for (const code of ['EXDEV', 'EMLINK', 'EPERM']) {
    for (const memoryOctets of [0, 100]) {
      it(`copies where a link fails with ${code}, with ${memoryOctets} octets of memory`, async () => {
        const files = watchedFiles(({ name }) => {
          if (name === 'link') throw systemError(code)
        })
        const targets = [
          await createMaildir(temp()),
          await createMaildir(temp()),
          await createMaildir(temp()),
        ]
        const outcomes = await deliver(targets, MAIL, { files, memoryOctets })
        for (const { stored, maildir } of outcomes) {
          expect(stored).to.equal(true)
          const [name] = readdirSync(`${maildir.path}/new`)
          expect(readFileSync(`${maildir.path}/new/${name}`)).to.deep.equal(MAIL)
          expect(readdirSync(`${maildir.path}/tmp`)).to.deep.equal([])
        }
      })
    }
  }

  it('syncs the file before the first link, and each folder after the last link', async () => {
    const targets = await Promise.all(Array.from({ length: 5 }, () => createMaildir(temp())))
    const done: string[] = []
    const files = watchedFiles(({ name }) => void done.push(name))
    await deliver(targets, MAIL, { files })
    const order = done.filter((name) => ['sync', 'link', 'rename', 'syncFolder'].includes(name))
    expect(order.join(' ')).to.equal(
      `sync link link link link rename ${Array(5).fill('syncFolder').join(' ')}`,
    )
  })

  it('writes a small message once, and a large one once for all targets', async () => {
    const targets = await Promise.all(Array.from({ length: 9 }, () => createMaildir(temp())))
    const done: string[] = []
    const files = watchedFiles(({ name }) => void done.push(name))
    await deliver(targets, chunks('a', 'b', 'c'), { files })
    expect(done.filter((name) => name === 'write' || name === 'open')).to.deep.equal(['open', 'write'])
    done.length = 0
    await deliver(targets, chunks('a'.repeat(70_000), 'b'.repeat(70_000)), { files })
    expect(done.filter((name) => name === 'write').length).to.be.lessThan(4)
  })

  it('goes on after a write that took fewer octets than it was given', async () => {
    const maildir = await createMaildir(temp())
    const whole = watchedFiles(() => undefined)
    const files: FileLayer = {
      ...whole,
      write: (file, from, position) => whole.write(file, from.subarray(0, 3), position),
    }
    await deliver([maildir], MAIL, { files })
    const [name] = readdirSync(`${maildir.path}/new`)
    expect(readFileSync(`${maildir.path}/new/${name}`)).to.deep.equal(MAIL)
  })

  it('shares the sync of a folder, but only with deliveries whose link was there when it began', async () => {
    const maildir = await createMaildir(temp())
    const events: string[] = []
    const files = watchedFiles(async ({ name, path }) => {
      if (name === 'syncFolder') await Promise.resolve()
      events.push(`${name} ${path}`)
    })
    const watched = openMaildir(maildir.path, { files })
    const committed = Array.from({ length: 40 }, async (_, at) => {
      const [outcome] = await deliver([watched], bytesOf(String(at)))
      const linked = events.findIndex((event) => event.endsWith(outcome?.stored ? outcome.entry.name : '?'))
      const synced = events.findIndex((event, place) => place > linked && event.startsWith('syncFolder'))
      expect(linked).to.be.greaterThan(-1)
      expect(synced).to.be.greaterThan(linked)
    })
    await Promise.all(committed)
    expect(events.filter((event) => event.startsWith('syncFolder')).length).to.be.lessThan(40)
  })
})

async function* chunks(...texts: string[]): AsyncIterable<Uint8Array> {
  for (const text of texts) yield bytesOf(text)
}

async function rejects(work: Promise<unknown>, code: string): Promise<void> {
  expect(await failure(work)).to.have.property('code', code)
}
