import { expect } from 'chai'
import {
  mkdir,
  readFile,
  readdir,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  unlink,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { join } from 'node:path'
import { silentLog, type Log, type LogFields } from '../../src/base/log.ts'
import type { MailboxStore, Maildrop } from '../../src/ports/mailbox-store.ts'
import { openMaildirMailboxStore } from '../../src/storage/maildir/maildir-mailbox-store.ts'
import { mailboxStoreContract } from './mailbox-store.ts'
import { failureOf, gatewayErrorOf } from './support/failure-of.ts'
import { messageOf, octetsOf, textOf } from './support/octets.ts'
import { tempFolder } from './support/temp-folder.ts'

describe('Maildir', () => {
  const newPath = tempFolder()

  function folders() {
    const root = newPath()
    return { accountsDir: join(root, 'maildir'), lostDir: join(root, 'lost'), runDir: join(root, 'run') }
  }

  /** Every file below a folder. */
  async function filesBelow(folder: string): Promise<string[]> {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true })
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  }

  mailboxStoreContract('Maildir', async () => {
    const { accountsDir, lostDir, runDir } = folders()
    // A clock that goes on by a millisecond: removed mailboxes are told apart by their time.
    let now = Date.UTC(2026, 10, 21)
    const clock = (): Date => new Date((now += 1))
    const store = await openMaildirMailboxStore({ accountsDir, lostDir, runDir, clock })
    return {
      store,
      breakMailbox: (key) => rm(join(accountsDir, key), { recursive: true }),
      traces: async () => [...(await filesBelow(accountsDir)), ...(await filesBelow(lostDir))],
    }
  })

  describe('beside other tools', () => {
    let store: MailboxStore
    let mailbox = ''
    let lostDir = ''
    let place: ReturnType<typeof folders>
    let logged: LogFields[] = []
    const log: Log = { ...silentLog, error: (fields) => void logged.push(fields) }

    beforeEach(async () => {
      place = folders()
      logged = []
      store = await openMaildirMailboxStore({ ...place, log })
      await store.create('alice', { adopt: false })
      mailbox = join(place.accountsDir, 'alice')
      lostDir = place.lostDir
    })
    afterEach(async () => {
      await store.close()
    })

    const put = (name: string, text: string): Promise<void> => writeFile(join(mailbox, name), text, 'latin1')

    async function read(maildrop: Maildrop, number: number): Promise<string> {
      const entry = maildrop.entries.find((candidate) => candidate.number === number)
      if (entry === undefined) throw new Error(`no message ${number}`)
      const message = await maildrop.open(entry)
      try {
        return await textOf(message.chunks())
      } finally {
        await message.close()
      }
    }

    /** Another process on the same folders. */
    async function reopen(): Promise<void> {
      await store.close()
      store = await openMaildirMailboxStore({ ...place, log })
    }

    /** The folders changed long enough ago for their listing to be kept. */
    async function rested(): Promise<void> {
      const seconds = Date.now() / 1000 - 3
      for (const folder of ['new', 'cur']) await utimes(join(mailbox, folder), seconds, seconds)
    }

    async function withMaildrop<Result>(work: (maildrop: Maildrop) => Promise<Result>): Promise<Result> {
      const maildrop = await store.openMaildrop('alice', { waitMs: 0 })
      try {
        return await work(maildrop)
      } finally {
        await maildrop.close()
      }
    }

    async function deliver(text: string): Promise<void> {
      const message = await store.begin([{ kind: 'account', key: 'alice' }])
      await message.write(octetsOf(text))
      await message.commit()
      await message.abort()
    }

    it('delivers once for many mailboxes: one file with many names', async () => {
      await store.create('bob', { adopt: false })
      const message = await store.begin(['alice', 'bob'].map((key) => ({ kind: 'account', key })))
      await message.write(octetsOf(messageOf(100)))
      await message.commit()
      await message.abort()
      const paths = [mailbox, join(mailbox, '../bob')].map((folder) => join(folder, 'new'))
      const [alice, bob] = await Promise.all(
        paths.map(async (folder) => stat(join(folder, (await readdir(folder))[0] ?? ''))),
      )
      expect(alice?.ino).to.equal(bob?.ino)
      expect(alice?.nlink).to.equal(2)
    })

    it('says while it is written that a large message has no folder to go to', async () => {
      await rm(mailbox, { recursive: true })
      const message = await store.begin([{ kind: 'account', key: 'alice' }])
      expect(await failureOf(message.write(octetsOf(messageOf(200_000))))).to.equal('store.unavailable')
      await message.abort()
    })

    it('numbers and sizes stand still while they rename new to cur, set flags, delete and add', async () => {
      for (const octets of [100, 200, 300]) await deliver(messageOf(octets))
      await withMaildrop(async (maildrop) => {
        const before = structuredClone(maildrop.entries)
        const names = (await readdir(join(mailbox, 'new'))).toSorted()
        for (const name of names)
          await rename(join(mailbox, 'new', name), join(mailbox, 'cur', `${name}:2,S`))
        await unlink(join(mailbox, 'cur', `${names[1] ?? ''}:2,S`))
        await put('new/1000000000.1.example', 'earlier\r\n')
        expect(maildrop.entries).to.deep.equal(before)
        expect(await read(maildrop, 1)).to.equal(messageOf(100))
        expect(await failureOf(read(maildrop, 2))).to.equal('message.gone')
        expect(await read(maildrop, 3)).to.equal(messageOf(300))
        expect(await maildrop.remove(maildrop.entries)).to.deep.equal([])
      })
      expect(await withMaildrop(async ({ entries }) => entries.map(({ octets }) => octets))).to.deep.equal([
        9,
      ])
    })

    it('a message that was made shorter or longer is gone rather than wrong', async () => {
      await deliver(messageOf(100))
      await put('new/1000000000.1.example', messageOf(300))
      await withMaildrop(async (maildrop) => {
        await truncate(join(mailbox, 'new/1000000000.1.example'), 50)
        const [own = ''] = (await readdir(join(mailbox, 'new'))).filter((name) => name.includes('tsR'))
        await writeFile(join(mailbox, 'new', own), messageOf(101), 'latin1')
        for (const number of [1, 2]) expect(await failureOf(read(maildrop, number))).to.equal('message.gone')
      })
    })

    for (const [size, before, after] of [
      ['small', 'a\n\nb\n', 'a\nbc\n'],
      ['large', 'a\n\nb\n'.repeat(50_000), 'a\n\n\n\n'.repeat(50_000)],
    ] as const)
      it(`a ${size} message that was written anew with other line ends breaks off, and is there the next time`, async () => {
        await put('new/1000000000.1.example', before)
        await withMaildrop(async (maildrop) => {
          await put('new/1000000000.1.example', after)
          expect(await failureOf(read(maildrop, 1))).to.equal('message.gone')
        })
        const sent = after.replaceAll('\n', '\r\n')
        expect(await withMaildrop((maildrop) => read(maildrop, 1))).to.equal(sent)
      })

    for (const [size, before, after] of [
      ['small', 'one\r\n', 'Edited: yes\n\none'],
      ['large', 'one\r\n'.repeat(50_000), 'Edited: yes\n\none\n'.repeat(50_000)],
    ] as const)
      it(`a ${size} message of ours that a tool edited in place is refused once, and right in the next session`, async () => {
        await deliver(before)
        await rested()
        const [name = ''] = await readdir(join(mailbox, 'new'))
        const edited = after.replaceAll('\n', '\r\n') + (after.endsWith('\n') ? '' : '\r\n')
        for (let restart = 0; restart < 2; restart += 1) {
          await withMaildrop(async (maildrop) => {
            if (restart === 0) await put(`new/${name}`, after)
            for (let time = 0; time < 2; time += 1)
              expect(await failureOf(read(maildrop, 1))).to.equal('message.gone')
          })
          for (let session = 0; session < 2; session += 1)
            await withMaildrop(async (maildrop) => {
              expect(maildrop.entries.map(({ octets }) => octets)).to.deep.equal([edited.length])
              expect(await read(maildrop, 1)).to.equal(edited)
            })
          await reopen()
        }
        const uid = name.slice(0, name.indexOf(','))
        expect(await withMaildrop(async ({ entries }) => entries.map((entry) => entry.uid))).to.deep.equal([
          uid,
        ])
      })

    it('takes the arrival of a message from its name, and knows none where the name tells no time', async () => {
      for (const name of ['1000000000.1.example', '1600000000.M5P1.example', '12.example', 'draft'])
        await put(`cur/${name}:2,`, 'a\n')
      await withMaildrop(async (maildrop) => {
        const old = maildrop.arrivedBefore(new Date(1_600_000_000_000))
        expect(old.map(({ uid }) => uid)).to.deep.equal(['1000000000.1.example'])
      })
    })

    it('marks what was read for them: flag S, in cur, beside the flags that they set', async () => {
      for (const octets of [100, 200, 300]) await deliver(messageOf(octets))
      const [first = '', second = '', third = ''] = (await readdir(join(mailbox, 'new'))).toSorted()
      await withMaildrop(async (maildrop) => {
        await rename(join(mailbox, 'new', second), join(mailbox, 'cur', `${second}:2,F`))
        await maildrop.markSeen(maildrop.entries.slice(0, 2))
        expect(await read(maildrop, 2)).to.equal(messageOf(200))
      })
      expect(await readdir(join(mailbox, 'new'))).to.deep.equal([third])
      expect((await readdir(join(mailbox, 'cur'))).toSorted()).to.deep.equal([
        `${first}:2,S`,
        `${second}:2,FS`,
      ])
    })

    it('says by name that messages could not be marked', async () => {
      await deliver(messageOf(100))
      await withMaildrop(async (maildrop) => {
        await rm(join(mailbox, 'cur'), { recursive: true })
        expect(await failureOf(maildrop.markSeen(maildrop.entries))).to.equal('store.unavailable')
      })
    })

    it('gives the same listing to every session while nothing changes', async () => {
      await deliver(messageOf(100))
      await rested()
      const first = await withMaildrop(async ({ entries }) => entries)
      expect(await withMaildrop(async ({ entries }) => entries)).to.equal(first)
      await deliver(messageOf(200))
      expect(await withMaildrop(async ({ entries }) => entries)).to.have.length(2)
    })

    const foreign: readonly (readonly [what: string, file: string, sent: string])[] = [
      ['bare LF', 'Subject: a\n\nb\n', 'Subject: a\r\n\r\nb\r\n'],
      ['CRLF', 'Subject: a\r\n\r\nb\r\n', 'Subject: a\r\n\r\nb\r\n'],
      ['both', 'a\r\nb\n\nc\r\n\n', 'a\r\nb\r\n\r\nc\r\n\r\n'],
      ['LF first, no line end last', '\n\na', '\r\n\r\na\r\n'],
      ['no line end', 'a', 'a\r\n'],
      ['CRLF, no line end last', 'a\r\nb', 'a\r\nb\r\n'],
      ['CR at the end of CRLF', 'a\r\nb\r', 'a\r\nb\r\r\n'],
      ['nothing but CR', '\r', '\r\r\n'],
      ['no line end, a chunk long', 'a'.repeat(65_536), `${'a'.repeat(65_536)}\r\n`],
      ['no line end, more than a chunk', 'a'.repeat(65_537), `${'a'.repeat(65_537)}\r\n`],
      ['CR at the end of a chunk', `${'a'.repeat(65_535)}\r`, `${'a'.repeat(65_535)}\r\r\n`],
      ['CRLF across two chunks', `${'a'.repeat(65_535)}\r\n`, `${'a'.repeat(65_535)}\r\n`],
      ['LF after a chunk', `${'a'.repeat(65_536)}\n`, `${'a'.repeat(65_536)}\r\n`],
      ['nothing', '', ''],
      ['a bare CR', 'a\rb\r\r\nc\n', 'a\rb\r\r\nc\r\n'],
      ['NULs', '\0\n\0\0\n', '\0\r\n\0\0\r\n'],
      ['leading dots', '.\n..\n.a\n', '.\r\n..\r\n.a\r\n'],
      ['CR at the end of LF', 'a\n\r', 'a\r\n\r\r\n'],
    ]
    for (const [what, file, sent] of foreign) {
      it(`sends their messages with CRLF and announces just so many octets: ${what}`, async () => {
        await put('new/1000000000.1.example', file)
        await withMaildrop(async (maildrop) => {
          expect(maildrop.entries[0]?.octets).to.equal(sent.length)
          expect(await read(maildrop, 1)).to.equal(sent)
        })
      })
    }

    it('converts a large message of nothing but LF in chunks of at most 64 KiB', async () => {
      await put('new/1000000000.1.example', '\n'.repeat(150_000))
      await withMaildrop(async (maildrop) => {
        const [entry] = maildrop.entries
        if (entry === undefined) throw new Error('no entry')
        const message = await maildrop.open(entry)
        let octets = 0
        for await (const chunk of message.chunks()) {
          expect(chunk.length).to.be.within(1, 65_536)
          octets += chunk.length
        }
        await message.close()
        expect(octets).to.equal(300_000)
        expect(entry.octets).to.equal(300_000)
      })
    })

    it('gives out all other messages beside a file that cannot be read, and logs it', async () => {
      await deliver(messageOf(100))
      await symlink('x'.repeat(300), join(mailbox, 'cur/odd'))
      await symlink('circle', join(mailbox, 'cur/circle'))
      await withMaildrop(async (maildrop) => {
        expect(maildrop.entries).to.have.length(1)
        expect(await read(maildrop, 1)).to.equal(messageOf(100))
      })
      expect(logged).to.deep.equal([{ path: join(mailbox, 'cur/odd'), code: 'ENAMETOOLONG' }])
    })

    it('reports the messages that are still there when they could not be removed', async () => {
      for (const octets of [100, 200]) await deliver(messageOf(octets))
      await withMaildrop(async (maildrop) => {
        const [first = ''] = (await readdir(join(mailbox, 'new'))).toSorted()
        await unlink(join(mailbox, 'new', first))
        await mkdir(join(mailbox, 'new', first))
        const remaining = await maildrop.remove(maildrop.entries)
        expect(remaining.map(({ number }) => number)).to.deep.equal([1])
      })
    })

    it('moves the mail of a removed account to .removed, named by account and time', async () => {
      await deliver(messageOf(100))
      const movedTo = (await store.retire('alice', 'keep')) ?? ''
      expect(movedTo).to.match(/\/maildir\/\.removed\/alice-\d{4}-\d\d-\d\dT\d{6}\.\d{3}Z$/)
      const [name = ''] = await readdir(join(movedTo, 'new'))
      expect(await readFile(join(movedTo, 'new', name), 'latin1')).to.equal(messageOf(100))
    })

    it('says by name that a mailbox cannot be moved aside, and leaves it', async () => {
      await deliver(messageOf(100))
      await writeFile(join(mailbox, '../.removed'), '')
      const error = await gatewayErrorOf(store.retire('alice', 'keep'))
      expect(error.code).to.equal('store.unavailable')
      expect(error.message).to.contain('.removed')
      expect(await store.isEmpty('alice')).to.equal(false)
    })

    it('is empty with nothing but three empty folders in it', async () => {
      for (const folder of ['tmp', 'new', 'cur'])
        expect(await readdir(join(mailbox, folder)), folder).to.deep.equal([])
      expect(await store.isEmpty('alice')).to.equal(true)
      await rm(join(mailbox, 'tmp'), { recursive: true })
      expect(await store.isEmpty('alice')).to.equal(true)
    })

    const somebodys: readonly (readonly [what: string, put: () => Promise<unknown>])[] = [
      ['a message in a subfolder', () => putInSubfolder('.Sent/cur', '1.host:2,S')],
      ['a subfolder without a message', () => mkdir(join(mailbox, '.Drafts/new'), { recursive: true })],
      ['a file beside the folders', () => put('dovecot-keywords', 'x')],
      ['a file that is no message by its name', () => put('cur/.keep', 'x')],
      ['what is half written', () => put('tmp/1.host', 'x')],
      ['a link in the place of a folder', () => replaceByLink('cur')],
    ]
    for (const [what, doPut] of somebodys)
      it(`is not empty with ${what}`, async () => {
        await doPut()
        expect(await store.isEmpty('alice')).to.equal(false)
      })

    async function putInSubfolder(folder: string, name: string): Promise<void> {
      await mkdir(join(mailbox, folder), { recursive: true })
      await put(join(folder, name), 'x')
    }

    async function replaceByLink(folder: string): Promise<void> {
      await rename(join(mailbox, folder), `${mailbox}-elsewhere`)
      await symlink(`${mailbox}-elsewhere`, join(mailbox, folder))
    }

    it('says by name that the disk cannot be asked when its folder is gone', async () => {
      await rm(join(mailbox, '..'), { recursive: true })
      expect(await failureOf(store.freeOctets())).to.equal('store.unavailable')
    })

    it('finds a mailbox again that was put back', async () => {
      await deliver(messageOf(100))
      await rename(mailbox, `${mailbox}-away`)
      expect(await failureOf(store.openMaildrop('alice', { waitMs: 0 }))).to.equal('store.unavailable')
      await rename(`${mailbox}-away`, mailbox)
      expect(await withMaildrop((maildrop) => read(maildrop, 1))).to.equal(messageOf(100))
    })

    it('keeps the lost folder as a Maildir like any other', async () => {
      expect((await readdir(lostDir)).toSorted()).to.deep.equal(['cur', 'new', 'tmp'])
    })
  })

  describe('its folders', () => {
    it('are made for the owner alone, and what is there stays', async () => {
      const place = folders()
      const first = await openMaildirMailboxStore(place)
      await first.create('alice', { adopt: false })
      await first.close()
      const second = await openMaildirMailboxStore(place)
      expect(await readdir(place.accountsDir)).to.deep.equal(['alice'])
      for (const folder of [place.accountsDir, place.lostDir, join(place.accountsDir, 'alice')])
        expect((await stat(folder)).mode & 0o777, folder).to.equal(0o700)
      await second.close()
    })

    it('cannot be made where a file is in the way; the file is named', async () => {
      for (const blocked of ['accountsDir', 'lostDir'] as const) {
        const place = folders()
        await mkdir(join(place[blocked], '..'), { recursive: true })
        await writeFile(place[blocked], '')
        const error = await gatewayErrorOf(openMaildirMailboxStore(place))
        expect(error.code).to.equal('store.cannot-create')
        expect(error.message).to.contain(place[blocked])
      }
    })

    it('of an account cannot be made where a file has its name', async () => {
      const place = folders()
      const store = await openMaildirMailboxStore(place)
      await writeFile(join(place.accountsDir, 'alice'), '')
      expect(await failureOf(store.create('alice', { adopt: false }))).to.equal('account.exists')
      expect(await failureOf(store.create('alice', { adopt: true }))).to.equal('store.cannot-create')
      await store.close()
    })
  })
})
