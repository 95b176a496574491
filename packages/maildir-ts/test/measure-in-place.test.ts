import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { expect } from 'chai'
import { createMaildir, nodeFiles, openMaildir, type FileLayer } from '../src/index.js'
import { measureInPlace } from '../src/measure-in-place.js'
import { bytesOf } from './support/bytes.js'
import { store } from './support/store.js'
import { tempFolder } from './support/temp-folder.js'
import { systemError } from './support/watched-files.js'

describe('measuring in place', () => {
  const temp = tempFolder()
  const TEXT = bytesOf('a\nb')

  /** Measures files of `TEXT`, of which each takes some time on a clock that nothing else moves. */
  async function measured(count: number, tookMs: (item: number) => number) {
    let clockMs = 0
    const inPlace: number[] = []
    const slowly: number[] = []
    /** how many were measured in place whenever others had a turn */
    const turns: number[] = []
    const files: FileLayer = {
      ...nodeFiles,
      readWhole: (path, into) => {
        clockMs += tookMs(Number(path))
        into.set(TEXT)
        return TEXT.length
      },
    }
    let over = false
    const turn = (): void => {
      turns.push(inPlace.length)
      if (!over) setImmediate(turn)
    }
    setImmediate(turn)
    const items = Array.from({ length: count }, (_, item) => item)
    await measureInPlace(files, items, {
      pathOf: String,
      found: (item, sizes) => {
        expect(sizes).to.deep.equal({ fileOctets: 3, octets: 6 })
        inPlace.push(item)
      },
      slowly: async (left) => slowly.push(...left),
      nowMs: () => clockMs,
    })
    over = true
    expect([...inPlace, ...slowly].toSorted((a, b) => a - b)).to.deep.equal(items)
    return { inPlace, slowly, turns }
  }

  it('gives others a turn after some milliseconds, and goes on', async () => {
    const { slowly, turns } = await measured(1000, () => 0.0625)
    expect(slowly).to.deep.equal([])
    expect(turns).to.include.members([80, 160, 960])
    expect(Math.max(...turns.map((done, at) => done - (turns[at - 1] ?? 0)))).to.equal(80)
  })

  it('gives others a turn where the clock shows no time', async () => {
    const { turns } = await measured(5000, () => 0)
    expect(turns).to.include.members([2000, 4000])
  })

  it('goes the other way after one slow file, and each time for longer', async () => {
    const { inPlace } = await measured(10_000, () => 6)
    expect(inPlace).to.deep.equal([0, 1001, 3002, 7003])
  })

  it('comes back when the files are quick again', async () => {
    const { inPlace, slowly } = await measured(3000, (item) => (item === 500 ? 50 : 0.001))
    expect(slowly).to.have.length(1000)
    expect(inPlace.at(-1)).to.equal(2999)
  })

  it('holds nobody up for long by one slow file among many quick ones', async () => {
    const { slowly } = await measured(500, (item) => (item === 400 ? 6 : 0.01))
    expect(slowly).to.deep.equal([])
  })

  it('shows what the asynchronous way shows', async () => {
    const maildir = await createMaildir(temp())
    await store(maildir, 'own')
    const texts = ['', 'a', 'a\n', 'a\r\nb', 'x'.repeat(65_536), 'x\n'.repeat(32_769), '\r\n'.repeat(100_000)]
    for (const [at, text] of texts.entries()) writeFileSync(`${maildir.path}/cur/${at}.foreign:2,S`, text)
    writeFileSync(Buffer.concat([Buffer.from(`${maildir.path}/new/`), Buffer.from([0xff, 0x20])]), 'odd')
    mkdirSync(`${maildir.path}/new/folder`)
    symlinkSync('circle', `${maildir.path}/new/circle`)
    symlinkSync('nowhere', `${maildir.path}/new/dangling`)
    symlinkSync('x'.repeat(300), `${maildir.path}/new/unreadable`)
    const { readWhole: _, ...without } = nodeFiles
    const failing: FileLayer = {
      ...nodeFiles,
      readWhole: () => {
        throw systemError('EIO')
      },
    }
    const seen: string[] = []
    for (const files of [nodeFiles, without, failing]) {
      const told: string[] = []
      const opened = openMaildir(maildir.path, { files, unreadable: ({ code }) => told.push(code) })
      seen.push(JSON.stringify([await opened.list(), told]))
    }
    expect(JSON.parse(seen[0] ?? '')[0]).to.have.length(texts.length + 2)
    expect(seen[0]).to.contain('ENAMETOOLONG')
    expect(new Set(seen).size).to.equal(1)
  })
})
