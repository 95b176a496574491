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
function house({
  stuck = [],
  markSeen = true,
  inUse = false,
}: { stuck?: readonly MaildropEntry[]; markSeen?: boolean; inUse?: boolean } = {}) {
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
  const revoke = new AbortController()
  const accounts: Pick<Accounts, 'signIn' | 'authenticate' | 'holdSession'> = {
    authenticate: () => ({
      async respond(response) {
        if (response === undefined) return { kind: 'challenge', octets: Buffer.from('who?') }
        if (String(response) !== 'right') throw new GatewayError('sign-in.refused', 'wrong name or password')
        return { kind: 'done', outcome: account }
      },
      abandon: () => void opened.push('abandon'),
    }),
    holdSession: () => ({ revoked: revoke.signal, release: () => void opened.push('release') }),
    async signIn(name, password) {
      if (password !== 'right') throw new GatewayError('sign-in.refused', 'wrong name or password')
      opened.push(`sign in ${name}`)
      return account
    },
  }
  const mailboxes: MailboxStore = {
    async openMaildrop(key, { waitMs }) {
      opened.push(`open ${key}, wait ${waitMs}`)
      if (inUse) throw new GatewayError('maildrop.in-use', 'in use')
      return {
        entries: ENTRIES,
        open: notAsked,
        remove: async (entries) => entries.filter((entry) => stuck.includes(entry)),
        arrivedBefore: () => [],
        markSeen: async (entries) => void opened.push(`mark ${entries.map(({ uid }) => uid).join(' ')}`),
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
  const backend = createPop3Backend(
    accounts,
    mailboxes,
    { record: (entry) => void trail.push(entry), close: async () => {} },
    {
      inUseWaitMs: 3000,
      markSeen,
      loginDelay: {
        demand: (key) => void opened.push(`delay ${key}`),
        note: (key) => void opened.push(`note ${key}`),
      },
      expireDaysOf: () => 30,
    },
  )
  const signIn = (password: string) =>
    backend.signIn({ name: 'Alice', password }, { address: '127.0.0.1', port: 1 })
  const authenticate = () => backend.authenticate('PLAIN', { address: '127.0.0.1', port: 1 })
  return { signIn, authenticate, trail, opened, revoke }
}

describe('what POP3 asks of the house', () => {
  it('is a maildrop by the account’s key, which is given back', async () => {
    const { signIn, opened } = house()
    const maildrop = await signIn('right')
    expect(maildrop.entries).to.deep.equal(ENTRIES)
    expect(maildrop.expireDays).to.equal(30)
    await maildrop.close()
    expect(opened).to.deep.equal([
      'sign in Alice',
      'delay alice',
      'open alice, wait 3000',
      'note alice',
      'release',
      'close alice',
    ])
  })

  it('is a maildrop at the end of a SASL exchange', async () => {
    const { authenticate, opened } = house()
    const exchange = authenticate()
    expect(await exchange.respond(undefined)).to.deep.equal({
      kind: 'challenge',
      octets: Buffer.from('who?'),
    })
    const reply = await exchange.respond(Buffer.from('right'))
    if (reply.kind !== 'done') throw new Error('not done')
    expect(reply.outcome).to.include({ account: 'alice' })
    await reply.outcome.close()
    expect(opened).to.deep.equal([
      'delay alice',
      'open alice, wait 3000',
      'note alice',
      'release',
      'close alice',
    ])
    expect(await failureOf(authenticate().respond(Buffer.from('wrong')))).to.equal('sign-in.refused')
    authenticate().abandon()
    expect(opened.at(-1)).to.equal('abandon')
  })

  it('tells when the account is gone, and counts no session and no sign-in when the maildrop is in use', async () => {
    const { signIn, revoke } = house()
    const maildrop = await signIn('right')
    revoke.abort()
    expect(maildrop.revoked?.aborted).to.equal(true)
    const busy = house({ inUse: true })
    expect(await failureOf(busy.signIn('right'))).to.equal('maildrop.in-use')
    expect(busy.opened).to.deep.equal(['sign in Alice', 'delay alice', 'open alice, wait 3000', 'release'])
  })

  it('is no maildrop without the right password', async () => {
    const { signIn, opened } = house()
    expect(await failureOf(signIn('wrong'))).to.equal('sign-in.refused')
    expect(opened).to.deep.equal([])
  })

  it('marks what was retrieved, unless that is switched off', async () => {
    const { signIn, opened } = house()
    await (await signIn('right')).markSeen?.(ENTRIES)
    expect(opened.at(-1)).to.equal('mark one two')
    const without = await house({ markSeen: false }).signIn('right')
    expect(without.markSeen).to.equal(undefined)
  })

  it('is one line in the trail for what was removed, and none for what is still there', async () => {
    const [first, second] = ENTRIES
    if (first === undefined || second === undefined) throw new Error('no entries')
    const { signIn, trail } = house({ stuck: [second] })
    const maildrop = await signIn('right')
    expect(await maildrop.remove([first, second])).to.deep.equal([second])
    expect(trail).to.deep.equal([{ event: 'removed', account: 'alice', uids: ['one'] }])
    expect(await maildrop.remove([second])).to.deep.equal([second])
    expect(await maildrop.remove([])).to.deep.equal([])
    expect(trail).to.have.length(1)
  })
})
