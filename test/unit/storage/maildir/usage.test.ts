import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { createMaildir, deliver, type Maildir } from 'maildir-ts'
import { createUsageTracker } from '../../../../src/storage/maildir/usage.ts'

const MAIL = Buffer.from('Subject: a\r\n\r\nhello\r\n')

describe('how much a mailbox holds', () => {
  let folder: string
  let maildir: Maildir
  let nowMs = 0

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'relais-usage-'))
    maildir = await createMaildir(join(folder, 'alice'))
    nowMs = 0
  })
  afterEach(() => rm(folder, { recursive: true }))

  /** How often the Maildir was counted. */
  function countingCalls(): { readonly calls: () => number; readonly counted: Maildir } {
    let calls = 0
    const usage = (): ReturnType<Maildir['usage']> => {
      calls += 1
      return maildir.usage()
    }
    return { calls: () => calls, counted: { ...maildir, path: maildir.path, usage } }
  }

  it('is counted once, however often it is asked, also at the same time', async () => {
    await deliver([maildir], MAIL)
    const { counted, calls } = countingCalls()
    const tracker = createUsageTracker(() => nowMs)
    const answers = await Promise.all([1, 2, 3].map(() => tracker.octets(counted)))
    expect(answers).to.deep.equal([MAIL.length, MAIL.length, MAIL.length])
    expect(calls()).to.equal(1)
  })

  it('follows what goes through this process, and never falls below nothing', async () => {
    const tracker = createUsageTracker(() => nowMs)
    await tracker.octets(maildir)
    tracker.add(maildir, 70)
    expect(await tracker.octets(maildir)).to.equal(70)
    tracker.add(maildir, -100)
    expect(await tracker.octets(maildir)).to.equal(0)
  })

  it('heals itself after another tool changed the folder', async () => {
    const tracker = createUsageTracker(() => nowMs)
    expect(await tracker.octets(maildir)).to.equal(0)
    await writeFile(join(maildir.path, 'cur', '1.foreign:2,'), MAIL)
    await utimes(join(maildir.path, 'cur'), 1, 1)
    nowMs = 9_999
    expect(await tracker.octets(maildir)).to.equal(0)
    nowMs = 10_000
    let octets = await tracker.octets(maildir)
    // The count goes on beside the asking; each turn of the loop lets it come further.
    for (let turn = 0; octets === 0 && turn < 10_000; turn += 1) {
      await new Promise(setImmediate)
      octets = await tracker.octets(maildir)
    }
    expect(octets).to.equal(MAIL.length)
  })

  it('is not counted again while nothing changed', async () => {
    const { counted, calls } = countingCalls()
    const tracker = createUsageTracker(() => nowMs)
    await tracker.octets(counted)
    nowMs = 60_000
    for (let turn = 0; turn < 50; turn += 1) {
      await tracker.octets(counted)
      await new Promise(setImmediate)
    }
    expect(calls()).to.equal(1)
  })

  it('is counted anew after a failure', async () => {
    const tracker = createUsageTracker(() => nowMs)
    await rm(join(maildir.path, 'new'), { recursive: true })
    expect(await tracker.octets(maildir).catch(() => 'failed')).to.equal('failed')
    await createMaildir(maildir.path)
    expect(await tracker.octets(maildir)).to.equal(0)
  })
})
