import { expect } from 'chai'
import type { Maildrop as StoredMaildrop } from '../../../src/ports/mailbox-store.ts'
import type { Pop3Backend } from '../../../src/pop3/backend.ts'
import { createFakeBackend } from '../../dialog/support/fake-backend.ts'

describe('POP3 backend', () => {
  it('takes a maildrop of the mailbox store as it is', async () => {
    const fake = createFakeBackend({ alice: { password: 'x', messages: [] } })
    const stored: StoredMaildrop = {
      entries: [],
      open: () => Promise.reject(new Error('there is none')),
      remove: () => Promise.resolve([]),
      arrivedBefore: () => [],
      markSeen: () => Promise.resolve(),
      close: () => Promise.resolve(),
    }
    // That this compiles is the test: the shapes are declared twice and have to stay the same.
    const backend: Pop3Backend = { ...fake, signIn: async (): Promise<StoredMaildrop> => stored }
    expect(await backend.signIn({ name: '', password: '' }, { address: '', port: 0 })).to.equal(stored)
  })
})
