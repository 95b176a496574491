/** What is on stable storage before the reply leaves: the order of system calls, as strace sees it. */

import { expect } from 'chai'
import { mkdtempSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { letter } from '../e2e/support/letters.ts'
import { requirePrograms, run } from '../e2e/support/run.ts'
import { sendMessage, signIn } from '../e2e/support/wire.ts'
import { type Call, parseCalls, startTraced } from './support/strace.ts'

const LARGE = Buffer.from(`Subject: large\r\n\r\n${`${'x'.repeat(76)}\r\n`.repeat(4000)}`)

/** What is sent, where its copies go, and how many syncs that takes: one for each file, one for each folder. */
const CASES = [
  { what: 'one recipient', to: ['alice'], bytes: letter('one'), copies: ['alice'], syncs: 2 },
  {
    what: 'three recipients',
    to: ['alice', 'bob', 'carol'],
    bytes: letter('three'),
    copies: ['alice', 'bob', 'carol'],
    syncs: 4,
  },
  { what: 'a large message for two', to: ['bob', 'carol'], bytes: LARGE, copies: ['bob', 'carol'], syncs: 3 },
  { what: 'nobody we know', to: ['nobody'], bytes: letter('nobody'), copies: ['lost'], syncs: 2 },
  {
    what: 'a postmaster we have not',
    to: ['postmaster'],
    bytes: letter('postmaster'),
    copies: ['lost'],
    syncs: 2,
  },
  {
    what: 'nobody and one recipient',
    to: ['nobody', 'alice'],
    bytes: letter('both'),
    copies: ['lost', 'alice'],
    syncs: 4,
  },
] as const

const AT_ONCE = 16

describe('before the reply to a message, its file and then each folder are synced', () => {
  let folder = ''
  let calls: readonly Call[] = []
  /** The last reply to each case, and to each message of the crowd. */
  const replies: string[] = []
  /** The replies to QUIT of a session that removed two messages, and of one that removed none. */
  const goodbyes: string[] = []

  async function session(port: number, name: string, doomed: number): Promise<string> {
    const wire = await signIn(port, name)
    expect(await wire.pop3('STAT')).to.match(/^\+OK [2-9] /)
    for (let number = 1; number <= doomed; number += 1) await wire.pop3(`DELE ${number}`)
    return wire.pop3('QUIT')
  }

  before(async function () {
    requirePrograms(this, 'strace')
    if ((await run('strace', ['-o', '/dev/null', 'true'])).status !== 0) {
      console.log('      skipped: strace may not trace here')
      this.skip()
    }
    folder = mkdtempSync(join(tmpdir(), 'relais-strace-'))
    const record = join(folder, 'record')
    const relais = await startTraced(record)
    try {
      await relais.addAccounts('alice', 'bob', 'carol')
      const send = async (to: readonly string[], bytes: Buffer): Promise<string> =>
        (await sendMessage(relais.smtpPort, { to: to.map((name) => `${name}@glo2000.ca`), bytes })).data
      for (const { to, bytes } of CASES) replies.push(await send(to, bytes))
      const crowd = Array.from({ length: AT_ONCE }, (_, index) => send(['alice'], letter(`${index}`)))
      replies.push(...(await Promise.all(crowd)))
      const mailbox = join(relais.root, 'maildir', 'bob')
      const [first = ''] = readdirSync(join(mailbox, 'new')).toSorted()
      renameSync(join(mailbox, 'new', first), join(mailbox, 'cur', `${first}:2,S`))
      goodbyes.push(await session(relais.pop3Port, 'bob', 2), await session(relais.pop3Port, 'carol', 0))
      expect(await relais.stop()).to.equal(0)
    } finally {
      await relais.close()
    }
    calls = parseCalls(readFileSync(record, 'latin1'))
  })

  after(() => rmSync(folder, { recursive: true, force: true }))

  for (const [index, { what, copies, syncs }] of CASES.entries())
    it(`for ${what}: ${syncs} syncs`, () => {
      const reply = replyNamed(index)
      const since = calls.findLast(({ args, end }) => end < reply.begin && /, "354 /.test(args))
      const during = calls.filter(({ begin, end }) => begin > (since?.end ?? 0) && end < reply.begin)
      const placed = during.filter(isPlacement)
      expect(placed.map((call) => mailboxOf(pathsOf(call).to)).toSorted()).to.deep.equal(copies.toSorted())
      for (const call of placed) expectSafe(call, reply)
      expect(during.filter(isSync)).to.have.length(syncs)
    })

  it(`for ${AT_ONCE} messages at once, each by syncs that began when it was in place`, () => {
    for (let index = CASES.length; index < CASES.length + AT_ONCE; index++) {
      const reply = replyNamed(index)
      const id = /stored as (\S+)/.exec(replies[index] ?? '')?.[1] ?? 'no id'
      const placed = calls.filter((call) => isPlacement(call) && call.args.includes(`/new/${id},`))
      expect(placed).to.have.length(1)
      for (const call of placed) expectSafe(call, reply)
    }
  })

  it('for the end of a session that removes messages: one sync of each folder that it removed from', () => {
    expect(goodbyes[0]).to.match(/^\+OK/)
    const removed = calls.filter(
      ({ name, args, result }) =>
        name.startsWith('unlink') && /\/maildir\/bob\/(?:new|cur)\//.test(args) && result === '0',
    )
    expect(removed.map(({ args }) => /(new|cur)\//.exec(args)?.[1] ?? '').toSorted()).to.deep.equal([
      'cur',
      'new',
    ])
    const last = Math.max(...removed.map(({ end }) => end))
    const reply = calls.find(
      ({ begin, args }) => begin > last && /^\d+<TCP/.test(args) && args.includes('"+OK'),
    )
    const synced = calls.filter(
      (call) =>
        isSync(call) &&
        call.begin > Math.min(...removed.map(({ begin }) => begin)) &&
        call.end < (reply?.begin ?? 0),
    )
    expect(synced.map(({ args }) => /\/maildir\/(.*)>/.exec(args)?.[1] ?? '').toSorted()).to.deep.equal([
      'bob/cur',
      'bob/new',
    ])
    for (const { begin } of synced) expect(begin, 'synced after all was removed').to.be.greaterThan(last)
  })

  it('for a session that removes nothing: no sync at all, also not of its lock', () => {
    expect(goodbyes[1]).to.match(/^\+OK/)
    const [beginning, end] = ['"+OK', '"+OK'].map((text, index) =>
      calls.filter(({ args }) => /^\d+<TCP/.test(args) && args.includes(text)).at(index === 0 ? -5 : -1),
    )
    const synced = calls.filter(
      ({ name, begin }) => /sync/.test(name) && begin > (beginning?.end ?? 0) && begin < (end?.begin ?? 0),
    )
    expect(synced).to.deep.equal([])
  })

  /** The call that writes a reply to the socket. */
  function replyNamed(index: number): Call {
    const [text = ''] = (replies[index] ?? '').split('\n')
    const call = calls.find(({ args }) => /^\d+<TCP/.test(args) && args.includes(`, "${text}`))
    if (call === undefined) throw new Error(`no call has written ${text}`)
    return call
  }

  /** Octets, sync of the file, name in `new/`, sync of that folder, reply: each ended before the next began. */
  function expectSafe(placement: Call, reply: Call): void {
    const { from, to } = pathsOf(placement)
    const written = calls.filter(({ name, args }) => name.includes('write') && args.includes(`<${from}>`))
    const fileSync = calls.find((call) => isSync(call) && call.args.includes(`<${from}>`))
    const folderSync = calls.find(
      (call) =>
        isSync(call) &&
        call.args.includes(`<${dirname(to)}>`) &&
        call.begin > placement.end &&
        call.end < reply.begin,
    )
    expect(written, 'writes').not.to.have.length(0)
    for (const call of written) expect(call.end, 'written').to.be.lessThan(fileSync?.begin ?? 0)
    expect(fileSync?.end, 'file synced').to.be.lessThan(placement.begin)
    expect(folderSync, `sync of ${dirname(to)} between its name and the reply`).not.to.equal(undefined)
  }
})

function isSync({ name, args, result }: Call): boolean {
  return /^fsync$|^fdatasync$/.test(name) && result === '0' && /\/(?:maildir|lost)\//.test(args)
}

function isPlacement({ name, args, result }: Call): boolean {
  return /^link|^rename/.test(name) && result === '0' && args.includes('/new/')
}

function pathsOf({ args }: Call): { from: string; to: string } {
  const [from = '', to = ''] = [...args.matchAll(/"([^"]*)"/g)].map((match) => match[1] ?? '')
  return { from, to }
}

function mailboxOf(path: string): string {
  return path.split('/').at(-3) ?? ''
}
