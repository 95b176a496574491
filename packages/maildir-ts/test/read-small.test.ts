import { renameSync, writeFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { expect } from 'chai'
import {
  createDiskPace,
  createMaildir,
  nodeFiles,
  openMaildir,
  type DiskPace,
  type FileLayer,
  type FilePath,
  type Maildir,
  type MaildirEntry,
} from '../src/index.js'
import { failure, store } from './support/store.js'
import { tempFolder } from './support/temp-folder.js'
import { watchedFiles } from './support/watched-files.js'

const IN_PLACE: DiskPace = { run: (inPlace) => inPlace() }
const ASIDE: DiskPace = { run: (_, aside) => aside() }

/** Keeps the thread as a system call does that waits for a disk. */
function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

describe('reading a small message', () => {
  const temp = tempFolder()

  async function maildirAt(pace: DiskPace, files: FileLayer = nodeFiles): Promise<Maildir> {
    const { path } = await createMaildir(temp())
    return openMaildir(path, { pace, files })
  }

  const read = async (maildir: Maildir, entry: MaildirEntry): Promise<string | undefined> =>
    (await maildir.read(entry))?.toString('latin1')

  for (const [where, pace] of [
    ['in place', IN_PLACE],
    ['through the pool', ASIDE],
  ] as const) {
    describe(where, () => {
      it('gives the octets of the file as they are', async () => {
        const maildir = await maildirAt(pace)
        for (const text of ['', 'one', 'a\nb\r\n\0\r', 'x'.repeat(65_536)])
          expect(await read(maildir, await store(maildir, text))).to.equal(text)
      })

      it('is for messages of up to 64 KiB', async () => {
        const maildir = await maildirAt(pace)
        expect(await read(maildir, await store(maildir, 'x'.repeat(65_537)))).to.equal(undefined)
      })

      it('finds the message where another program put it, again and again', async () => {
        const maildir = await maildirAt(pace)
        const entry = await store(maildir, 'one')
        let from = `${maildir.path}/new/${entry.name}`
        for (const flags of ['', 'S', 'FS']) {
          const to = `${maildir.path}/cur/${entry.name}:2,${flags}`
          renameSync(from, to)
          from = to
          expect(await read(maildir, entry)).to.equal('one')
          expect(await read(maildir, entry)).to.equal('one')
        }
      })

      it('fails with ENOENT when it is gone', async () => {
        const maildir = await maildirAt(pace)
        const entry = await store(maildir, 'one')
        await maildir.remove(entry)
        expect(await failure((async () => maildir.read(entry))())).to.include({ code: 'ENOENT' })
      })

      it('leaves a file that is longer or shorter than it was to `open`', async () => {
        const maildir = await maildirAt(pace)
        const entry = await store(maildir, 'one')
        for (const text of ['on', 'once']) {
          writeFileSync(`${maildir.path}/new/${entry.name}`, text)
          expect(await read(maildir, entry)).to.equal(undefined)
        }
      })
    })
  }

  it('of a thousand that were moved reads the folders once', async () => {
    let readings = 0
    const files: FileLayer = {
      ...nodeFiles,
      names: (path) => {
        readings += 1
        return nodeFiles.names(path)
      },
    }
    const maildir = await maildirAt(createDiskPace(), files)
    for (let index = 0; index < 1000; index += 1)
      writeFileSync(`${maildir.path}/new/${1_700_000_000 + index}.a`, String(index))
    const entries = await maildir.list()
    for (const { name } of entries)
      renameSync(`${maildir.path}/new/${name}`, `${maildir.path}/cur/${name}:2,S`)
    readings = 0
    for (const [index, entry] of entries.entries()) expect(await read(maildir, entry)).to.equal(String(index))
    expect(readings).to.equal(2)
  })

  it('goes another way where a file layer cannot read in place', async () => {
    const operations: string[] = []
    const maildir = await maildirAt(
      IN_PLACE,
      watchedFiles(({ name }) => void operations.push(name)),
    )
    const entry = await store(maildir, 'one')
    operations.length = 0
    expect(await read(maildir, entry)).to.equal('one')
    expect(operations).to.deep.equal(['open', 'factsOf', 'read', 'close'])
  })

  /** Lets somebody read from a disk, and answers how long it kept others from their turn at most. */
  async function longestWait(slowInPlace: (call: number) => number, slowAside: number): Promise<number> {
    let calls = 0
    let [sinceTurnMs, longestMs] = [0, 0]
    const late = async <T>(work: Promise<T>): Promise<T> => {
      await setTimeout(slowAside)
      return work
    }
    const files: FileLayer = {
      ...nodeFiles,
      open: async (path: FilePath, mode) => late(nodeFiles.open(path, mode)),
      readWhole: (path, into) => {
        const ms = slowInPlace((calls += 1))
        block(ms)
        sinceTurnMs += ms
        longestMs = Math.max(longestMs, sinceTurnMs)
        return nodeFiles.readWhole?.(path, into)
      },
    }
    const maildir = await maildirAt(createDiskPace(), files)
    const entry = await store(maildir, 'one')
    const others = setInterval(() => {
      sinceTurnMs = 0
    }, 1)
    for (let read = 0; read < 60; read += 1) {
      const reading = maildir.read(entry)
      if (reading instanceof Promise) await reading
    }
    clearInterval(others)
    return longestMs
  }

  it('from a slow disk delays nobody else by more than 50 ms', async () => {
    expect(await longestWait(() => 200, 21)).to.equal(0)
  })

  it('from a disk that becomes slow delays nobody else by more than 50 ms', async () => {
    expect(await longestWait((call) => (call < 20 ? 0 : 30), 2)).to.be.within(30, 50)
  })
})
