import { linkSync, readdirSync, renameSync, writeFileSync } from 'node:fs'
import { expect } from 'chai'
import { createMaildir, createNamer, deliver, openMaildir } from '../src/index.js'
import { bytesOf } from './support/bytes.js'
import { failure, store, textIn } from './support/store.js'
import { tempFolder } from './support/temp-folder.js'
import { systemError, watchedFiles } from './support/watched-files.js'

describe('flags', () => {
  const temp = tempFolder()

  it('are added and removed in order, once each, and the message moves to cur', async () => {
    const maildir = await createMaildir(temp())
    const seen = await maildir.flag(await store(maildir, 'one'), { add: 'SRS' })
    expect(seen).to.include({ folder: 'cur', flags: 'RS' })
    const trashed = await maildir.flag(seen, { add: 'T', remove: 'R' })
    expect(trashed.flags).to.equal('ST')
    expect(await maildir.list()).to.deep.equal([trashed])
  })

  it('keep what another program changed meanwhile, also letters of its own', async () => {
    const maildir = await createMaildir(temp())
    const entry = await store(maildir, 'one')
    renameSync(`${maildir.path}/new/${entry.name}`, `${maildir.path}/cur/${entry.name}:2,Fab`)
    expect((await maildir.flag(entry, { add: 'S' })).flags).to.equal('FSab')
  })

  it('are set where a name in cur has no info, or info of another kind', async () => {
    const maildir = await createMaildir(temp())
    for (const name of ['1.a', '2.b:1,x']) writeFileSync(`${maildir.path}/cur/${name}`, 'x')
    for (const entry of await maildir.list()) await maildir.flag(entry, { add: 'S' })
    expect(readdirSync(`${maildir.path}/cur`).toSorted()).to.deep.equal(['1.a:2,S', '2.b:2,S'])
  })

  it('of many messages cost one sync of each folder, cur first', async () => {
    const synced: string[] = []
    const { path } = await createMaildir(temp())
    const files = watchedFiles(({ name, path: folder }) => {
      if (name === 'syncFolder') synced.push(folder.slice(path.length))
    })
    const maildir = openMaildir(path, { files })
    for (let index = 0; index < 50; index += 1) await store(maildir, String(index))
    synced.length = 0
    await maildir.flagAll(await maildir.list(), { add: 'S' })
    expect(synced).to.deep.equal(['/cur', '/new'])
    const entries = await maildir.list()
    expect(new Set(entries.map(({ folder, flags }) => `${folder} ${flags}`))).to.deep.equal(
      new Set(['cur S']),
    )
    expect(entries).to.have.length(50)
    synced.length = 0
    await maildir.flagAll(entries, { add: 'S' })
    expect(synced).to.deep.equal([])
  })

  it('of many messages are set on those that are there, whatever their names are by now', async () => {
    const maildir = await createMaildir(temp())
    const [one, two, three] = [
      await store(maildir, 'one'),
      await store(maildir, 'two'),
      await store(maildir, 'three'),
    ]
    renameSync(`${maildir.path}/new/${one.name}`, `${maildir.path}/cur/${one.name}:2,F`)
    await maildir.remove(two)
    await maildir.flagAll([one, two, three], { add: 'S' })
    expect((await maildir.list()).map(({ flags }) => flags)).to.deep.equal(['FS', 'S'])
  })

  it('of many messages are set on all others when one fails, and then it is told', async () => {
    const { path } = await createMaildir(temp())
    const files = watchedFiles(({ name, path: target }) => {
      if (name === 'rename' && target.includes('/cur/') && target.includes('Q2.')) throw systemError('EIO')
    })
    const maildir = openMaildir(path, { files, namer: createNamer() })
    for (const text of ['one', 'two', 'three']) await store(maildir, text)
    expect(await failure(maildir.flagAll(await maildir.list(), { add: 'S' }))).to.include({ code: 'EIO' })
    expect((await maildir.list()).map(({ flags }) => flags)).to.deep.equal(['S', '', 'S'])
    expect(await failure(maildir.flagAll([], { add: '/' }))).to.include({ code: 'EINVAL' })
  })

  it('refuse what is no letter, and a message that is gone', async () => {
    const maildir = await createMaildir(temp())
    const entry = await store(maildir, 'one')
    expect(await failure(maildir.flag(entry, { add: '/' }))).to.include({ code: 'EINVAL' })
    await maildir.remove(entry)
    expect(await failure(maildir.flag(entry, { add: 'S' }))).to.include({
      code: 'ENOENT',
      operation: 'rename',
    })
    const flagged = { ...entry, folder: 'cur' as const, name: `${entry.name}:2,S`, flags: 'S' }
    expect(await failure(maildir.flag(flagged, { add: 'S' }))).to.include({ code: 'ENOENT' })
  })

  it('sync cur before new', async () => {
    const maildir = await createMaildir(temp())
    const entry = await store(maildir, 'one')
    const synced: string[] = []
    const files = watchedFiles(({ name, path }) => void (name === 'syncFolder' && synced.push(path)))
    await openMaildir(maildir.path, { files }).flag(entry, { add: 'S' })
    expect(synced).to.deep.equal([`${maildir.path}/cur`, `${maildir.path}/new`])
  })
})

