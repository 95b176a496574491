/** Other programs read and change a Maildir that Relais serves: no message lost, doubled, or shown twice. */

import { expect } from 'chai'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

import { type Relais, startRelais } from '../e2e/support/relais.ts'
import { expectUnderTrace } from '../e2e/support/trace.ts'
import { type Wire, sendMessage, signIn } from '../e2e/support/wire.ts'
import { NEIGHBOURS, type Neighbour } from './support/neighbours.ts'

/** Messages that arrive while the other program is at work. */
const BESIDE = 25

for (const kind of NEIGHBOURS)
  describe(`beside ${kind.name}`, () => {
    const sent = new Map<string, Buffer>()
    let relais: Relais
    let neighbour: Neighbour
    let mailbox = ''

    before(async function () {
      await kind.require(this)
      relais = await startRelais({ env: { RELAIS_POP3_MARK_SEEN: 'off' } })
      mailbox = join(relais.root, 'maildir/alice')
      await relais.addAccounts('alice')
      neighbour = await kind.open(mailbox)
      for (let number = 1; number <= 6; number++) await send(`number ${number}`)
    })

    after(async () => {
      await neighbour?.close()
      await relais?.close()
    })

    it('a session that is open goes on, whatever is read, flagged and removed', async () => {
      const session = await signIn(relais.pop3Port)
      const before = await uidsOf(session)
      await neighbour.see()
      await neighbour.flag('number 2')
      await neighbour.remove('number 3')
      expect(await uidsOf(session)).to.deep.equal(before)
      for (const number of [1, 4, 5, 6])
        if (!(await isThere(session, number))) expect(await isThereLater(`number ${number}`)).to.equal(true)
      expect(await session.pop3('RETR 3')).to.match(/^-ERR /)
      session.hangUp()
    })

    it('the next one has what remains, once, under the same unique-ids', async () => {
      expect(await subjects()).to.deep.equal(['number 1', 'number 2', 'number 4', 'number 5', 'number 6'])
    })

    it('a message that is removed by POP3 is gone for both, and flags stay', async () => {
      const session = await signIn(relais.pop3Port)
      expect(await session.pop3('DELE 1')).to.match(/^\+OK/)
      expect(await session.pop3('QUIT')).to.match(/^\+OK/)
      session.hangUp()
      expect(await neighbour.list()).to.deep.equal(['number 2', 'number 4', 'number 5', 'number 6'])
      expect(flagsOf('number 2')).to.deep.equal(['FS'])
      expect(flagsOf('number 4')).to.deep.equal(['S'])
    })

    it('what either of them adds, both have', async () => {
      await send('number 7')
      const own = 'From: carol@example.org\nSubject: theirs\n\nLF here\n'
      await neighbour.add(own)
      sent.set('theirs', Buffer.from(own.replaceAll('\n', '\r\n')))
      const all = ['number 2', 'number 4', 'number 5', 'number 6', 'number 7', 'theirs']
      expect(await neighbour.list()).to.deep.equal(all)
      expect((await subjects()).toSorted()).to.deep.equal(all)
    })

    it('all three at once lose and double nothing', async () => {
      const work = { isDone: false }
      const sender = (async () => {
        for (let number = 10; number < 10 + BESIDE; number++) await send(`number ${number}`)
        work.isDone = true
      })()
      const other = (async () => {
        while (!work.isDone) await neighbour.see()
      })()
      const reader = (async () => {
        while (!work.isDone) {
          const session = await signIn(relais.pop3Port)
          const uids = await uidsOf(session)
          expect(new Set(uids).size).to.equal(uids.length)
          expect(uids.length).to.be.at.least(6)
          await session.pop3('QUIT')
          await session.closed()
        }
      })()
      await Promise.all([sender, other, reader])
      const all = [...sent.keys()].filter((subject) => !['number 1', 'number 3'].includes(subject)).toSorted()
      expect(await neighbour.list()).to.deep.equal(all)
      expect((await subjects()).toSorted()).to.deep.equal(all)
      expect(flagsOf('number 2')).to.deep.equal(['FS'])
    })

    async function send(subject: string): Promise<void> {
      const bytes = Buffer.from(
        `From: bob@example.org\r\nTo: alice@glo2000.ca\r\nDate: Sat, 21 Nov 2026 12:00:00 +0000\r\nMessage-ID: <${subject.replace(' ', '-')}@example.org>\r\nSubject: ${subject}\r\n\r\n${subject}\r\n.\r\n`,
      )
      sent.set(subject, bytes)
      expect((await sendMessage(relais.smtpPort, { to: ['alice@glo2000.ca'], bytes })).data).to.match(/^250 /)
    }

    /** Fetches a message and compares it; false if the server says that it is not as it was listed. */
    async function isThere(session: Wire, number: number): Promise<boolean> {
      const reply = await session.pop3(`RETR ${number}`)
      if (reply.startsWith('-ERR')) return false
      check(await session.multiline())
      return true
    }

    async function isThereLater(subject: string): Promise<boolean> {
      return (await subjects()).includes(subject)
    }

    /** The subjects of a whole session's messages, each compared with what was sent. */
    async function subjects(): Promise<string[]> {
      const session = await signIn(relais.pop3Port)
      try {
        const uids = await uidsOf(session)
        expect(new Set(uids).size).to.equal(uids.length)
        const found: string[] = []
        for (let number = 1; number <= uids.length; number++) {
          expect(await session.pop3(`RETR ${number}`), `message ${number}`).to.match(/^\+OK/)
          found.push(check(await session.multiline()))
        }
        await session.pop3('QUIT')
        return found
      } finally {
        session.hangUp()
      }
    }

    function check(octets: Buffer): string {
      const subject = /^Subject: (.*)\r$/m.exec(octets.toString())?.[1] ?? ''
      const bytes = sent.get(subject)
      if (bytes === undefined) throw new Error(`nobody has sent ${subject}`)
      if (subject === 'theirs') expect(octets.toString()).to.contain('LF here\r\n')
      else expectUnderTrace(octets, bytes)
      return subject
    }

    /** The flags of a message, wherever it lies: Dovecot gives flags to files in `new/` too. */
    function flagsOf(subject: string): string[] {
      return ['new', 'cur']
        .flatMap((part) => readdirSync(join(mailbox, part)).map((name) => join(mailbox, part, name)))
        .filter((path) => readFileSync(path, 'latin1').split(/\r?\n/).includes(`Subject: ${subject}`))
        .map((path) => /:2,(\w*)$/.exec(path)?.[1] ?? '')
    }
  })

async function uidsOf(session: Wire): Promise<string[]> {
  expect(await session.pop3('UIDL')).to.match(/^\+OK/)
  return (await session.multiline())
    .toString()
    .split('\r\n')
    .filter((line) => line !== '')
    .map((line) => line.split(' ')[1] ?? '')
}
