import { expect } from 'chai'
import type { Recipient } from '../../../src/accounts/accounts.ts'
import { GatewayError } from '../../../src/base/errors.ts'
import { createRedelivery } from '../../../src/delivery/redelivery.ts'
import { lostBlock, type LostCircumstances } from '../../../src/lost/block.ts'
import { createLostFolder, type LostEntry } from '../../../src/lost/lost-folder.ts'
import type { MailboxId, MailboxStore } from '../../../src/ports/mailbox-store.ts'
import type { TrailEntry } from '../../../src/ports/mail-trail.ts'
import { createMemoryMailboxStore } from '../../../src/storage/memory/memory-mailbox-store.ts'
import { failureOf } from '../../contract/support/failure-of.ts'

const MESSAGE =
  'Return-Path: <dave@example.org>\r\nReceived: x\r\nX-Relais-Lost-Reason: forged\r\n\r\nb\xe9\r\n.\r\n'
const LOST: MailboxId = { kind: 'lost' }

/** Which mailbox fails, and what happens in which order. */
interface Watched {
  readonly failing: Set<string>
  readonly steps: string[]
}

/** A store that tells what is committed and removed, and fails where it is told to. */
function watched(store: MailboxStore, { failing, steps }: Watched): MailboxStore {
  const nameOf = (mailbox: MailboxId): string => (mailbox.kind === 'lost' ? 'lost' : mailbox.key)
  return {
    ...store,
    async begin(targets) {
      const message = await store.begin(targets.filter((target) => !failing.has(nameOf(target))))
      return {
        ...message,
        async commit() {
          steps.push(`commit ${targets.map(nameOf).join(',')}`)
          const stored = await message.commit()
          return targets.map(
            (mailbox) =>
              stored.find((outcome) => nameOf(outcome.mailbox) === nameOf(mailbox)) ?? {
                mailbox,
                stored: false,
                cause: new GatewayError('store.unavailable', 'broken'),
              },
          )
        },
      }
    },
    async view(mailbox) {
      const view = await store.view(mailbox)
      return {
        ...view,
        async remove(entries) {
          steps.push(`remove ${entries.map(({ uid }) => uid).join(',')}`)
          return view.remove(entries)
        },
      }
    },
  }
}

/** A house with one lost message; alice, bob and carol have accounts, the last two as `team` together. */
async function house(circumstances: Partial<LostCircumstances> = {}) {
  let count = 0
  const store = createMemoryMailboxStore(() => `m${(count += 1)}`)
  for (const key of ['alice', 'bob', 'carol']) await store.create(key, { adopt: false })
  const facts: Watched = { failing: new Set(), steps: [] }
  const mailboxes = watched(store, facts)
  const lost = createLostFolder(mailboxes)
  const trail: TrailEntry[] = []
  const quotas: Record<string, number> = {}
  const one = (key: string): Recipient => ({ key, quotaOctets: quotas[key] ?? 0 })
  const redelivery = createRedelivery({
    domain: 'glo2000.ca',
    separator: '+',
    accounts: {
      find: async (key) =>
        key === 'team'
          ? [one('bob'), one('carol')]
          : ['alice', 'bob', 'carol'].includes(key)
            ? [one(key)]
            : [],
    },
    mailboxes,
    lost,
    trail: { record: (entry) => void trail.push(entry), close: async () => {} },
  })
  const block = lostBlock({
    reason: 'unknown-recipient',
    recipients: ['alice@glo2000.ca'],
    reversePath: 'dave@example.org',
    clientAddress: '192.0.2.7',
    answered: 250,
    receivedAt: new Date('2026-11-21T03:04:05Z'),
    ...circumstances,
  })
  const message = await store.begin([LOST])
  await message.write(Buffer.from(block + MESSAGE, 'latin1'))
  await message.commit()

  async function textsIn(mailbox: MailboxId): Promise<readonly string[]> {
    const view = await store.view(mailbox)
    return Promise.all(
      view.entries.map(async (entry) => {
        const chunks: Buffer[] = []
        for await (const chunk of (await view.open(entry)).chunks()) chunks.push(chunk)
        return Buffer.concat(chunks).toString('latin1')
      }),
    )
  }

  return {
    ...facts,
    trail,
    quotas,
    one,
    store,
    texts: (key: string) => textsIn(key === 'lost' ? LOST : { kind: 'account', key }),
    /** Redelivers the first entry. */
    async redeliver(to?: readonly Recipient[]) {
      const view = await lost.view()
      const entries: LostEntry[] = []
      for await (const entry of view.entries()) entries.push(entry)
      const [entry] = entries
      if (entry === undefined) throw new Error('nothing is lost')
      return redelivery.redeliver(view, entry, to)
    },
  }
}

