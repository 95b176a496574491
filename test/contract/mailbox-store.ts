/** Every promise of `ports/mailbox-store.ts`, once, for every engine. */
import { expect } from 'chai'
import { failureCode } from '../../src/base/errors.ts'
import type {
  IncomingMessage,
  MailboxId,
  MailboxStore,
  MailboxView,
  Maildrop,
  StoreOutcome,
} from '../../src/ports/mailbox-store.ts'
import { failureOf } from './support/failure-of.ts'
import { messageOf, octetsOf, textOf } from './support/octets.ts'

/** A store of its own for one test, and what another program could do to it behind its back. */
export interface StoreUnderTest {
  readonly store: MailboxStore
  /** Makes every later delivery into a mailbox fail; `create` with `adopt` mends it. */
  breakMailbox(key: string): Promise<void>
  /** Whatever is left anywhere of deliveries that showed nothing. */
  traces(): Promise<readonly string[]>
}

const SMALL = messageOf(200)
/** More than an engine with files holds back before it writes. */
const LARGE = messageOf(200_000)

const account = (key: string): MailboxId => ({ kind: 'account', key })

export function mailboxStoreContract(engine: string, open: () => Promise<StoreUnderTest>): void {
  describe(`the mailbox store on ${engine}`, () => {
    let place: StoreUnderTest
    let store: MailboxStore

    beforeEach(async () => {
      place = await open()
      store = place.store
      for (const key of ['alice', 'bob', 'carol']) await store.create(key, { adopt: false })
    })
    afterEach(async () => {
      await store.close()
    })

    async function write(message: IncomingMessage, text: string): Promise<void> {
      const octets = octetsOf(text)
      for (let at = 0; at < octets.length; at += 7000) await message.write(octets.subarray(at, at + 7000))
    }

    async function deliver(keys: readonly string[], text: string): Promise<readonly StoreOutcome[]> {
      const message = await store.begin(keys.map(account))
      await write(message, text)
      const outcomes = await message.commit()
      await message.abort()
      return outcomes
    }

    async function withMaildrop<Result>(
      key: string,
      work: (drop: Maildrop) => Promise<Result>,
    ): Promise<Result> {
      const maildrop = await store.openMaildrop(key, { waitMs: 0 })
      try {
        return await work(maildrop)
      } finally {
        await maildrop.close()
      }
    }

    async function readAt(view: MailboxView, index: number): Promise<string> {
      const entry = view.entries[index]
      if (entry === undefined) throw new Error(`no entry at ${index}`)
      const message = await view.open(entry)
      try {
        const chunks: Buffer[] = []
        for await (const chunk of message.chunks()) {
          expect(chunk.length).to.be.within(1, 65_536)
          chunks.push(chunk)
        }
        const text = Buffer.concat(chunks).toString('latin1')
        expect(text.length, 'octets announced').to.equal(entry.octets)
        return text
      } finally {
        await message.close()
      }
    }

    const readAll = (view: MailboxView): Promise<readonly string[]> =>
      Promise.all(view.entries.map((_, index) => readAt(view, index)))
    const messagesOf = (key: string): Promise<readonly string[]> => withMaildrop(key, readAll)
    const seenIn = async (mailbox: MailboxId): Promise<readonly string[]> =>
      readAll(await store.view(mailbox))
    const lost = (): Promise<readonly string[]> => seenIn({ kind: 'lost' })

    describe('a delivery', () => {
      for (const [size, text] of [
        ['small', SMALL],
        ['large', LARGE],
        ['empty', ''],
      ] as const) {
        it(`puts a ${size} message into every mailbox, octet for octet`, async () => {
          expect(await deliver(['alice', 'bob'], text)).to.deep.equal([
            { mailbox: account('alice'), stored: true },
            { mailbox: account('bob'), stored: true },
          ])
          expect(await messagesOf('alice')).to.deep.equal([text])
          expect(await messagesOf('bob')).to.deep.equal([text])
          expect(await messagesOf('carol')).to.deep.equal([])
          expect(await lost()).to.deep.equal([])
        })

        it(`shows nothing of a ${size} message before the commit`, async () => {
          const message = await store.begin([account('alice'), { kind: 'lost' }])
          await write(message, text)
          expect(await messagesOf('alice')).to.deep.equal([])
          expect(await lost()).to.deep.equal([])
          await message.commit()
          expect(await messagesOf('alice')).to.deep.equal([text])
          await message.abort()
        })

        it(`leaves no trace of a ${size} message that was aborted`, async () => {
          const message = await store.begin([account('alice'), { kind: 'lost' }])
          await write(message, text)
          await message.abort()
          expect(await place.traces()).to.deep.equal([])
        })

        it(`gives a ${size} message back before the commit`, async () => {
          const message = await store.begin([account('alice')])
          await write(message, text)
          expect(await textOf(message.read())).to.equal(text)
          await message.abort()
        })

        it(`into one mailbox that is broken of three: the others get a ${size} message, and it can still be read`, async () => {
          await place.breakMailbox('bob')
          const message = await store.begin(['alice', 'bob', 'carol'].map(account))
          await write(message, text)
          const outcomes = await message.commit()
          expect(outcomes.map(({ stored }) => stored)).to.deep.equal([true, false, true])
          expect(outcomes.map(({ mailbox }) => mailbox)).to.deep.equal(['alice', 'bob', 'carol'].map(account))
          for (const outcome of outcomes)
            if (!outcome.stored) expect(outcome.cause).to.include({ code: 'store.unavailable' })
          expect(await textOf(message.read())).to.equal(text)
          await message.abort()
          expect(await messagesOf('alice')).to.deep.equal([text])
          expect(await messagesOf('carol')).to.deep.equal([text])
        })

        it(`into a broken mailbox named first: the others get a ${size} message`, async () => {
          await place.breakMailbox('alice')
          const outcomes = await deliver(['alice', 'bob'], text)
          expect(outcomes.map(({ stored }) => stored)).to.deep.equal([false, true])
          expect(await messagesOf('bob')).to.deep.equal([text])
        })
      }

      it('into nothing but a broken mailbox is an outcome, and a small message can still be read', async () => {
        await place.breakMailbox('bob')
        const message = await store.begin([account('bob')])
        await write(message, SMALL)
        expect((await message.commit()).map(({ stored }) => stored)).to.deep.equal([false])
        expect(await textOf(message.read())).to.equal(SMALL)
        await message.abort()
      })

      it('of a large message into nothing but a broken mailbox fails by name or as an outcome, and nobody has it', async () => {
        await place.breakMailbox('bob')
        const message = await store.begin([account('bob')])
        const attempt = async (): Promise<never> => {
          await write(message, LARGE)
          const [outcome] = await message.commit()
          if (outcome?.stored !== false) throw new Error('it did not fail')
          throw outcome.cause
        }
        expect(await failureOf(attempt())).to.equal('store.unavailable')
        await message.abort()
        expect(await place.traces()).to.deep.equal([])
      })

      it('reaches the lost folder, alone or beside accounts', async () => {
        const message = await store.begin([{ kind: 'lost' }, account('alice')])
        await message.write(octetsOf(SMALL))
        expect((await message.commit()).map(({ mailbox }) => mailbox)).to.deep.equal([
          { kind: 'lost' },
          account('alice'),
        ])
        await message.abort()
        expect(await lost()).to.deep.equal([SMALL])
        expect(await messagesOf('alice')).to.deep.equal([SMALL])
      })

      it('keeps what it has shown when it is aborted after the commit', async () => {
        const message = await store.begin([account('alice')])
        await message.write(octetsOf(SMALL))
        await message.commit()
        await message.abort()
        await message.abort()
        expect(await messagesOf('alice')).to.deep.equal([SMALL])
      })

      it('may reuse the memory of a chunk once it is written', async () => {
        const message = await store.begin([account('alice')])
        const chunk = octetsOf(SMALL)
        await message.write(chunk)
        chunk.fill(0)
        await message.commit()
        await message.abort()
        expect(await messagesOf('alice')).to.deep.equal([SMALL])
      })

      it('has an id of 1 to 70 printable octets before the first octet, never one twice', async () => {
        const messages = await Promise.all(Array.from({ length: 50 }, () => store.begin([account('alice')])))
        for (const { id } of messages) expect(id).to.match(/^[!-~]{1,70}$/)
        expect(new Set(messages.map(({ id }) => id)).size).to.equal(50)
        for (const message of messages) await message.abort()
      })
    })

    describe('a maildrop', () => {
      it('is empty at first', async () => {
        expect(await withMaildrop('alice', async ({ entries }) => entries)).to.deep.equal([])
      })

      it('numbers messages from 1 by arrival, with unique-ids that stay over sessions', async () => {
        for (const octets of [100, 300, 200]) await deliver(['alice'], messageOf(octets))
        const first = await withMaildrop('alice', async ({ entries }) => entries)
        expect(first.map(({ number, octets }) => [number, octets])).to.deep.equal([
          [1, 100],
          [2, 300],
          [3, 200],
        ])
        for (const { uid } of first) expect(uid).to.match(/^[!-~]{1,70}$/)
        expect(new Set(first.map(({ uid }) => uid)).size).to.equal(3)
        expect(await withMaildrop('alice', async ({ entries }) => entries)).to.deep.equal(first)
      })

      it('stands still while mail arrives', async () => {
        await deliver(['alice'], SMALL)
        await withMaildrop('alice', async (maildrop) => {
          const before = structuredClone(maildrop.entries)
          await deliver(['alice'], LARGE)
          expect(maildrop.entries).to.deep.equal(before)
          expect(await readAt(maildrop, 0)).to.equal(SMALL)
        })
        expect(await messagesOf('alice')).to.deep.equal([SMALL, LARGE])
      })

      for (const [what, text] of [
        ['no octets', ''],
        ['NULs', 'a\0\0\r\n\0\r\n'],
        ['leading dots', '.\r\n..\r\n.a\r\n\r\n.'],
        ['bare CR', 'a\rb\r\r\n\r'],
        ['no line end last', 'Subject: a\r\n\r\nb'],
        ['octets above 127', '\x80\xff\r\n\xe9'],
      ] as const) {
        it(`announces and gives out as many octets as came in: ${what}`, async () => {
          await deliver(['alice'], text)
          expect(await messagesOf('alice')).to.deep.equal([text])
        })
      }

      it('goes on as it was after messages were marked as read, also when some are gone', async () => {
        for (const octets of [100, 200, 300]) await deliver(['alice'], messageOf(octets))
        const before = await withMaildrop('alice', async (maildrop) => {
          await maildrop.markSeen(maildrop.entries.slice(1))
          await maildrop.remove(maildrop.entries.slice(0, 1))
          await maildrop.markSeen(maildrop.entries)
          expect(await readAt(maildrop, 1)).to.equal(messageOf(200))
          expect(await readAt(maildrop, 2)).to.equal(messageOf(300))
          return maildrop.entries
        })
        const after = await withMaildrop('alice', async ({ entries }) => entries)
        expect(after.map(({ uid, octets }) => [uid, octets])).to.deep.equal(
          before.slice(1).map(({ uid, octets }) => [uid, octets]),
        )
      })

      it('tells which messages arrived before a time', async () => {
        await deliver(['alice'], SMALL)
        await withMaildrop('alice', async (maildrop) => {
          expect(maildrop.arrivedBefore(new Date(Date.now() - 60_000))).to.deep.equal([])
          expect(maildrop.arrivedBefore(new Date(Date.now() + 60_000))).to.deep.equal(maildrop.entries)
        })
      })

      it('marks messages as read also when it is closed already, and by then somebody else’s', async () => {
        await deliver(['alice'], SMALL)
        const first = await store.openMaildrop('alice', { waitMs: 0 })
        await first.close()
        await withMaildrop('alice', async (second) => {
          await first.markSeen(first.entries)
          expect(await readAt(second, 0)).to.equal(SMALL)
        })
      })

      it('reads one message as often as it is asked', async () => {
        await deliver(['alice'], LARGE)
        await withMaildrop('alice', async (maildrop) => {
          const [one, two] = await Promise.all([readAt(maildrop, 0), readAt(maildrop, 0)])
          expect(one).to.equal(LARGE)
          expect(two).to.equal(LARGE)
        })
      })

      it('removes exactly the messages that were named', async () => {
        for (const octets of [100, 200, 300, 400]) await deliver(['alice'], messageOf(octets))
        await withMaildrop('alice', async (maildrop) => {
          const doomed = maildrop.entries.filter(({ number }) => number === 1 || number === 3)
          expect(await maildrop.remove(doomed)).to.deep.equal([])
          expect(maildrop.entries.map(({ number }) => number)).to.deep.equal([1, 2, 3, 4])
          expect(await readAt(maildrop, 1)).to.equal(messageOf(200))
        })
        expect(await messagesOf('alice')).to.deep.equal([messageOf(200), messageOf(400)])
      })

      it('counts a message that is gone already as removed', async () => {
        await deliver(['alice'], SMALL)
        await withMaildrop('alice', async (maildrop) => {
          await maildrop.remove(maildrop.entries)
          expect(await maildrop.remove(maildrop.entries)).to.deep.equal([])
          expect(await maildrop.remove([])).to.deep.equal([])
        })
      })

      it('says that a removed message is gone when it is opened', async () => {
        await deliver(['alice'], SMALL)
        await withMaildrop('alice', async (maildrop) => {
          await maildrop.remove(maildrop.entries)
          expect(await failureOf(readAt(maildrop, 0))).to.equal('message.gone')
        })
      })

      it('removes a message from one account and leaves the others theirs', async () => {
        await deliver(['alice', 'bob'], SMALL)
        await withMaildrop('alice', (maildrop) => maildrop.remove(maildrop.entries))
        expect(await messagesOf('alice')).to.deep.equal([])
        expect(await messagesOf('bob')).to.deep.equal([SMALL])
      })

      it('is held by one session alone, each account for itself', async () => {
        await withMaildrop('alice', async () => {
          expect(await failureOf(store.openMaildrop('alice', { waitMs: 0 }))).to.equal('maildrop.in-use')
          expect(await failureOf(store.openMaildrop('alice', { waitMs: 5 }))).to.equal('maildrop.in-use')
          expect(await messagesOf('bob')).to.deep.equal([])
        })
        expect(await messagesOf('alice')).to.deep.equal([])
      })

      it('waits for the session that holds it, in the order of asking', async () => {
        const first = await store.openMaildrop('alice', { waitMs: 0 })
        const order: string[] = []
        const waiting = ['second', 'third'].map(async (name) => {
          const maildrop = await store.openMaildrop('alice', { waitMs: 5000 })
          order.push(name)
          await maildrop.close()
        })
        await deliver(['alice'], SMALL)
        expect(order).to.deep.equal([])
        await first.close()
        await Promise.all(waiting)
        expect(order).to.deep.equal(['second', 'third'])
        expect(await messagesOf('alice')).to.deep.equal([SMALL])
      })

      it('goes to the next in line when somebody before it gave up', async () => {
        const first = await store.openMaildrop('alice', { waitMs: 0 })
        const impatient = failureOf(store.openMaildrop('alice', { waitMs: 1 }))
        const patient = store.openMaildrop('alice', { waitMs: 5000 })
        expect(await impatient).to.equal('maildrop.in-use')
        await first.close()
        await (await patient).close()
      })

      it('closed twice is given back once', async () => {
        const first = await store.openMaildrop('alice', { waitMs: 0 })
        await first.close()
        const second = await store.openMaildrop('alice', { waitMs: 0 })
        await first.close()
        expect(await failureOf(store.openMaildrop('alice', { waitMs: 0 }))).to.equal('maildrop.in-use')
        await second.close()
      })

      it('of a broken mailbox is unavailable by name, and is not held afterwards', async () => {
        await place.breakMailbox('alice')
        for (let attempt = 0; attempt < 2; attempt += 1)
          expect(await failureOf(store.openMaildrop('alice', { waitMs: 0 }))).to.equal('store.unavailable')
        await store.create('alice', { adopt: true })
        expect(await messagesOf('alice')).to.deep.equal([])
      })
    })

    describe('a view', () => {
      it('shows what a maildrop shows, of an account and of the lost folder', async () => {
        const message = await store.begin([account('alice'), { kind: 'lost' }])
        await write(message, LARGE)
        await message.commit()
        await message.abort()
        await deliver(['alice'], SMALL)
        const { entries } = await store.view(account('alice'))
        expect(entries).to.deep.equal(await withMaildrop('alice', async (maildrop) => maildrop.entries))
        expect(await seenIn(account('alice'))).to.deep.equal([LARGE, SMALL])
        expect(await lost()).to.deep.equal([LARGE])
      })

      it('waits for no session, and none waits for it', async () => {
        await deliver(['alice'], SMALL)
        await withMaildrop('alice', async (maildrop) => {
          const view = await store.view(account('alice'))
          expect(await readAt(view, 0)).to.equal(SMALL)
          await maildrop.remove(maildrop.entries)
          expect(view.entries).to.have.length(1)
          expect(await failureOf(readAt(view, 0))).to.equal('message.gone')
        })
        await store.view(account('alice'))
        expect(await messagesOf('alice')).to.deep.equal([])
      })

      it('stands still while mail arrives', async () => {
        const view = await store.view(account('alice'))
        await deliver(['alice'], SMALL)
        expect(view.entries).to.deep.equal([])
      })

      it('of lost/ removes exactly the messages that were named, whoever looks as well', async () => {
        for (const octets of [100, 200, 300]) {
          const message = await store.begin([{ kind: 'lost' }])
          await write(message, messageOf(octets))
          await message.commit()
          await message.abort()
        }
        const [view, other] = [await store.view({ kind: 'lost' }), await store.view({ kind: 'lost' })]
        expect(await view.remove(view.entries.slice(1, 2))).to.deep.equal([])
        expect(await lost()).to.deep.equal([messageOf(100), messageOf(300)])
        expect(await failureOf(readAt(other, 1))).to.equal('message.gone')
        expect(await other.remove(other.entries.slice(1))).to.deep.equal([])
        expect(await lost()).to.deep.equal([messageOf(100)])
      })

      it('of a mailbox that is not there is unavailable by name', async () => {
        expect(await failureOf(store.view(account('dave')))).to.equal('store.unavailable')
      })
    })

    describe('an account’s mailbox', () => {
      it('is not made twice', async () => {
        await deliver(['alice'], SMALL)
        expect(await failureOf(store.create('alice', { adopt: false }))).to.equal('account.exists')
        expect(await messagesOf('alice')).to.deep.equal([SMALL])
      })

      it('is taken over with its mail when it is adopted', async () => {
        await deliver(['alice'], SMALL)
        await store.create('alice', { adopt: true })
        expect(await messagesOf('alice')).to.deep.equal([SMALL])
      })

      it('may be adopted where there is none', async () => {
        await store.create('dave', { adopt: true })
        expect(await messagesOf('dave')).to.deep.equal([])
      })

      it('is empty until it holds a message, and where there is none', async () => {
        expect(await store.isEmpty('alice')).to.equal(true)
        expect(await store.isEmpty('dave')).to.equal(true)
        await deliver(['alice'], SMALL)
        expect(await store.isEmpty('alice')).to.equal(false)
      })

      it('retired with its mail kept is out of the way, and tells where the mail is', async () => {
        await deliver(['alice'], SMALL)
        expect(await store.retire('alice', 'keep'))
          .to.be.a('string')
          .and.contain('alice')
        expect(await store.isEmpty('alice')).to.equal(true)
        await store.create('alice', { adopt: false })
        expect(await messagesOf('alice')).to.deep.equal([])
      })

      it('can be retired with its mail kept again and again', async () => {
        const places = new Set<string | undefined>()
        for (let time = 0; time < 3; time += 1) {
          await deliver(['alice'], SMALL)
          places.add(await store.retire('alice', 'keep'))
          await store.create('alice', { adopt: false })
        }
        expect(places.size).to.equal(3)
      })

      it('retired with its mail deleted leaves nothing', async () => {
        await deliver(['alice', 'bob'], SMALL)
        expect(await store.retire('alice', 'delete')).to.equal(undefined)
        await store.create('alice', { adopt: false })
        expect(await messagesOf('alice')).to.deep.equal([])
        expect(await messagesOf('bob')).to.deep.equal([SMALL])
      })

      it('is retired once the session that holds its maildrop has given it back', async () => {
        await deliver(['alice'], SMALL)
        const maildrop = await store.openMaildrop('alice', { waitMs: 0 })
        let retired = false
        const retirement = store.retire('alice', 'keep').then((place) => ((retired = true), place))
        expect(await maildrop.remove(maildrop.entries)).to.deep.equal([])
        expect(retired).to.equal(false)
        await maildrop.close()
        expect(await retirement).to.contain('alice')
      })

      it('that does not exist is retired without a word', async () => {
        expect(await store.retire('dave', 'keep')).to.equal(undefined)
        expect(await store.retire('dave', 'delete')).to.equal(undefined)
      })

      it('takes no mail once it is retired', async () => {
        await store.retire('alice', 'delete')
        expect((await deliver(['alice'], SMALL)).map(({ stored }) => stored)).to.deep.equal([false])
        expect(await store.isEmpty('alice')).to.equal(true)
      })
    })

    describe('a quota', () => {
      const octets = octetsOf(SMALL).length

      async function deliverWithin(quotas: Readonly<Record<string, number>>, text: string) {
        const message = await store.begin(
          Object.entries(quotas).map(([key, quotaOctets]) => ({ ...account(key), quotaOctets })),
        )
        await write(message, text)
        const outcomes = await message.commit()
        const kept = await textOf(message.read())
        await message.abort()
        return {
          kept,
          outcomes: outcomes.map((outcome) => (outcome.stored ? 'stored' : failureCode(outcome.cause))),
        }
      }

      for (const [size, text] of [
        ['small', SMALL],
        ['large', LARGE],
      ] as const) {
        it(`refuses a ${size} message that would go past it, and only for that mailbox`, async () => {
          const length = octetsOf(text).length
          const { outcomes, kept } = await deliverWithin({ alice: length - 1, bob: length, carol: 0 }, text)
          expect(outcomes).to.deep.equal(['mailbox.full', 'stored', 'stored'])
          expect(kept).to.equal(text)
          expect(await Promise.all(['alice', 'bob', 'carol'].map((key) => store.isEmpty(key)))).to.deep.equal(
            [true, false, false],
          )
        })
      }

      it('counts what the mailbox holds already, and what was removed no more', async () => {
        const quota = { alice: 2 * octets }
        for (const expected of ['stored', 'stored', 'mailbox.full'])
          expect((await deliverWithin(quota, SMALL)).outcomes).to.deep.equal([expected])
        expect(await store.usedOctets('alice')).to.equal(2 * octets)
        await withMaildrop('alice', (drop) => drop.remove(drop.entries.slice(0, 1)))
        expect(await store.usedOctets('alice')).to.equal(octets)
        expect((await deliverWithin(quota, SMALL)).outcomes).to.deep.equal(['stored'])
      })

      it('of a mailbox that is not there cannot be told', async () => {
        expect(await failureOf(store.usedOctets('dave'))).to.equal('store.unavailable')
      })
    })

    it('tells how much of its disk is free', async () => {
      const { free, total } = await store.freeOctets()
      expect(total).to.be.above(0)
      expect(free).to.be.within(0, total)
    })
  })
}
