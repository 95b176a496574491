import { readdirSync, renameSync, unlinkSync, writeFileSync } from 'node:fs'
import { expect } from 'chai'
import * as fc from 'fast-check'
import { beginDelivery, createMaildir, openMaildir, type Maildir, type MaildirEntry } from '../src/index.js'
import { bytesOf } from './support/bytes.js'
import { rest, store, textIn } from './support/store.js'
import { tempFolder } from './support/temp-folder.js'

/** What a message should be. */
interface Expected {
  readonly text: string
  readonly flags: string
  readonly folder: 'new' | 'cur'
}

/** A Maildir, what should be in it by unique part, and entries that were seen at some time. */
interface State {
  maildir: Maildir
  readonly model: Map<string, Expected>
  readonly seen: MaildirEntry[]
}

/** One thing that this library or another program does. */
type Step = (state: State, pick: number, text: string) => Promise<void>

const STEPS: Record<string, Step> = {
  async deliver(state, _, text) {
    const entry = await store(state.maildir, text)
    state.seen.push(entry)
    state.model.set(entry.unique, { text, flags: '', folder: 'new' })
  },
  async abortADelivery({ maildir }, _, text) {
    const delivery = await beginDelivery([maildir], { memoryOctets: 2 })
    await delivery.write(bytesOf(text))
    await delivery.abort()
  },
  async crashInADelivery(state, _, text) {
    const delivery = await beginDelivery([state.maildir], { memoryOctets: 2 })
    await delivery.write(bytesOf(text))
    state.maildir = openMaildir(state.maildir.path)
  },
  async reopen(state) {
    state.maildir = openMaildir(state.maildir.path)
  },
  async settle({ maildir }) {
    rest(maildir)
    await maildir.list()
  },
  async read({ maildir, model, seen }, pick) {
    const entry = seen[pick % seen.length]
    if (!entry) return
    const expected = model.get(entry.unique)
    const found = await textIn(maildir, entry).catch(() => undefined)
    expect(found).to.equal(expected?.text)
    expect((await maildir.find(entry.unique))?.flags).to.equal(expected?.flags)
  },
  async flag({ maildir, model, seen }, pick) {
    const entry = seen[pick % seen.length]
    const expected = entry && model.get(entry.unique)
    if (!expected) return
    const [add, remove] = [pick % 2 ? 'SF' : 'R', pick % 3 ? 'F' : '']
    const changed = await maildir.flag(entry, { add, remove })
    const wanted = ['F', 'R', 'S']
      .filter((flag) => (expected.flags + add).includes(flag) && !remove.includes(flag))
      .join('')
    expect(changed.flags).to.equal(wanted)
    seen.push(changed)
    model.set(entry.unique, { ...expected, flags: wanted, folder: 'cur' })
  },
  async remove({ maildir, model, seen }, pick) {
    const entry = seen[pick % seen.length]
    if (entry) expect(await maildir.remove(entry)).to.equal(model.delete(entry.unique))
  },
  async removeMany({ maildir, model, seen }, pick) {
    const entries = seen.slice(pick % (seen.length + 1), (pick % (seen.length + 1)) + 3)
    const there = new Set(entries.map(({ unique }) => unique).filter((unique) => model.has(unique)))
    const outcomes = await maildir.removeAll(entries)
    for (const { entry, removed } of outcomes) expect(removed).to.equal(there.has(entry.unique))
    for (const unique of there) model.delete(unique)
  },
  async anotherDelivers({ maildir, model }, pick, text) {
    const unique = `${1_000_000 + model.size}.M${pick}P1.other${readdirSync(`${maildir.path}/tmp`).length}`
    if (model.has(unique)) return
    writeFileSync(`${maildir.path}/new/${unique},S=1,W=1`, text)
    model.set(unique, { text, flags: '', folder: 'new' })
  },
  async anotherMovesToCur({ maildir, model }, pick) {
    const name = readdirSync(`${maildir.path}/new`)[pick % 5]
    if (name === undefined) return
    renameSync(`${maildir.path}/new/${name}`, `${maildir.path}/cur/${name}:2,S`)
    const unique = name.replace(/,.*/, '')
    const expected = model.get(unique)
    if (expected) model.set(unique, { ...expected, flags: 'S', folder: 'cur' })
  },
  async anotherRemoves({ maildir, model }, pick) {
    const name = readdirSync(`${maildir.path}/cur`)[pick % 5]
    if (name === undefined) return
    unlinkSync(`${maildir.path}/cur/${name}`)
    model.delete(name.replace(/[,:].*/, ''))
  },
}

describe('any sequence of deliveries, reading, flags, removals, other programs and crashes', () => {
  const temp = tempFolder()

  it('leaves exactly what a plain model says', async function () {
    this.timeout(20_000)
    const step = fc.record({
      name: fc.constantFrom(...Object.keys(STEPS)),
      pick: fc.nat(1000),
      text: fc.stringMatching(/^[ab\r\n]{0,12}$/),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
        const state: State = { maildir: await createMaildir(temp()), model: new Map(), seen: [] }
        for (const { name, pick, text } of steps) {
          await STEPS[name]?.(state, pick, text)
          await compare(state)
        }
      }),
      { numRuns: 60 },
    )
  })
})

async function compare({ maildir, model, seen }: State): Promise<void> {
  const listed = await maildir.list()
  const shown = listed.map(({ unique, folder, flags, octets, fileOctets }) => [
    unique,
    folder,
    flags,
    octets,
    fileOctets,
  ])
  const wanted = [...model].map(([unique, { text, flags, folder }]) => {
    // Files of another program are read for their size: what is sent ends with a line end.
    const added = unique.includes('other') && /[^\n]$/.test(text) ? 2 : 0
    return [unique, folder, flags, text.replaceAll(/\r\n|\n/g, '\r\n').length + added, text.length]
  })
  expect(shown.toSorted(byUnique)).to.deep.equal(wanted.toSorted(byUnique))
  seen.push(...listed.filter(({ unique }) => !seen.some((entry) => entry.unique === unique)))
}

function byUnique([a]: unknown[], [b]: unknown[]): number {
  return String(a) < String(b) ? -1 : 1
}
