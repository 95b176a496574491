import { writeFileSync } from 'node:fs'
import { expect } from 'chai'
import { createListingCache, createMaildir, nodeFiles, openMaildir, type Maildir } from '../src/index.js'
import { rest } from './support/store.js'
import { tempFolder } from './support/temp-folder.js'

describe('a cache of listings', () => {
  const temp = tempFolder()

  /** Maildirs with one cache, three messages of another program in each, and what is read of the disk. */
  async function maildirs(count: number, mostEntries: number) {
    const readings: string[] = []
    const files: typeof nodeFiles = {
      ...nodeFiles,
      names: (path) => {
        readings.push(path.toString())
        return nodeFiles.names(path)
      },
      readWhole: (path, into) => {
        readings.push(path.toString())
        return nodeFiles.readWhole?.(path, into)
      },
    }
    const listings = createListingCache(mostEntries)
    const all: Maildir[] = []
    for (let index = 0; index < count; index += 1) {
      const { path } = await createMaildir(temp())
      for (const name of ['1.a', '2.b', '3.c']) writeFileSync(`${path}/cur/${name}`, 'one\n')
      const maildir = openMaildir(path, { files, listings })
      rest(maildir)
      all.push(maildir)
    }
    const isRead = async (maildir: Maildir | undefined): Promise<boolean> => {
      readings.length = 0
      const entries = await maildir?.list()
      expect(entries?.map(({ octets }) => octets)).to.deep.equal([5, 5, 5])
      return readings.length > 0
    }
    return { all, isRead, readings }
  }

  it('answers for all Maildirs as long as there is room', async () => {
    const { all, isRead } = await maildirs(3, 9)
    for (const maildir of all) expect(await isRead(maildir)).to.equal(true)
    for (const maildir of all) expect(await isRead(maildir)).to.equal(false)
  })

  it('lets the listing go that was not asked for longest, and the sizes that belong to it', async () => {
    const { all, isRead, readings } = await maildirs(3, 8)
    const [first, second, third] = all
    for (const maildir of [first, second, first, third]) await isRead(maildir)
    expect(await isRead(first)).to.equal(false)
    expect(await isRead(third)).to.equal(false)
    expect(await isRead(second)).to.equal(true)
    // Two folders and three files.
    expect(readings).to.have.length(5)
  })

  it('keeps nothing of a Maildir that is larger than all the room, and lists it nevertheless', async () => {
    const { all, isRead } = await maildirs(2, 2)
    for (let round = 0; round < 2; round += 1)
      for (const maildir of all) expect(await isRead(maildir)).to.equal(true)
  })

  it('forgets a Maildir of which a message was written anew', async () => {
    const { all, isRead } = await maildirs(1, 9)
    const [maildir] = all
    const [entry] = (await maildir?.list()) ?? []
    if (!maildir || !entry) throw new Error('no entry')
    writeFileSync(`${maildir.path}/cur/${entry.name}`, 'a\nb\n')
    maildir.forget(entry)
    expect((await maildir.list()).map(({ octets }) => octets)).to.deep.equal([6, 5, 5])
    writeFileSync(`${maildir.path}/cur/${entry.name}`, 'one\n')
    maildir.forget(entry)
    expect(await isRead(maildir)).to.equal(true)
  })
})
