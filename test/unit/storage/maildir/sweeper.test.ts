import { expect } from 'chai'
import { mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { silentLog, type Log } from '../../../../src/base/log.ts'
import { openMaildirMailboxStore } from '../../../../src/storage/maildir/maildir-mailbox-store.ts'
import { startSweeper } from '../../../../src/storage/maildir/sweeper.ts'
import { tempFolder } from '../../../contract/support/temp-folder.ts'

describe('the sweeper', () => {
  const newPath = tempFolder()

  function folders(...accounts: readonly string[]) {
    const root = newPath()
    const place = { accountsDir: join(root, 'maildir'), lostDir: join(root, 'lost') }
    for (const maildir of [place.lostDir, ...accounts.map((name) => join(place.accountsDir, name))])
      for (const folder of ['tmp', 'new', 'cur']) mkdirSync(join(maildir, folder), { recursive: true })
    return place
  }

  function put(path: string, hoursOld: number): string {
    writeFileSync(path, '')
    const seconds = Date.now() / 1000 - hoursOld * 3600
    utimesSync(path, seconds, seconds)
    return path
  }

  /** A log whose lines of one kind can be awaited. */
  function logOf(kind: 'info' | 'warn') {
    const lines: { readonly fields: Readonly<Record<string, unknown>>; readonly message: string }[] = []
    let wake = (): void => undefined
    const log: Log = {
      ...silentLog,
      [kind]: (fields: object, message: string) => {
        lines.push({ fields: { ...fields }, message })
        wake()
      },
    }
    async function until(count: number): Promise<typeof lines> {
      while (lines.length < count) await new Promise<void>((resolve) => (wake = resolve))
      return lines
    }
    return { log, until, lines }
  }

  it('removes old files from every tmp/ when the store opens, and says so; what may be at work stays', async () => {
    const place = folders('alice', 'bob')
    const { log, until } = logOf('info')
    put(join(place.accountsDir, 'alice/tmp/old'), 37)
    put(join(place.accountsDir, 'alice/tmp/at work'), 35)
    put(join(place.accountsDir, 'alice/new/1.message'), 1000)
    put(join(place.lostDir, 'tmp/old'), 37)
    const store = await openMaildirMailboxStore({ ...place, runDir: join(place.lostDir, '../run'), log })
    const lines = await until(2)
    expect(lines.map(({ fields }) => fields)).to.deep.equal([
      { folder: place.lostDir, files: 1 },
      { folder: join(place.accountsDir, 'alice'), files: 1 },
    ])
    expect(readdirSync(join(place.accountsDir, 'alice/tmp'))).to.deep.equal(['at work'])
    expect(readdirSync(join(place.accountsDir, 'alice/new'))).to.deep.equal(['1.message'])
    expect(readdirSync(join(place.lostDir, 'tmp'))).to.deep.equal([])
    await store.close()
  })

  it('comes again', async () => {
    const place = folders('alice')
    const { log, until } = logOf('info')
    const sweeper = startSweeper({ ...place, log, everyMs: 5 })
    for (let count = 1; count <= 3; count++) {
      put(join(place.accountsDir, 'alice/tmp/old'), 37)
      await until(count)
    }
    await sweeper.close()
  })

  it('touches nothing any more once it is closed', async () => {
    const place = folders('alice')
    const sweeper = startSweeper({ ...place, log: silentLog, everyMs: 1 })
    await sweeper.close()
    put(join(place.accountsDir, 'alice/tmp/old'), 37)
    await new Promise(setImmediate)
    expect(readdirSync(join(place.accountsDir, 'alice/tmp'))).to.deep.equal(['old'])
  })

  it('leaves alone what is no Maildir, and the mail of removed accounts', async () => {
    const place = folders('alice', '.removed')
    mkdirSync(join(place.accountsDir, 'archive'))
    writeFileSync(join(place.accountsDir, 'notes'), '')
    put(join(place.accountsDir, '.removed/tmp/old'), 37)
    const { log, lines } = logOf('warn')
    const sweeper = startSweeper({ ...place, log })
    await sweeper.close()
    expect(readdirSync(join(place.accountsDir, '.removed/tmp'))).to.deep.equal(['old'])
    expect(lines).to.deep.equal([])
  })

  it('goes on after a Maildir that it cannot sweep, and says which', async () => {
    const place = folders('alice', 'bob')
    rmSync(join(place.accountsDir, 'alice/tmp'), { recursive: true })
    writeFileSync(join(place.accountsDir, 'alice/tmp'), '')
    const gone = put(join(place.accountsDir, 'bob/tmp/old'), 37)
    const warned = logOf('warn')
    const told = logOf('info')
    const sweeper = startSweeper({ ...place, log: { ...told.log, warn: warned.log.warn } })
    const [line] = await warned.until(1)
    expect(line?.fields).to.include({ folder: join(place.accountsDir, 'alice') })
    await told.until(1)
    await sweeper.close()
    expect(readdirSync(join(gone, '..'))).to.deep.equal([])
  })

  it('says that there is nothing to list when the folder of all accounts is gone', async () => {
    const place = folders()
    rmSync(place.accountsDir, { recursive: true, force: true })
    const { log, until } = logOf('warn')
    const sweeper = startSweeper({ ...place, log })
    expect((await until(1))[0]?.message).to.contain('could not be listed')
    await sweeper.close()
  })
})
