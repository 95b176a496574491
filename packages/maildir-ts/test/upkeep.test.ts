import { mkdirSync, readdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { expect } from 'chai'
import {
  createMaildir,
  openMaildir,
  type FileLayer,
  type Maildir,
  type MaildirEvent,
  type MaildirWatch,
} from '../src/index.js'
import { failure, store } from './support/store.js'
import { tempFolder } from './support/temp-folder.js'
import { watchedFiles } from './support/watched-files.js'

describe('usage', () => {
  const temp = tempFolder()

  it('counts messages and octets as POP3 sends them', async () => {
    const maildir = await createMaildir(temp())
    expect(await maildir.usage()).to.deep.equal({ messages: 0, octets: 0 })
    await store(maildir, 'a\n')
    writeFileSync(`${maildir.path}/cur/1.foreign:2,S`, 'b\r\nc\n')
    expect(await maildir.usage()).to.deep.equal({ messages: 2, octets: 9 })
  })
})

describe('sweep', () => {
  const temp = tempFolder()

  it('removes from tmp what nobody used for 36 hours, and nothing else', async () => {
    const maildir = await createMaildir(temp())
    const hours = (count: number) => Date.now() / 1000 - count * 3600
    const aged = (name: string, read: number, written: number) => {
      writeFileSync(`${maildir.path}/${name}`, '')
      utimesSync(`${maildir.path}/${name}`, hours(read), hours(written))
    }
    aged('tmp/old', 37, 37)
    aged('tmp/old too', 37, 1000)
    aged('tmp/read lately', 35, 37)
    aged('tmp/written lately', 37, 35)
    aged('new/old message', 1000, 1000)
    mkdirSync(`${maildir.path}/tmp/folder`)
    utimesSync(`${maildir.path}/tmp/folder`, hours(100), hours(100))
    expect(await maildir.sweep()).to.equal(2)
    expect(readdirSync(`${maildir.path}/tmp`).toSorted()).to.deep.equal([
      'folder',
      'read lately',
      'written lately',
    ])
    expect(readdirSync(`${maildir.path}/new`)).to.deep.equal(['old message'])
    expect(await maildir.sweep()).to.equal(0)
  })

  it('fails for a Maildir without tmp', async () => {
    const maildir = await createMaildir(temp())
    rmSync(`${maildir.path}/tmp`, { recursive: true })
    expect(await failure(maildir.sweep())).to.include({ code: 'ENOENT', path: `${maildir.path}/tmp` })
  })
})

describe('watch', () => {
  const temp = tempFolder()
  let watch: MaildirWatch | undefined
  afterEach(() => watch?.close())

  it('tells of new mail within a second, and not of what was there', async () => {
    const maildir = await createMaildir(temp())
    await store(maildir, 'before')
    const { next } = await watching(maildir)
    const entry = await store(maildir, 'after')
    const startedMs = performance.now()
    expect(await next('arrived')).to.deep.equal({ kind: 'arrived', entries: [entry] })
    expect(performance.now() - startedMs).to.be.lessThan(1000)
  })

  it('tells of every message of many, once', async () => {
    const maildir = await createMaildir(temp())
    const { events, next } = await watching(maildir)
    const stored = await Promise.all(Array.from({ length: 200 }, (_, at) => store(maildir, String(at))))
    const told = () => events.flatMap((event) => (event.kind === 'arrived' ? event.entries : []))
    while (told().length < 200) await next('arrived')
    const uniques = (entries: readonly { unique: string }[]) => entries.map(({ unique }) => unique).toSorted()
    expect(uniques(told())).to.deep.equal(uniques(stored))
  })

  it('tells that another program changed flags or removed a message', async () => {
    const maildir = await createMaildir(temp())
    const entry = await store(maildir, 'one')
    const { next } = await watching(maildir)
    renameSync(`${maildir.path}/new/${entry.name}`, `${maildir.path}/cur/${entry.name}:2,S`)
    await next('changed')
    rmSync(`${maildir.path}/cur/${entry.name}:2,S`)
    await next('changed')
  })

  it('tells when the Maildir goes away, and goes on when another one has its place', async () => {
    const maildir = await createMaildir(temp())
    const { next } = await watching(maildir)
    renameSync(maildir.path, `${maildir.path}.gone`)
    rmSync(`${maildir.path}.gone`, { recursive: true })
    const failed = await next('failed')
    expect(failed).to.have.nested.property('cause.code', 'ENOENT')
    await createMaildir(maildir.path)
    const entry = await store(maildir, 'again')
    expect(await next('arrived')).to.deep.equal({ kind: 'arrived', entries: [entry] })
  })

  it('tells of what arrives while it lists', async () => {
    const path = (await createMaildir(temp())).path
    const late = (name: string) => writeFileSync(`${path}/new/${name}`, '')
    let noticed = (): void => undefined
    let listings = 0
    const layer = watchedFiles(async ({ name, path }) => {
      // The first listing is the start; the next one is read twice, because a folder changes while it is read.
      if (name !== 'names' || !path.endsWith('/cur') || ![2, 3].includes(++listings)) return
      const notice = new Promise<void>((done) => (noticed = done))
      late(`${listings}.late`)
      await notice
    })
    const files: FileLayer = {
      ...layer,
      watch: (path, changed, failed) => layer.watch(path, () => (changed(), noticed()), failed),
    }
    const { events, next } = await watching(openMaildir(path, { files }))
    late('1.first')
    const told = () => events.flatMap((event) => (event.kind === 'arrived' ? event.entries : []))
    while (told().length < 3) await next('arrived')
    expect(told().map(({ name }) => name)).to.deep.equal(['1.first', '2.late', '3.late'])
  })

  it('tells nothing after close', async () => {
    const maildir = await createMaildir(temp())
    const first = await watching(maildir)
    watch?.close()
    const second = await watching(maildir)
    await store(maildir, 'one')
    await second.next('arrived')
    expect(first.events).to.deep.equal([])
  })

  async function watching(maildir: Maildir) {
    const events: MaildirEvent[] = []
    let at = 0
    let wake = (): void => undefined
    watch = maildir.watch((event) => {
      events.push(event)
      wake()
    })
    await watch.ready
    /** The next event of this kind that was not given yet. */
    const next = async (kind: MaildirEvent['kind']): Promise<MaildirEvent> => {
      for (;;) {
        const event = events[at]
        if (event) at += 1
        if (event?.kind === kind) return event
        if (!event) await new Promise<void>((done) => (wake = done))
      }
    }
    return { events, next }
  }
})
