import { expect } from 'chai'
import type { Accounts } from '../../../src/accounts/accounts.ts'
import { GatewayError } from '../../../src/base/errors.ts'
import { createPop3Backend } from '../../../src/gateway/pop3-backend.ts'
import type { MaildropEntry, MailboxStore } from '../../../src/ports/mailbox-store.ts'
import type { TrailEntry } from '../../../src/ports/mail-trail.ts'
import { failureOf } from '../../contract/support/failure-of.ts'

const notAsked = async (): Promise<never> => {
  throw new Error('the backend has no business with this')
}
const ENTRIES: readonly MaildropEntry[] = [
  { number: 1, uid: 'one', octets: 10 },
  { number: 2, uid: 'two', octets: 20 },
]

/** A house in which some messages cannot be removed. */
function house(stuck: readonly MaildropEntry[] = []) {
  const trail: TrailEntry[] = []
  const opened: string[] = []
  const account = {
    name: 'Alice',
    key: 'alice',
    passwordRecord: '',
    createdAt: new Date(0),
    role: 'member' as const,
    locked: false,
    quotaOctets: undefined,
    retentionDays: undefined,
  }
  const accounts: Pick<Accounts, 'signIn'> = {
    async signIn(name, password) {
      if (password !== 'right') throw new GatewayError('sign-in.refused', 'wrong name or password')
      opened.push(`sign in ${name}`)
      return account
    },
  }
  const mailboxes: MailboxStore = {
    async openMaildrop(key) {
      opened.push(`open ${key}`)
      return {
        entries: ENTRIES,
        open: notAsked,
        remove: async (entries) => entries.filter((entry) => stuck.includes(entry)),
        close: async () => void opened.push(`close ${key}`),
      }
    },
    create: notAsked,
    retire: notAsked,
    isEmpty: notAsked,
    begin: notAsked,
    usedOctets: notAsked,
    view: notAsked,
    freeOctets: notAsked,
    close: notAsked,
  }
  const backend = createPop3Backend(accounts, mailboxes, {
    record: (entry) => void trail.push(entry),
    close: async () => {},
  })
  const signIn = (password: string) =>
    backend.signIn({ name: 'Alice', password }, { address: '127.0.0.1', port: 1 })
  return { signIn, trail, opened }
}

describe('what POP3 asks of the house', () => {
  it('is a maildrop by the account’s key, which is given back', async () => {
    const { signIn, opened } = house()
    const maildrop = await signIn('right')
    expect(maildrop.entries).to.deep.equal(ENTRIES)
    await maildrop.close()
    expect(opened).to.deep.equal(['sign in Alice', 'open alice', 'close alice'])
  })

  it('is no maildrop without the right password', async () => {
    const { signIn, opened } = house()
    expect(await failureOf(signIn('wrong'))).to.equal('sign-in.refused')
    expect(opened).to.deep.equal([])
  })

  it('is one line in the trail for what was removed, and none for what is still there', async () => {
    const [first, second] = ENTRIES
    if (first === undefined || second === undefined) throw new Error('no entries')
    const { signIn, trail } = house([second])
    const maildrop = await signIn('right')
    expect(await maildrop.remove([first, second])).to.deep.equal([second])
    expect(trail).to.deep.equal([{ event: 'removed', account: 'alice', uids: ['one'] }])
    expect(await maildrop.remove([second])).to.deep.equal([second])
    expect(await maildrop.remove([])).to.deep.equal([])
    expect(trail).to.have.length(1)
  })
})