describe('move', () => {
  const temp = tempFolder()

  for (const code of ['', 'EXDEV']) {
    it(`keeps octets, folder, flags and unique part${code && `, by a copy after ${code}`}`, async () => {
      const files = watchedFiles(({ name }) => {
        if (name === 'link' && code) throw systemError(code)
      })
      const [from, to] = [await createMaildir(temp(), { files }), await createMaildir(temp(), { files })]
      const fresh = await store(from, 'fresh\n')
      const seen = await from.flag(await store(from, 'seen\r\n'), { add: 'S' })
      const moved = [await from.move(fresh, to), await from.move(seen, to)]
      expect(moved).to.deep.equal([fresh, seen])
      expect(await to.list()).to.deep.equal(moved)
      expect(await from.list()).to.deep.equal([])
      expect(await Promise.all(moved.map((entry) => textIn(to, entry)))).to.deep.equal([
        'fresh\n',
        'seen\r\n',
      ])
      expect(readdirSync(`${to.path}/tmp`)).to.deep.equal([])
    })
  }

  it('gives a new unique part where the other Maildir has a copy of the same delivery', async () => {
    const [from, to] = [await createMaildir(temp()), await createMaildir(temp())]
    await deliver([from, to], bytesOf('both'))
    const [entry] = await from.list()
    if (!entry) throw new Error('not stored')
    const moved = await from.move(entry, to)
    expect(moved.unique).not.to.equal(entry.unique)
    expect(await to.list()).to.deep.equal([entry, moved])
    expect(await from.list()).to.deep.equal([])
  })

  it('writes true sizes into the new name of a file whose name lies', async () => {
    const [from, to] = [await createMaildir(temp()), await createMaildir(temp())]
    writeFileSync(`${from.path}/cur/1.foreign,S=9,W=9:2,F`, 'a\n')
    linkSync(`${from.path}/cur/1.foreign,S=9,W=9:2,F`, `${to.path}/new/1.foreign`)
    const [entry] = await from.list()
    if (!entry) throw new Error('not listed')
    expect((await from.move(entry, to)).name).to.match(/,S=2,W=3:2,F$/)
  })

  it('writes no sizes into the new name of a file whose last line has no end', async () => {
    const [from, to] = [await createMaildir(temp()), await createMaildir(temp())]
    writeFileSync(`${from.path}/cur/1.foreign:2,F`, 'a\nb')
    linkSync(`${from.path}/cur/1.foreign:2,F`, `${to.path}/new/1.foreign`)
    const [entry] = await from.list()
    if (!entry) throw new Error('not listed')
    const moved = await from.move(entry, to)
    expect(moved).to.include({ name: `${moved.unique}:2,F`, octets: 6, fileOctets: 3 })
    expect((await openMaildir(to.path).list()).map(({ octets }) => octets)).to.deep.equal([6, 6])
  })

  it('finds a message that another program renamed, and tells when it is gone', async () => {
    const [from, to] = [await createMaildir(temp()), await createMaildir(temp())]
    const entry = await store(from, 'one')
    renameSync(`${from.path}/new/${entry.name}`, `${from.path}/cur/${entry.name}:2,S`)
    expect(await from.move(entry, to)).to.include({ folder: 'cur', flags: 'S' })
    expect(await failure(from.move(entry, to))).to.include({ code: 'ENOENT' })
  })

  it('into the same Maildir changes nothing', async () => {
    const maildir = await createMaildir(temp())
    const entry = await store(maildir, 'one')
    expect(await maildir.move(entry, maildir)).to.deep.equal(entry)
    expect(await maildir.list()).to.deep.equal([entry])
  })

  it('has the message on disk in the other Maildir before it goes from this one', async () => {
    const [from, to] = [await createMaildir(temp()), await createMaildir(temp())]
    const entry = await store(from, 'one')
    const done: string[] = []
    const files = watchedFiles(({ name, path }) => void done.push(`${name} ${path}`))
    await openMaildir(from.path, { files }).move(entry, openMaildir(to.path, { files }))
    const order = done.filter((line) => /^(link|syncFolder|unlink)/.test(line))
    expect(order).to.deep.equal([
      `link ${to.path}/new/${entry.name}`,
      `syncFolder ${to.path}/new`,
      `unlink ${from.path}/new/${entry.name}`,
      `syncFolder ${from.path}/new`,
    ])
  })
})
