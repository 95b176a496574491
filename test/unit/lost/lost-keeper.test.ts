import { expect } from 'chai'
import { silentLog, type Log } from '../../../src/base/log.ts'
import type { LostCircumstances } from '../../../src/lost/block.ts'
import { createLostFolder } from '../../../src/lost/lost-folder.ts'
import { openLostKeeper, type LostKeeper, type LostLimits } from '../../../src/lost/lost-keeper.ts'
import type { TrailEntry } from '../../../src/ports/mail-trail.ts'
import { createMemoryMailboxStore } from '../../../src/storage/memory/memory-mailbox-store.ts'

const NOW = Date.parse('2026-11-21T03:04:05Z')
const DAY_MS = 86_400_000
const UNBOUNDED: LostLimits = {
  octets: 0,
  days: 0,
  promisedDays: 0,
  addressMessagesPerDay: 0,
  addressOctetsPerDay: 0,
}
const CLIENT = '192.0.2.7'

/** A folder in memory, what left it, and keepers that look when they are told to. */
function scene() {
  let count = 0
  const mailboxes = createMemoryMailboxStore(() => `m${(count += 1)}`)
  const folder = createLostFolder(mailboxes)
  const now = { days: 0 }
  const clock = (): Date => new Date(NOW + now.days * DAY_MS)
  const trail: TrailEntry[] = []
  const warnings: unknown[] = []
  const log: Log = { ...silentLog, warn: ({ id }) => void warnings.push(id) }

  /** Keeps a message of some octets behind its block. */
  async function keep(
    where: Pick<LostKeeper, 'begin'>,
    given: Partial<LostCircumstances> = {},
    octets = 100,
  ) {
    const message = await where.begin({
      reason: 'unknown-recipient',
      recipients: ['xeno@glo2000.ca'],
      reversePath: '',
      clientAddress: CLIENT,
      answered: 550,
      receivedAt: clock(),
      ...given,
    })
    await message.write(Buffer.from('Return-Path: <>\r\n'.padEnd(octets, 'x')))
    await message.commit()
    await message.abort()
    return message.id
  }

  const open = (limits: Partial<LostLimits>): LostKeeper =>
    openLostKeeper({
      folder,
      limits: { ...UNBOUNDED, ...limits },
      trail: { record: (entry) => void trail.push(entry), close: async () => {} },
      log,
      clock,
    })

  return {
    folder,
    now,
    trail,
    warnings,
    keep,
    open,
    /** A message without a block. */
    async put(text: string): Promise<void> {
      const message = await mailboxes.begin([{ kind: 'lost' }])
      await message.write(Buffer.from(text))
      await message.commit()
    },
    /** A keeper’s first look, to its end. */
    async look(limits: Partial<LostLimits>): Promise<void> {
      const keeper = open(limits)
      await keeper.admits(CLIENT)
      await keeper.close()
    },
    async ids(): Promise<readonly string[]> {
      const found: string[] = []
      for await (const { id } of (await folder.view()).entries()) found.push(id)
      return found
    },
    discarded: () =>
      trail.map((entry) => (entry.event === 'discarded' ? `${entry.id} ${entry.why}` : entry.event)),
  }
}

const daysAgo = (days: number): Date => new Date(NOW - days * DAY_MS)

