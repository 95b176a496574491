import { expect } from 'chai'
import { mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { silentLog, type Log } from '../../../src/base/log.ts'
import { openFileMailTrail } from '../../../src/gateway/file-mail-trail.ts'
import type { TrailEntry } from '../../../src/ports/mail-trail.ts'
import { gatewayErrorOf } from '../../contract/support/failure-of.ts'
import { tempFolder } from '../../contract/support/temp-folder.ts'

const removed = (...uids: readonly string[]): TrailEntry => ({ event: 'removed', account: 'alice', uids })

describe('the mail trail in files', () => {
  const newPath = tempFolder()

  /** A clock that shows what it was set to. */
  function clockAt(time: string) {
    const state = { time }
    return { state, clock: () => new Date(state.time) }
  }

  async function lines(folder: string, day: string): Promise<readonly unknown[]> {
    const text = await readFile(join(folder, `${day}.jsonl`), 'utf8')
    expect(text).to.match(/\n$/)
    return text
      .trimEnd()
      .split('\n')
      .map((line): unknown => JSON.parse(line))
  }

  it('writes one line for each entry, with the time it was recorded', async () => {
    const folder = newPath()
    const { state, clock } = clockAt('2026-11-21T03:04:05.678Z')
    const trail = await openFileMailTrail(folder, silentLog, clock)
    trail.record(removed('a'))
    state.time = '2026-11-21T03:04:06.000Z'
    trail.record(removed('b'))
    await trail.close()
    expect(await lines(folder, '2026-11-21')).to.deep.equal([
      { time: '2026-11-21T03:04:05.678Z', event: 'removed', account: 'alice', uids: ['a'] },
      { time: '2026-11-21T03:04:06.000Z', event: 'removed', account: 'alice', uids: ['b'] },
    ])
  })

  it('keeps an entry on one line, whatever is in it', async () => {
    const folder = newPath()
    const { clock } = clockAt('2026-11-21T00:00:00Z')
    const trail = await openFileMailTrail(folder, silentLog, clock)
    const hostile = removed('a\r\nb', '"', '\u2028')
    trail.record(hostile)
    await trail.close()
    expect(await lines(folder, '2026-11-21')).to.deep.equal([
      { time: '2026-11-21T00:00:00.000Z', ...hostile },
    ])
  })

  it('begins a new file each day in UTC, also for entries recorded in one burst', async () => {
    const folder = newPath()
    const { state, clock } = clockAt('2026-11-21T23:59:59.999Z')
    const trail = await openFileMailTrail(folder, silentLog, clock)
    trail.record(removed('1'))
    trail.record(removed('2'))
    state.time = '2026-11-22T00:00:00.000Z'
    trail.record(removed('3'))
    state.time = '2026-11-23T00:00:00.000Z'
    trail.record(removed('4'))
    await trail.close()
    expect((await readdir(folder)).toSorted()).to.deep.equal([
      '2026-11-21.jsonl',
      '2026-11-22.jsonl',
      '2026-11-23.jsonl',
    ])
    expect(await lines(folder, '2026-11-21')).to.have.length(2)
    expect(await lines(folder, '2026-11-22')).to.have.length(1)
  })

  it('writes everything before close resolves, in order, however much it is', async () => {
    const folder = newPath()
    const { clock } = clockAt('2026-11-21T00:00:00Z')
    const trail = await openFileMailTrail(folder, silentLog, clock)
    for (let count = 0; count < 500; count += 1) trail.record(removed(String(count)))
    await trail.close()
    const uids = (await lines(folder, '2026-11-21')).map((line) => Reflect.get(Object(line), 'uids'))
    expect(uids).to.deep.equal(Array.from({ length: 500 }, (_, count) => [String(count)]))
  })

  it('appends to the file of a day that has one already, for its owner alone', async () => {
    const folder = newPath()
    const { clock } = clockAt('2026-11-21T00:00:00Z')
    for (const uid of ['a', 'b']) {
      const trail = await openFileMailTrail(folder, silentLog, clock)
      trail.record(removed(uid))
      await trail.close()
    }
    expect(await lines(folder, '2026-11-21')).to.have.length(2)
    expect((await stat(join(folder, '2026-11-21.jsonl'))).mode & 0o777).to.equal(0o600)
    expect((await stat(folder)).mode & 0o777).to.equal(0o700)
  })

  it('is closed without a word when nothing was recorded', async () => {
    const folder = newPath()
    const trail = await openFileMailTrail(folder, silentLog)
    await trail.close()
    expect(await readdir(folder)).to.deep.equal([])
  })

  it('only logs that lines could not be written, and goes on once they can', async () => {
    const folder = newPath()
    const errors: unknown[] = []
    const log: Log = { ...silentLog, error: (fields) => void errors.push(fields['lines']) }
    const { state, clock } = clockAt('2026-11-21T00:00:00Z')
    const trail = await openFileMailTrail(folder, log, clock)
    await mkdir(join(folder, '2026-11-21.jsonl'))
    trail.record(removed('lost'))
    trail.record(removed('lost too'))
    state.time = '2026-11-22T00:00:00Z'
    trail.record(removed('kept'))
    await trail.close()
    expect(errors.reduce<number>((sum, count) => sum + Number(count), 0)).to.equal(2)
    expect(await lines(folder, '2026-11-22')).to.have.length(1)
  })

  it('only logs that its folder is gone', async () => {
    const folder = newPath()
    let errors = 0
    const log: Log = { ...silentLog, error: () => void (errors += 1) }
    const trail = await openFileMailTrail(folder, log)
    await rm(folder, { recursive: true })
    trail.record(removed('a'))
    await trail.close()
    expect(errors).to.equal(1)
  })

  it('cannot be opened where a file is in the way; the folder is named', async () => {
    const folder = newPath()
    await writeFile(folder, '')
    const error = await gatewayErrorOf(openFileMailTrail(folder, silentLog))
    expect(error.code).to.equal('store.cannot-create')
    expect(error.message).to.contain(folder)
  })
})
