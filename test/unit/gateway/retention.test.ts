import { expect } from 'chai'
import { GatewayError } from '../../../src/base/errors.ts'
import { silentLog, type Log, type LogFields } from '../../../src/base/log.ts'
import { startRetention } from '../../../src/gateway/retention.ts'
import type { MailboxStore } from '../../../src/ports/mailbox-store.ts'
import type { TrailEntry } from '../../../src/ports/mail-trail.ts'
import { createMemoryMailboxStore } from '../../../src/storage/memory/memory-mailbox-store.ts'
import { messageOf, octetsOf } from '../../contract/support/octets.ts'

const DAY_MS = 24 * 60 * 60 * 1000

describe('old messages', () => {
  let nowMs = 0
  let store: MailboxStore
  let trail: TrailEntry[] = []
  let warned: LogFields[] = []
  const log: Log = { ...silentLog, warn: (fields) => void warned.push(fields) }

  beforeEach(async () => {
    nowMs = Date.UTC(2026, 10, 21)
    trail = []
    warned = []
    let count = 0
    store = createMemoryMailboxStore(
      () => `id${(count += 1)}`,
      () => new Date(nowMs),
    )
    for (const key of ['alice', 'bob']) await store.create(key, { adopt: false })
  })
  afterEach(() => store.close())

  async function deliver(key: string): Promise<void> {
    const message = await store.begin([{ kind: 'account', key }])
    await message.write(octetsOf(messageOf(100)))
    await message.commit()
  }

  async function sweep(days: Readonly<Record<string, number | undefined>>, mailboxes = store): Promise<void> {
    const retention = startRetention({
      mailboxes,
      trail: { record: (entry) => void trail.push(entry) },
      log,
      clock: () => new Date(nowMs),
      accounts: async () => Object.keys(days),
      retentionOf: async (key) => days[key],
    })
    await retention.sweep()
    await retention.close()
  }

  async function idsIn(key: string): Promise<readonly string[]> {
    return (await store.view({ kind: 'account', key })).entries.map(({ uid }) => uid)
  }

  it('are removed from the mailboxes whose age is set, and each is in the trail with the reason', async () => {
    for (const key of ['alice', 'bob', 'alice']) await deliver(key)
    nowMs += 5 * DAY_MS
    await deliver('alice')
    nowMs += 25 * DAY_MS
    await sweep({ alice: 30, bob: undefined })
    expect(await idsIn('alice')).to.deep.equal(['id1', 'id3', 'id4'])
    nowMs += 1
    await sweep({ alice: 30, bob: 0 })
    expect(await idsIn('alice')).to.deep.equal(['id4'])
    expect(await idsIn('bob')).to.deep.equal(['id2'])
    expect(trail).to.deep.equal([
      { event: 'removed', account: 'alice', uids: ['id1', 'id3'], reason: 'older than 30 days' },
    ])
  })

  it('stay while a session holds the maildrop, and go the next time', async () => {
    for (const key of ['alice', 'bob']) await deliver(key)
    nowMs += 2 * DAY_MS
    const session = await store.openMaildrop('alice', { waitMs: 0 })
    await sweep({ alice: 1, bob: 1 })
    expect([await idsIn('alice'), await idsIn('bob')]).to.deep.equal([['id1'], []])
    await session.close()
    await sweep({ alice: 1 })
    expect(await idsIn('alice')).to.deep.equal([])
    expect(warned).to.deep.equal([])
  })

  it('are removed some at a time: a session need not wait for all of them', async () => {
    for (let count = 0; count < 1200; count += 1) await deliver('alice')
    nowMs += 2 * DAY_MS
    let opened = 0
    await sweep(
      { alice: 1 },
      {
        ...store,
        openMaildrop: (key, options) => {
          opened += 1
          return store.openMaildrop(key, options)
        },
      },
    )
    expect(opened).to.equal(3)
    expect(await idsIn('alice')).to.deep.equal([])
  })

  it('of one mailbox that fails hinder no other; it is logged', async () => {
    await deliver('bob')
    nowMs += 2 * DAY_MS
    await sweep({ carol: 1, bob: 1 })
    expect(await idsIn('bob')).to.deep.equal([])
    expect(warned.map(({ account }) => account)).to.deep.equal(['carol'])
  })

  it('are looked for in the next round when the accounts cannot be listed', async () => {
    const retention = startRetention({
      mailboxes: store,
      trail: { record: (entry) => void trail.push(entry) },
      log,
      clock: () => new Date(nowMs),
      accounts: async () => {
        throw new GatewayError('store.unavailable', 'no directory')
      },
      retentionOf: async () => 1,
    })
    await retention.sweep()
    await retention.close()
    expect(warned).to.have.length(1)
  })

  it('are looked for by themselves, some time after the start and again and again', async () => {
    let rounds = 0
    await new Promise<void>((resolve) => {
      const retention = startRetention({
        mailboxes: store,
        trail: { record: () => {} },
        log,
        clock: () => new Date(nowMs),
        accounts: async () => {
          rounds += 1
          if (rounds === 3) void retention.close().then(resolve)
          return []
        },
        retentionOf: async () => 1,
        firstMs: 1,
        everyMs: 1,
      })
      // The timers of a server that ends keep nothing running; here they are all that runs.
      const running = setInterval(() => rounds === 3 && clearInterval(running), 1)
    })
    expect(rounds).to.equal(3)
  })
})