describe('the bounds of lost/', () => {
  it('remove what was answered with 5xx when it is too old, with a line in the trail', async () => {
    const { keep, folder, look, ids, trail } = scene()
    await keep(folder, { receivedAt: daysAgo(90.1) })
    await keep(folder, { receivedAt: daysAgo(89.9) })
    await keep(folder, { receivedAt: daysAgo(90.1), answered: 250 })
    await look({ days: 90 })
    expect(await ids()).to.deep.equal(['m2', 'm3'])
    expect(trail).to.have.length(1)
    expect(trail[0]).to.include({
      event: 'discarded',
      id: 'm1',
      why: 'age',
      reason: 'unknown-recipient',
      answered: 550,
    })
  })

  it('remove the oldest that were answered with 5xx to make room, and nothing that was promised', async () => {
    const { keep, folder, look, ids, discarded } = scene()
    await keep(folder, { answered: 250 }, 5000)
    for (let count = 0; count < 4; count += 1) await keep(folder, {}, 1000)
    await keep(folder, { answered: 250 }, 5000)
    await look({ octets: 4000 })
    expect(await ids()).to.deep.equal(['m1', 'm4', 'm5', 'm6'])
    expect(discarded()).to.deep.equal(['m2 room', 'm3 room'])
  })

  it('leave alone what another tool put there', async () => {
    const { look, ids, put } = scene()
    await put('Subject: dropped here\r\nX-Relais-Lost-Answered: 550\r\n\r\n')
    await look({ octets: 1, days: 1, promisedDays: 1 })
    expect(await ids()).to.deep.equal(['m1'])
  })

  it('make room as messages come, counting those that were there and those taken out by hand', async () => {
    const { keep, folder, open, ids } = scene()
    await keep(folder, {}, 1000)
    const keeper = open({ octets: 4000 })
    await keeper.admits(CLIENT)
    await keep(keeper, {}, 1000)
    await keep(keeper, {}, 1000)
    expect(await ids()).to.deep.equal(['m1', 'm2', 'm3'])
    await keep(keeper, {}, 1000)
    await keeper.look()
    await keeper.close()
    expect(await ids()).to.deep.equal(['m3', 'm4'])
  })

  it('remove nothing in vain when others made room already', async () => {
    const { keep, folder, open, ids, discarded } = scene()
    const keeper = open({ octets: 4000 })
    await keeper.admits(CLIENT)
    for (let count = 0; count < 3; count += 1) await keep(keeper, {}, 1000)
    const view = await folder.view()
    for await (const entry of view.entries()) if (entry.id !== 'm3') await view.remove([entry])
    await keep(keeper, {}, 1000)
    await keeper.look()
    await keeper.close()
    expect(await ids()).to.deep.equal(['m3', 'm4'])
    expect(discarded()).to.deep.equal([])
  })

  it('count nothing that came to nothing', async () => {
    const { keep, open } = scene()
    const keeper = open({ addressMessagesPerDay: 1 })
    const message = await keeper.begin({
      reason: 'unknown-recipient',
      recipients: [],
      reversePath: '',
      clientAddress: CLIENT,
      answered: 550,
      receivedAt: daysAgo(0),
    })
    expect(await keeper.admits(CLIENT)).to.equal(false)
    await message.abort()
    expect(await keeper.admits(CLIENT)).to.equal(true)
    await keep(keeper)
    expect(await keeper.admits(CLIENT)).to.equal(false)
    expect(await keeper.admits('192.0.2.8')).to.equal(true)
    await keeper.close()
  })

  it('count for a client what is answered with 5xx alone', async () => {
    const { keep, open } = scene()
    const keeper = open({ addressMessagesPerDay: 1, addressOctetsPerDay: 1 })
    await keep(keeper, { answered: 250 })
    expect(await keeper.admits(CLIENT)).to.equal(true)
    await keep(keeper)
    expect(await keeper.admits(CLIENT)).to.equal(false)
    await keeper.close()
  })

  it('hold for a client over a restart, for a day', async () => {
    const { keep, folder, open, now } = scene()
    for (const hours of [23, 25]) await keep(folder, { receivedAt: daysAgo(hours / 24) })
    for (const [messages, admitted] of [
      [1, false],
      [2, true],
    ] as const) {
      const keeper = open({ addressMessagesPerDay: messages })
      expect(await keeper.admits(CLIENT)).to.equal(admitted)
      await keeper.close()
    }
    now.days = 1 / 24 + 0.001
    const keeper = open({ addressMessagesPerDay: 1 })
    expect(await keeper.admits(CLIENT)).to.equal(true)
    await keeper.close()
  })

  it('remove what was promised for its age alone, only when asked to, and a week after a warning', async () => {
    const { keep, folder, open, ids, warnings, now, discarded } = scene()
    await keep(folder, { answered: 250, receivedAt: daysAgo(400) })
    const keeper = open({ promisedDays: 365 })
    await keeper.admits(CLIENT)
    expect(await ids()).to.deep.equal(['m1'])
    expect(warnings).to.deep.equal(['m1'])
    now.days = 6.9
    await keeper.look()
    expect(await ids()).to.deep.equal(['m1'])
    now.days = 7
    await keeper.look()
    expect(await ids()).to.deep.equal([])
    expect(warnings).to.have.length(1)
    expect(discarded()).to.deep.equal(['m1 age'])
    await keeper.close()
  })

  it('never stand in the way of mail when the folder cannot be looked through', async () => {
    const { folder } = scene()
    const errors: string[] = []
    const keeper = openLostKeeper({
      folder: { ...folder, view: () => Promise.reject(new Error('away')) },
      limits: UNBOUNDED,
      trail: { record: () => {}, close: async () => {} },
      log: { ...silentLog, error: (_fields, message) => void errors.push(message) },
    })
    expect(await keeper.admits(CLIENT)).to.equal(true)
    expect(errors).to.deep.equal(['the lost folder cannot be looked through'])
    await keeper.close()
  })
})
