import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, statSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { expect } from 'chai'
import { createMaildir, deliver, openMaildir } from '../src/index.js'
import { bytesOf } from './support/bytes.js'
import { rest, store, textIn } from './support/store.js'
import { tempFolder } from './support/temp-folder.js'

/** Answers one line of JSON to each command line; `mailbox.Maildir` of python's library does the work. */
const PYTHON = `
import json, mailbox, sys
box = mailbox.Maildir(sys.argv[1], create=False)
for line in sys.stdin:
    command, *rest = json.loads(line)
    if command == 'add':
        message = mailbox.MaildirMessage(rest[0].encode('latin1'))
        message.set_flags(rest[1])
        message.set_subdir(rest[2])
        answer = box.add(message)
    elif command == 'list':
        answer = sorted([key, m.get_subdir(), m.get_flags(), box.get_bytes(key).decode('latin1')] for key, m in box.iteritems())
    elif command == 'flag':
        message = box.get_message(rest[0])
        message.set_subdir('cur')
        message.set_flags(rest[1])
        box[rest[0]] = message
        answer = True
    elif command == 'remove':
        box.remove(rest[0])
        answer = True
    print(json.dumps(answer), flush=True)
`

describe('neighbours', () => {
  const temp = tempFolder()

  describe("python's mailbox.Maildir", () => {
    before(function () {
      if (spawnSync('python3', ['-c', 'import mailbox']).status === 0) return
      console.log('      SKIPPED: python3 with its mailbox module is not here')
      this.skip()
    })

    it('sees what this library does, and the other way round, with nothing lost or shown twice', async () => {
      const maildir = await createMaildir(temp())
      const python = neighbour(maildir.path)
      const own = await store(maildir, 'Subject: own\n\nours\n')
      expect(await python.ask('list')).to.deep.equal([[keyOf(own.name), 'new', '', 'Subject: own\n\nours\n']])

      const seen = await maildir.flag(own, { add: 'FS' })
      const key = String(await python.ask('add', 'Subject: py\n\ntheirs\n', 'R', 'cur'))
      await python.ask('add', 'Subject: py\n\nnew\n', '', 'new')
      const listed = await maildir.list()
      expect(listed.map(({ folder, flags }) => `${folder} ${flags}`).toSorted()).to.deep.equal([
        'cur FS',
        'cur R',
        'new ',
      ])
      expect(await python.ask('list')).to.have.length(3)

      const theirs = listed.find(({ flags }) => flags === 'R')
      if (!theirs) throw new Error('not listed')
      expect(await textIn(maildir, theirs)).to.equal('Subject: py\n\ntheirs\n')
      expect(theirs.octets).to.equal(theirs.fileOctets + 3)

      await python.ask('flag', keyOf(seen.name), 'FRS')
      expect(await maildir.find(own.unique)).to.include({ flags: 'FRS', folder: 'cur' })
      expect(await textIn(maildir, seen)).to.equal('Subject: own\n\nours\n')

      expect(await maildir.remove(theirs)).to.equal(true)
      expect(JSON.stringify(await python.ask('list'))).not.to.include(key)
      await python.ask('remove', keyOf(seen.name))
      expect(await maildir.find(own.unique)).to.equal(undefined)
      expect(await maildir.list()).to.have.length(1)
      await python.end()
    })

    it('delivers right after a listing, again and again, and each message is in the next one', async () => {
      const maildir = await createMaildir(temp())
      const python = neighbour(maildir.path)
      for (let count = 1; count <= 300; count += 1) {
        await python.ask('add', `${count}\n`, '', 'new')
        expect(await maildir.list()).to.have.length(count)
      }
      await python.end()
    })
  })

  it('another writer delivers right after a listing that may be kept, 500 times, and each message is in the next one', async () => {
    const maildir = await createMaildir(temp())
    const other = openMaildir(maildir.path)
    let last: string | undefined
    for (let count = 1; count <= 500; count += 1) {
      if (count % 2) rest(maildir)
      await maildir.list()
      const entry = await store(other, 'x')
      const listed = await maildir.list()
      expect(listed.at(-1)).to.deep.equal(entry)
      if (last !== undefined && count % 20 === 0) await maildir.removeAll(listed.slice(0, -1))
      last = entry.unique
    }
  })

  it('a target on another device gets a copy', async function () {
    const shared = `/dev/shm/maildir-ts-${process.pid}`
    const here = await createMaildir(temp())
    try {
      mkdirSync(shared)
      if (statSync(shared).dev === statSync(here.path).dev) throw new Error('one device')
    } catch {
      console.log('    SKIPPED: there is no second device at /dev/shm')
      this.skip()
    }
    try {
      const there = await createMaildir(`${shared}/mail`)
      const outcomes = await deliver([here, there], bytesOf('far'))
      expect(outcomes.map(({ stored }) => stored)).to.deep.equal([true, true])
      const [copied] = await there.list()
      if (!copied) throw new Error('not listed')
      expect(await textIn(there, copied)).to.equal('far')
      const moved = await there.move(await store(there, 'moving'), here)
      expect(await textIn(here, moved)).to.equal('moving')
      expect(await there.list()).to.deep.equal([copied])
    } finally {
      rmSync(shared, { recursive: true })
    }
  })
})

function keyOf(name: string): string {
  return name.replace(/:.*/, '')
}

function neighbour(path: string) {
  const child = spawn('python3', ['-c', PYTHON, path], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const ended = new Promise<void>((done) => child.on('close', () => done()))
  return {
    async ask(...command: string[]): Promise<unknown> {
      child.stdin.write(`${JSON.stringify(command)}\n`)
      const { value } = await lines.next()
      return JSON.parse(String(value))
    },
    async end(): Promise<void> {
      child.stdin.end()
      await ended
    },
  }
}
