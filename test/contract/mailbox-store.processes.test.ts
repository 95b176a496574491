/** A maildrop is one session's over all processes that work on the same root. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readlink, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import type { MailboxStore } from '../../src/ports/mailbox-store.ts'
import { openMaildirMailboxStore } from '../../src/storage/maildir/maildir-mailbox-store.ts'
import { failureOf, gatewayErrorOf } from './support/failure-of.ts'
import { messageOf, octetsOf } from './support/octets.ts'
import { tempFolder } from './support/temp-folder.ts'

describe('a maildrop over several processes', () => {
  const newPath = tempFolder()
  let place = { accountsDir: '', lostDir: '', runDir: '' }
  let store: MailboxStore
  const locksOf = (): Promise<string[]> => readdir(place.runDir)

  beforeEach(async () => {
    const root = newPath()
    place = { accountsDir: join(root, 'maildir'), lostDir: join(root, 'lost'), runDir: join(root, 'run') }
    store = await openMaildirMailboxStore(place)
    for (const key of ['alice', 'bob']) await store.create(key, { adopt: false })
  })
  afterEach(() => store.close())

  /** Another process that holds alice's maildrop until it is told to end, or is killed. */
  async function otherProcess(): Promise<{ end(): Promise<void>; kill(): Promise<void> }> {
    const script = fileURLToPath(new URL('./support/hold-maildrop.ts', import.meta.url))
    const { accountsDir, lostDir, runDir } = place
    const child = spawn(process.execPath, ['--import=tsx', script, accountsDir, lostDir, runDir, 'alice'], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const exited = once(child, 'exit')
    await Promise.race([
      once(child.stdout, 'data'),
      exited.then(() => Promise.reject(new Error('it could not hold the maildrop'))),
    ])
    return {
      async end() {
        child.stdin.end()
        expect((await exited)[0]).to.equal(0)
      },
      async kill() {
        child.kill('SIGKILL')
        await exited
      },
    }
  }

  it('is in use at once for who does not wait, and free when the other lets go', async () => {
    const other = await otherProcess()
    const error = await gatewayErrorOf(store.openMaildrop('alice', { waitMs: 0 }))
    expect(error.code).to.equal('maildrop.in-use')
    expect(error.message).to.match(/^process \d+ holds/)
    await (await store.openMaildrop('bob', { waitMs: 0 })).close()
    const waiting = store.openMaildrop('alice', { waitMs: 8000 })
    await other.end()
    await (await waiting).close()
    expect(await locksOf()).to.deep.equal([])
  })

  it('is free at once when the process that held it was killed', async () => {
    const other = await otherProcess()
    await other.kill()
    expect(await locksOf()).to.deep.equal(['alice.maildrop'])
    await (await store.openMaildrop('alice', { waitMs: 0 })).close()
    expect(await locksOf()).to.deep.equal([])
  })

  it('comes to who waits for it when the process that held it is killed', async () => {
    const other = await otherProcess()
    const waiting = store.openMaildrop('alice', { waitMs: 8000 })
    await other.kill()
    await (await waiting).close()
  })

  it('waits no longer than it was told', async () => {
    const other = await otherProcess()
    const beganMs = performance.now()
    expect(await failureOf(store.openMaildrop('alice', { waitMs: 120 }))).to.equal('maildrop.in-use')
    expect(performance.now() - beganMs).to.be.within(115, 2000)
    await other.kill()
  })

  it('takes mail and is looked at while another process holds it', async () => {
    const other = await otherProcess()
    const message = await store.begin([{ kind: 'account', key: 'alice' }])
    await message.write(octetsOf(messageOf(100)))
    expect(await message.commit()).to.deep.include.members([
      { mailbox: { kind: 'account', key: 'alice' }, stored: true },
    ])
    await message.abort()
    expect((await store.view({ kind: 'account', key: 'alice' })).entries).to.have.length(1)
    await other.kill()
  })

  it('is kept from another store in the same process as well', async () => {
    const second = await openMaildirMailboxStore(place)
    const maildrop = await store.openMaildrop('alice', { waitMs: 0 })
    expect(await failureOf(second.openMaildrop('alice', { waitMs: 0 }))).to.equal('maildrop.in-use')
    await maildrop.close()
    await (await second.openMaildrop('alice', { waitMs: 0 })).close()
    await second.close()
  })

  it('has its lock outside the Maildir while it is open, and none when it could not be opened', async () => {
    const maildrop = await store.openMaildrop('alice', { waitMs: 0 })
    expect(await locksOf()).to.deep.equal(['alice.maildrop'])
    expect((await readdir(join(place.accountsDir, 'alice'))).toSorted()).to.deep.equal(['cur', 'new', 'tmp'])
    await maildrop.close()
    await rm(join(place.accountsDir, 'alice'), { recursive: true })
    expect(await failureOf(store.openMaildrop('alice', { waitMs: 0 }))).to.equal('store.unavailable')
    expect(await locksOf()).to.deep.equal([])
  })

  it('goes on after its locks were deleted', async () => {
    const first = await store.openMaildrop('alice', { waitMs: 0 })
    await rm(place.runDir, { recursive: true })
    await (await store.openMaildrop('bob', { waitMs: 0 })).close()
    await first.close()
    await (await store.openMaildrop('alice', { waitMs: 0 })).close()
    expect(await locksOf()).to.deep.equal([])
  })

  it('whose lock could not be removed is ours to take again', async () => {
    const first = await store.openMaildrop('alice', { waitMs: 0 })
    const lock = join(place.runDir, 'alice.maildrop')
    const text = await readlink(lock)
    await first.close()
    await symlink(text, lock)
    await (await store.openMaildrop('alice', { waitMs: 0 })).close()
    expect(await locksOf()).to.deep.equal([])
  })
})
