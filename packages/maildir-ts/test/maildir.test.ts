import { once } from 'node:events'
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { expect } from 'chai'
import {
  createMaildir,
  openMaildir,
  type Maildir,
  type MaildirEntry,
  type MaildirError,
} from '../src/index.js'
import { textOf } from './support/bytes.js'
import { failure, rest, store } from './support/store.js'
import { tempFolder } from './support/temp-folder.js'
import { systemError, watchedFiles } from './support/watched-files.js'

describe('maildir', () => {
  const temp = tempFolder()

  describe('create', () => {
    it('makes the folder, those above it and tmp, new and cur, for the owner alone', async () => {
      const path = `${temp()}/above/mail`
      await createMaildir(path)
      for (const folder of [path, `${path}/tmp`, `${path}/new`, `${path}/cur`]) {
        expect(statSync(folder).mode & 0o777).to.equal(0o700)
      }
    })

    it('is fine with one that exists, and keeps its messages', async () => {
      const maildir = await createMaildir(temp())
      await store(maildir, 'a')
      await createMaildir(maildir.path)
      expect(await maildir.list()).to.have.length(1)
    })

    it('completes one that is half there', async () => {
      const path = temp()
      mkdirSync(`${path}/new`, { recursive: true })
      await createMaildir(path)
      expect(readdirSync(path).toSorted()).to.deep.equal(['cur', 'new', 'tmp'])
    })

    it('syncs each folder it made into the one above', async () => {
      const above = temp()
      mkdirSync(above)
      const synced: string[] = []
      const files = watchedFiles(
        ({ name, path }) => void (name === 'syncFolder' && synced.push(path.slice(above.length))),
      )
      await createMaildir(`${above}/a/b`, { files })
      expect(synced).to.deep.equal(['', '/a', '/a/b'])
    })

    it('tells path, operation and code when a file is in the way', async () => {
      const path = temp()
      writeFileSync(path, 'a file')
      const error = await failure(createMaildir(path))
      expect(error).to.include({ code: 'ENOTDIR', operation: 'makeFolder', path: `${path}/tmp` })
      expect(error.cause).to.have.property('code', 'ENOTDIR')
    })
  })

  describe('list', () => {
    it('fails with the path for a Maildir that is not there', async () => {
      const path = temp()
      expect(await failure(openMaildir(path).list())).to.include({ code: 'ENOENT', operation: 'stat' })
    })

    it('is empty for a new Maildir', async () => {
      expect(await (await createMaildir(temp())).list()).to.deep.equal([])
    })

    it('shows sizes, folder, flags and a unique-id in order of arrival', async () => {
      const maildir = await createMaildir(temp())
      const first = await store(maildir, 'one\r\n')
      const second = await store(maildir, 'two\n')
      renameSync(`${maildir.path}/new/${first.name}`, `${maildir.path}/cur/${first.name}:2,FS`)
      const expected = [{ ...first, folder: 'cur', name: `${first.name}:2,FS`, flags: 'FS' }, second]
      expect(await maildir.list()).to.deep.equal(expected)
      expect(second).to.include({ octets: 5, fileOctets: 4, uid: second.unique, folder: 'new', flags: '' })
    })

    it('opens no file of its own writer', async () => {
      const maildir = await createMaildir(temp())
      await store(maildir, 'one')
      const opened: string[] = []
      const files = watchedFiles(({ name, path }) => void (name === 'open' && opened.push(path)))
      await openMaildir(maildir.path, { files }).list()
      expect(opened).to.deep.equal([])
    })

    it('reads a foreign file once for its size, whatever its name claims', async () => {
      const maildir = await createMaildir(temp())
      writeFileSync(`${maildir.path}/new/1700000000.M1P2.host,S=999,W=999`, 'a\nb\n')
      writeFileSync(`${maildir.path}/cur/1700000001.M1P2.host:2,S`, 'a\r\n')
      const opened: string[] = []
      const files = watchedFiles(({ name, path }) => void (name === 'open' && opened.push(path)))
      const watched = openMaildir(maildir.path, { files })
      const sizes = (await watched.list()).map(({ octets, fileOctets }) => [octets, fileOctets])
      expect(sizes).to.deep.equal([
        [6, 4],
        [3, 3],
      ])
      await watched.list()
      expect(opened).to.have.length(2)
      expect(readdirSync(`${maildir.path}/new`)).to.deep.equal(['1700000000.M1P2.host,S=999,W=999'])
    })

    const unended: [what: string, text: string, octets: number][] = [
      ['nothing', '', 0],
      ['one letter', 'a', 3],
      ['CRLF, then a letter', 'a\r\nb', 6],
      ['LF, then a letter', 'a\nb', 6],
      ['a CR last', 'a\r', 4],
      ['LF last', 'a\n', 3],
      ['a letter as the last octet of a chunk', 'a'.repeat(65_536), 65_538],
      ['a letter as the first octet of a chunk', 'a'.repeat(65_537), 65_539],
      ['a CR as the last octet of a chunk', `${'a'.repeat(65_535)}\r`, 65_538],
      ['CRLF across two chunks', `${'a'.repeat(65_535)}\r\n`, 65_537],
    ]
    for (const [what, text, octets] of unended) {
      it(`counts the line end that a foreign file lacks, and opening agrees: ${what}`, async () => {
        const maildir = await createMaildir(temp())
        writeFileSync(`${maildir.path}/cur/1.foreign`, text)
        const [entry] = await maildir.list()
        if (!entry) throw new Error('not listed')
        for (const opened of [maildir, openMaildir(maildir.path)]) {
          const file = await opened.open(entry)
          expect(file).to.include({ octets, fileOctets: text.length, crlf: octets === text.length })
          await file.close()
        }
        expect(entry.octets).to.equal(octets)
        expect((await maildir.find('1.foreign'))?.octets).to.equal(octets)
      })
    }

    it('ignores names with a dot in front, folders and what is no file', async () => {
      const maildir = await createMaildir(temp())
      writeFileSync(`${maildir.path}/new/.hidden`, 'a')
      mkdirSync(`${maildir.path}/cur/folder`)
      expect(await maildir.list()).to.deep.equal([])
    })

    it('leaves out without a word what is plainly no file, and keeps the listing', async () => {
      const maildir = await createMaildir(temp())
      symlinkSync('circle', `${maildir.path}/new/circle`)
      symlinkSync('nowhere', `${maildir.path}/new/dangling`)
      symlinkSync('/dev/null', `${maildir.path}/cur/device`)
      const server = createServer().listen(`${maildir.path}/cur/socket`)
      await once(server, 'listening')
      const entry = await store(maildir, 'one')
      rest(maildir)
      const told: MaildirError[] = []
      const counted = counting(maildir.path, Date.now, (error) => told.push(error))
      expect(await counted.maildir.list()).to.deep.equal([entry])
      const readings = counted.readings()
      expect(await counted.maildir.list()).to.deep.equal([entry])
      expect(counted.readings()).to.equal(readings)
      expect(told).to.deep.equal([])
      expect(await maildir.find('circle')).to.equal(undefined)
      server.close()
    })

    it('leaves out a file that cannot be read, tells it once a listing, and shows it when it can', async () => {
      const maildir = await createMaildir(temp())
      for (const name of ['1.odd', '2.odd', '3.good']) writeFileSync(`${maildir.path}/cur/${name}`, 'a\n')
      rest(maildir)
      let broken = true
      const files = watchedFiles(({ name, path }) => {
        if (broken && name === 'open' && path.endsWith('1.odd')) throw systemError('EACCES')
        if (broken && name === 'read' && path.endsWith('2.odd')) throw systemError('EIO')
        // A name that vanishes makes the listing begin again.
        if (name === 'open' && path.endsWith('3.good')) renameOnce()
      })
      let renamed = false
      const renameOnce = (): void => {
        if (!renamed) renameSync(`${maildir.path}/cur/3.good`, `${maildir.path}/cur/3.good:2,S`)
        renamed = true
      }
      const told: MaildirError[] = []
      const watched = openMaildir(maildir.path, { files, unreadable: (error) => told.push(error) })
      expect((await watched.list()).map(({ name }) => name)).to.deep.equal(['3.good:2,S'])
      expect(told.map(({ code, path }) => `${code} ${path}`).toSorted()).to.deep.equal([
        `EACCES ${maildir.path}/cur/1.odd`,
        `EIO ${maildir.path}/cur/2.odd`,
      ])
      rest(maildir)
      expect(await watched.list()).to.have.length(1)
      expect(told).to.have.length(4)
      broken = false
      expect(await watched.list()).to.have.length(3)
      expect(told).to.have.length(4)
    })

    for (const code of ['EMFILE', 'ENFILE', 'ENOMEM']) {
      it(`fails with ${code}, which is not the file's fault`, async () => {
        const maildir = await createMaildir(temp())
        writeFileSync(`${maildir.path}/cur/1.good`, 'a\n')
        const files = watchedFiles(({ name }) => {
          if (name === 'open') throw systemError(code)
        })
        expect(await failure(openMaildir(maildir.path, { files }).list())).to.include({ code })
      })
    }

    it('fails when a folder is gone', async () => {
      const maildir = await createMaildir(temp())
      rmSync(`${maildir.path}/new`, { recursive: true })
      expect(await failure(maildir.list())).to.include({ code: 'ENOENT', path: `${maildir.path}/new` })
    })

    it('works with names that are no UTF-8, too long, empty or without info', async () => {
      const maildir = await createMaildir(temp())
      const odd = Buffer.concat([Buffer.from(`${maildir.path}/new/`), Buffer.from([0xff, 0xe9, 0x20])])
      writeFileSync(odd, 'odd')
      writeFileSync(`${maildir.path}/new/${'l'.repeat(200)}`, 'long')
      writeFileSync(`${maildir.path}/cur/:2,S`, 'empty')
      writeFileSync(`${maildir.path}/cur/plain`, 'plain')
      const entries = await maildir.list()
      expect(entries).to.have.length(4)
      for (const entry of entries) {
        expect(entry.uid).to.match(/^[!-~]{1,70}$/)
        const file = await maildir.open(entry)
        expect((await file.readAll()).byteLength).to.equal(entry.fileOctets)
        await file.close()
        expect((await maildir.find(entry.unique))?.uid).to.equal(entry.uid)
        expect(await maildir.remove(entry)).to.equal(true)
      }
      expect(new Set(entries.map(({ uid }) => uid)).size).to.equal(4)
      expect(await maildir.list()).to.deep.equal([])
    })

    it('shows a message once that lies in new and in cur', async () => {
      const maildir = await createMaildir(temp())
      const entry = await store(maildir, 'one')
      writeFileSync(`${maildir.path}/cur/${entry.name}:2,S`, 'one')
      expect(await maildir.list()).to.deep.equal([
        { ...entry, folder: 'cur', name: `${entry.name}:2,S`, flags: 'S' },
      ])
    })

    it('sorts by seconds, microseconds and count, and puts names without a number last', async () => {
      const maildir = await createMaildir(temp())
      const names = ['9.M2P1Q1.h', '9.M10P1Q2.h', '9.M10P1Q11.h', '10.1_0.h', '10.M1P1.h', 'a', 'b']
      for (const name of names.toReversed()) writeFileSync(`${maildir.path}/new/${name}`, '')
      expect((await maildir.list()).map(({ name }) => name)).to.deep.equal(names)
    })

    it('reads again when a folder changed while it was read', async () => {
      const maildir = await createMaildir(temp())
      const entry = await store(maildir, 'moving')
      rest(maildir)
      let moved = false
      const files = watchedFiles(({ name, path }) => {
        if (name !== 'names' || !path.endsWith('/cur') || moved) return
        moved = true
        renameSync(`${maildir.path}/new/${entry.name}`, `${maildir.path}/cur/${entry.name}:2,`)
        writeFileSync(`${maildir.path}/new/1.late`, 'x')
      })
      const names = (await openMaildir(maildir.path, { files }).list()).map(({ name }) => name)
      expect(names).to.deep.equal(['1.late', `${entry.name}:2,`])
    })
  })

  describe('cached listing', () => {
    it('is used when both folders were at rest for 2 s, and never when one changed', async () => {
      const maildir = await createMaildir(temp())
      await store(maildir, 'one')
      const counted = counting(maildir.path)
      rest(maildir)
      await counted.maildir.list()
      await counted.maildir.list()
      expect(counted.readings()).to.equal(1)
      await store(maildir, 'two')
      expect(await counted.maildir.list()).to.have.length(2)
      expect(counted.readings()).to.equal(2)
    })

    it('is not used when a folder changed less than 2 s before it was read', async () => {
      const maildir = await createMaildir(temp())
      const changedMs = statSync(`${maildir.path}/new`).mtimeMs
      const counted = counting(maildir.path, () => Math.floor(changedMs) + 1999)
      await counted.maildir.list()
      await counted.maildir.list()
      expect(counted.readings()).to.equal(2)
    })

    it('is not used when opening a message has shown that its size was wrong', async () => {
      const maildir = await createMaildir(temp())
      const { name } = await store(maildir, 'one\r\n')
      writeFileSync(`${maildir.path}/new/${name}`, 'one\nmore\n')
      rest(maildir)
      const [entry] = await maildir.list()
      if (!entry) throw new Error('not listed')
      expect(entry.octets).to.equal(5)
      const file = await maildir.open(entry)
      await file.close()
      expect(await maildir.list()).to.have.nested.property('[0].octets', 11)
    })

    it('is not used when the clock is behind the folders', async () => {
      const maildir = await createMaildir(temp())
      const counted = counting(maildir.path, () => 0)
      await counted.maildir.list()
      await counted.maildir.list()
      expect(counted.readings()).to.equal(2)
    })
  })

  describe('find and open', () => {
    it('know a message after another program moved it and changed its flags', async () => {
      const maildir = await createMaildir(temp())
      const entry = await store(maildir, 'one\r\n')
      renameSync(`${maildir.path}/new/${entry.name}`, `${maildir.path}/cur/${entry.unique}:2,RS`)
      expect(await maildir.find(entry.unique)).to.deep.equal({
        ...entry,
        folder: 'cur',
        name: `${entry.unique}:2,RS`,
        flags: 'RS',
      })
      const file = await maildir.open(entry)
      expect(await textOf(file.stream())).to.equal('one\r\n')
      await file.close()
    })

    it('know a message that moved against the order of reading while it was looked for', async () => {
      const maildir = await createMaildir(temp())
      const entry = await store(maildir, 'one')
      const [fresh, seen] = [`${maildir.path}/new/${entry.name}`, `${maildir.path}/cur/${entry.name}`]
      renameSync(fresh, seen)
      let moved = false
      const files = watchedFiles(({ name, path }) => {
        if (name !== 'names' || !path.endsWith('/cur') || moved) return
        moved = true
        renameSync(seen, fresh)
      })
      expect(await openMaildir(maildir.path, { files }).find(entry.unique)).to.deep.equal(entry)
    })

    it('tell when a message is gone', async () => {
      const maildir = await createMaildir(temp())
      const entry = await store(maildir, 'one')
      await maildir.remove(entry)
      expect(await maildir.find(entry.unique)).to.equal(undefined)
      expect(await failure(maildir.open(entry))).to.include({ code: 'ENOENT', operation: 'open' })
    })

    it('read pieces at any position, and know whether line ends need converting', async () => {
      const maildir = await createMaildir(temp())
      const file = await maildir.open(await store(maildir, 'a\r\nbc\n'))
      const buffer = Buffer.alloc(3)
      expect(await file.read(buffer, 2)).to.equal(3)
      expect(buffer.toString()).to.equal('\nbc')
      expect(await file.read(buffer, 6)).to.equal(0)
      expect(file).to.include({ octets: 7, fileOctets: 6, crlf: false })
      await file.close()
      await file.close()
      expect(await failure(file.read(buffer, 0))).to.include({ code: 'EINVAL' })
    })

    it('believe the file rather than its name', async () => {
      const maildir = await createMaildir(temp())
      const entry = await store(maildir, 'one\r\n')
      writeFileSync(`${maildir.path}/new/${entry.name}`, 'longer\nthan before\n')
      const file = await maildir.open(entry)
      expect(file).to.include({ octets: 21, fileOctets: 19, crlf: false })
      await file.close()
      expect(await maildir.list()).to.have.nested.property('[0].octets', 21)
    })

    it('stream a large message in small pieces', async () => {
      const maildir = await createMaildir(temp())
      const text = 'x'.repeat(300_000)
      const file = await maildir.open(await store(maildir, text))
      const sizes: number[] = []
      for await (const chunk of file.stream()) sizes.push(chunk.byteLength)
      expect(Math.max(...sizes)).to.be.at.most(65_536)
      expect(await textOf(file.stream())).to.equal(text)
      await file.close()
    })
  })

  describe('remove', () => {
    it('removes a message wherever it lies, and says so once', async () => {
      const maildir = await createMaildir(temp())
      const entry = await store(maildir, 'one')
      renameSync(`${maildir.path}/new/${entry.name}`, `${maildir.path}/cur/${entry.name}:2,T`)
      expect(await maildir.remove(entry)).to.equal(true)
      expect(await maildir.remove(entry)).to.equal(false)
      expect(readdirSync(`${maildir.path}/cur`)).to.deep.equal([])
    })

    it('removes many with one sync of each folder that was touched', async () => {
      const maildir = await createMaildir(temp())
      const entries: MaildirEntry[] = []
      for (let at = 0; at < 20; at += 1) entries.push(await store(maildir, String(at)))
      for (const { name } of entries.slice(0, 5)) {
        renameSync(`${maildir.path}/new/${name}`, `${maildir.path}/cur/${name}:2,S`)
      }
      const synced: string[] = []
      const files = watchedFiles(({ name, path }) => void (name === 'syncFolder' && synced.push(path)))
      const outcomes = await openMaildir(maildir.path, { files }).removeAll([
        ...entries,
        ...entries.slice(0, 1),
      ])
      expect(outcomes.map(({ removed }) => removed)).to.deep.equal(Array(21).fill(true))
      expect(synced.toSorted()).to.deep.equal([`${maildir.path}/cur`, `${maildir.path}/new`])
      expect(await maildir.list()).to.deep.equal([])
    })

    it('tells which were gone already', async () => {
      const maildir = await createMaildir(temp())
      const entries = [await store(maildir, 'one'), await store(maildir, 'two')]
      await maildir.removeAll(entries.slice(1))
      const [first, second] = await maildir.removeAll(entries)
      expect(first).to.include({ removed: true })
      expect(second).to.include({ removed: false, cause: undefined })
    })
  })

  it('reads what it wrote', async () => {
    const maildir = await createMaildir(temp())
    const entry = await store(maildir, 'hello')
    expect(readFileSync(`${maildir.path}/new/${entry.name}`, 'latin1')).to.equal('hello')
  })
})

function counting(
  path: string,
  now = Date.now,
  unreadable: (error: MaildirError) => unknown = () => undefined,
): { maildir: Maildir; readings: () => number } {
  let readings = 0
  const files = watchedFiles(({ name, path }) => {
    if (name === 'names' && path.endsWith('/cur')) readings += 1
  })
  return { maildir: openMaildir(path, { files, now, unreadable }), readings: () => readings }
}