describe('redelivery', () => {
  it('delivers what would have been delivered at first, and only then removes it from lost/', async () => {
    const { redeliver, texts, steps, trail } = await house()
    expect(await redeliver()).to.deep.equal({
      kind: 'delivered',
      id: 'm2',
      to: ['alice'],
      rest: [],
      restId: undefined,
    })
    expect(await texts('alice')).to.deep.equal([MESSAGE])
    expect(await texts('lost')).to.deep.equal([])
    expect(steps).to.deep.equal(['commit alice', 'remove m1'])
    expect(trail).to.deep.equal([
      { event: 'redelivered', id: 'm2', lostId: 'm1', delivered: ['alice'], rest: [], restId: undefined },
    ])
  })

  it('delivers once to each who has one of the addresses by now', async () => {
    const { redeliver, texts } = await house({
      recipients: ['Alice@glo2000.ca', 'alice+list@glo2000.ca', 'team@glo2000.ca'],
    })
    await redeliver()
    for (const key of ['alice', 'bob', 'carol']) expect(await texts(key)).to.deep.equal([MESSAGE])
    expect(await texts('lost')).to.deep.equal([])
  })

  it('keeps it for those whom nobody has, under the same facts, before the old entry goes', async () => {
    const { redeliver, texts, steps } = await house({
      recipients: ['xeno@glo2000.ca', 'alice@glo2000.ca'],
      account: 'bob',
    })
    expect(await redeliver()).to.include({ kind: 'delivered', id: 'm2', restId: 'm3' })
    expect(steps).to.deep.equal(['commit alice', 'commit lost', 'remove m1'])
    const [kept = ''] = await texts('lost')
    expect(kept.slice(-MESSAGE.length)).to.equal(MESSAGE)
    expect(kept.slice(0, -MESSAGE.length)).to.equal(
      'X-Relais-Lost-Reason: unknown-recipient\r\n' +
        'X-Relais-Lost-Recipient: <xeno@glo2000.ca>\r\n' +
        'X-Relais-Lost-Reverse-Path: <dave@example.org>\r\n' +
        'X-Relais-Lost-Account: bob\r\n' +
        'X-Relais-Lost-Client: 192.0.2.7\r\n' +
        'X-Relais-Lost-Answered: 250\r\n' +
        'X-Relais-Lost-Date: Sat, 21 Nov 2026 03:04:05 +0000\r\n',
    )
  })

  it('touches nothing when nobody has any of the addresses', async () => {
    const { redeliver, steps, trail } = await house({ recipients: ['xeno@glo2000.ca', 'postmaster'] })
    expect(await redeliver()).to.deep.equal({ kind: 'nobody' })
    expect([steps, trail]).to.deep.equal([[], []])
  })

  it('to somebody else serves all its recipients', async () => {
    const { redeliver, texts, one } = await house({ recipients: ['xeno@glo2000.ca', 'yoko@glo2000.ca'] })
    expect(await redeliver([one('bob')])).to.include({ kind: 'delivered', restId: undefined })
    expect(await texts('bob')).to.deep.equal([MESSAGE])
    expect(await texts('lost')).to.deep.equal([])
  })

  it('leaves the entry when the mailbox cannot take it, or is full', async () => {
    const { redeliver, failing, texts, quotas, trail } = await house()
    failing.add('alice')
    expect(await failureOf(redeliver())).to.equal('store.unavailable')
    failing.clear()
    quotas['alice'] = 10
    expect(await failureOf(redeliver())).to.equal('mailbox.full')
    expect(await texts('alice')).to.deep.equal([])
    expect(await texts('lost')).to.have.length(1)
    expect(trail).to.deep.equal([])
  })

  it('keeps it for those whose mailbox could not take it', async () => {
    const { redeliver, failing } = await house({ recipients: ['alice@glo2000.ca', 'team@glo2000.ca'] })
    failing.add('carol')
    expect(await redeliver()).to.deep.include({ to: ['alice', 'bob'], rest: ['team@glo2000.ca'] })
  })

  it('leaves the entry when what remains cannot be kept: a double, never a loss', async () => {
    const { redeliver, failing, texts } = await house({
      recipients: ['alice@glo2000.ca', 'xeno@glo2000.ca'],
    })
    failing.add('lost')
    expect(await failureOf(redeliver())).to.equal('store.unavailable')
    expect(await texts('alice')).to.deep.equal([MESSAGE])
    expect(await texts('lost')).to.have.length(1)
  })

  it('of what another tool put there needs somebody to be named, and takes it whole', async () => {
    const { redeliver, store, texts, one } = await house()
    await redeliver()
    const message = await store.begin([LOST])
    await message.write(Buffer.from('Subject: dropped\r\n\r\n'))
    await message.commit()
    expect(await redeliver()).to.deep.equal({ kind: 'nobody' })
    await redeliver([one('carol')])
    expect(await texts('carol')).to.deep.equal(['Subject: dropped\r\n\r\n'])
  })
})
