import { expect } from 'chai'
import { readMailbox } from '../../../src/gateway/read-mailbox.ts'
import type { MailboxId } from '../../../src/ports/mailbox-store.ts'
import { createMemoryMailboxStore } from '../../../src/storage/memory/memory-mailbox-store.ts'
import { failureOf } from '../../contract/support/failure-of.ts'
import { octetsOf } from '../../contract/support/octets.ts'

const ALICE: MailboxId = { kind: 'account', key: 'alice' }

describe('reading a whole mailbox', () => {
  async function holding(...texts: readonly string[]) {
    const store = createMemoryMailboxStore()
    await store.create('alice', { adopt: false })
    for (const text of texts) {
      const message = await store.begin([ALICE])
      await message.write(octetsOf(text))
      await message.commit()
    }
    return store
  }

  it('gives every message by arrival, in a copy', async () => {
    const store = await holding('one', '', 'three')
    const messages = await readMailbox(store, ALICE)
    expect(messages.map(String)).to.deep.equal(['one', '', 'three'])
    messages[0]?.fill(0)
    expect((await readMailbox(store, ALICE)).map(String)).to.deep.equal(['one', '', 'three'])
  })

  it('leaves out what a session removes meanwhile', async () => {
    const store = await holding('one', 'two')
    const view = await store.view(ALICE)
    const maildrop = await store.openMaildrop('alice', { waitMs: 0 })
    await maildrop.remove(maildrop.entries.slice(0, 1))
    expect((await readMailbox({ view: async () => view }, ALICE)).map(String)).to.deep.equal(['two'])
  })

  it('fails by name where there is no mailbox', async () => {
    expect(await failureOf(readMailbox(createMemoryMailboxStore(), ALICE))).to.equal('store.unavailable')
  })
})
