import { expect } from 'chai'
import type { MailboxId, MailboxStore } from '../../src/ports/mailbox-store.ts'
import { createMemoryMailboxStore } from '../../src/storage/memory/memory-mailbox-store.ts'
import { mailboxStoreContract } from './mailbox-store.ts'
import { failureOf } from './support/failure-of.ts'
import { messageOf, octetsOf, textOf } from './support/octets.ts'

const ALICE: MailboxId = { kind: 'account', key: 'alice' }

describe('memory', () => {
  mailboxStoreContract('memory', async () => {
    const store = createMemoryMailboxStore()
    return {
      store,
      breakMailbox: async (key) => void (await store.retire(key, 'delete')),
      async traces() {
        const there = ['alice', 'bob', 'carol'].map((key): MailboxId => ({ kind: 'account', key }))
        const views = await Promise.allSettled([...there, { kind: 'lost' as const }].map(store.view))
        return views.flatMap((view) =>
          view.status === 'fulfilled' ? view.value.entries.map(({ uid }) => uid) : [],
        )
      },
    }
  })

  describe('a mailbox store in memory', () => {
    let store: MailboxStore

    beforeEach(async () => {
      store = createMemoryMailboxStore()
      await store.create('alice', { adopt: false })
    })

    async function deliver(text: string): Promise<void> {
      const message = await store.begin([ALICE])
      await message.write(octetsOf(text))
      await message.commit()
      await message.abort()
    }

    async function texts(mailbox: MailboxId): Promise<readonly string[]> {
      const view = await store.view(mailbox)
      return Promise.all(view.entries.map(async (entry) => textOf((await view.open(entry)).chunks())))
    }

    it('knows nothing of another one', async () => {
      await deliver(messageOf(100))
      const other = createMemoryMailboxStore()
      expect(await other.isEmpty('alice')).to.equal(true)
      expect(await failureOf(other.view(ALICE))).to.equal('store.unavailable')
    })

    it('keeps the mail of a removed account under the key that it answers', async () => {
      await deliver(messageOf(100))
      const key = (await store.retire('alice', 'keep')) ?? ''
      await store.create('alice', { adopt: false })
      await deliver(messageOf(200))
      expect(await texts({ kind: 'account', key })).to.deep.equal([messageOf(100)])
    })

    it('reads a message to its end that is removed meanwhile', async () => {
      await deliver(messageOf(200_000))
      const maildrop = await store.openMaildrop('alice', { waitMs: 0 })
      const [entry] = maildrop.entries
      if (entry === undefined) throw new Error('no entry')
      const message = await maildrop.open(entry)
      await maildrop.remove([entry])
      expect(await textOf(message.chunks())).to.equal(messageOf(200_000))
    })

    it('takes nothing more for a message that is over', async () => {
      const message = await store.begin([ALICE])
      await message.commit()
      for (const late of [message.write(octetsOf('a')), message.commit()]) {
        const error: unknown = await late.catch((thrown: unknown) => thrown)
        expect(error).to.be.an('error').with.property('message').that.contains('already')
      }
      await message.abort()
      expect(await texts(ALICE)).to.deep.equal([''])
    })

    it('forgets everything when it is closed', async () => {
      await deliver(messageOf(100))
      await store.close()
      expect(await store.isEmpty('alice')).to.equal(true)
    })
  })
})
