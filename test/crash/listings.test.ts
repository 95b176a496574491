/** A listing that may be kept is never believed too long: what another process delivers is in the next session. */

import { expect } from 'chai'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants, mkdtempSync, rmSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

import type { MailboxStore } from '../../src/ports/mailbox-store.ts'
import { openMaildirMailboxStore } from '../../src/storage/maildir/maildir-mailbox-store.ts'
import { planOf } from './support/plan.ts'

/** Messages after which the mailbox is emptied, so that listing it stays cheap. */
const FULL = 50

describe('another process that delivers right after a listing', () => {
  let root = ''
  let store: MailboxStore

  before(async () => {
    root = mkdtempSync(join(quickFolder(), 'relais-listings-'))
    store = await openMaildirMailboxStore({
      accountsDir: join(root, 'maildir'),
      lostDir: join(root, 'lost'),
      runDir: join(root, 'run'),
    })
    await store.create('alice', { adopt: false })
  })

  after(async () => {
    await store.close()
    rmSync(root, { recursive: true, force: true })
  })

  it('has each message seen by the next session', async () => {
    const { rounds, draw } = planOf('listings', { short: 300, long: 10_000 })
    const mailbox = join(root, 'maildir/alice')
    const deliverer = startDeliverer(mailbox)
    const uids: string[] = []
    try {
      for (let round = 1; round <= rounds; round++) {
        // Untouched, the next message may come in the same tick of the disk's clock; else the folders look at rest
        // for as long as may make a listing one to keep, or nearly so.
        const age = draw.of([undefined, undefined, 1.9, 1.999, 2, 2.001, 2.1, 3600])
        const seconds = Date.now() / 1000 - (age ?? 0)
        if (age !== undefined)
          for (const folder of ['new', 'cur']) utimesSync(join(mailbox, folder), seconds, seconds)
        expect(await session(), `before message ${round}`).to.deep.equal(uids)
        uids.push(await deliverer.deliver(round))
        expect(await session(), `after message ${round}`).to.deep.equal(uids)
        if (round % FULL === 0) expect(await session({ empty: true })).to.deep.equal(uids.splice(0))
      }
    } finally {
      await deliverer.end()
    }
  })

  /** What a session lists, in its order. */
  async function session({ empty = false } = {}): Promise<string[]> {
    const maildrop = await store.openMaildrop('alice', { waitMs: 0 })
    try {
      if (empty) expect(await maildrop.remove(maildrop.entries)).to.deep.equal([])
      return maildrop.entries.map(({ uid }) => uid)
    } finally {
      await maildrop.close()
    }
  }
})

/** Where syncs cost nothing, several messages come in one tick of the disk's clock. */
function quickFolder(): string {
  try {
    accessSync('/dev/shm', constants.W_OK)
    return '/dev/shm'
  } catch {
    return tmpdir()
  }
}

function startDeliverer(mailbox: string) {
  const script = fileURLToPath(new URL('./support/deliverer.ts', import.meta.url))
  const child = spawn(process.execPath, ['--import', 'tsx', script, mailbox], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const closed = once(child, 'close')
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    async deliver(number: number): Promise<string> {
      child.stdin.write(`${number}\n`)
      const line = await lines.next()
      if (line.done === true) throw new Error('the other process has ended')
      return line.value
    },
    async end(): Promise<void> {
      child.stdin.end()
      await closed
    },
  }
}
