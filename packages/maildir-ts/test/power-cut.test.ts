import { expect } from 'chai'
import {
  beginDelivery,
  createMaildir,
  createNamer,
  openMaildir,
  type FileLayer,
  type Maildir,
} from '../src/index.js'
import { bytesOf } from './support/bytes.js'
import { seededRandom } from './support/random.js'
import { SimulatedDisk } from './support/simulated-disk.js'
import { textIn } from './support/store.js'
import { systemError } from './support/watched-files.js'

const BOXES = ['/mail/ann', '/mail/bob', '/mail/cyd']
const CUTS_AT_EACH_STEP = 12
const SHORT = 'short\r\n'
const LONG = 'long\r\n'.repeat(20)

/** What must be true of the disk from a moment on: text and flags of each message, by Maildir and unique part; `gone` if it must not be there. */
type Promised = Map<string, string>

/** A disk as it was after one operation, what had been promised by then, and what may be there besides. */
interface Moment {
  readonly disk: SimulatedDisk
  readonly promised: Promised
  readonly allowed: ReadonlySet<string>
}

describe('power cut', () => {
  it('loses and tears nothing that was promised, at every moment of deliveries, flags, moves and removals', async () => {
    const moments = await record((layer) => layer)
    expect(moments.length).to.be.greaterThan(80)
    for (const [at, moment] of moments.entries())
      expect(await broken(moment, at)).to.deep.equal([], `moment ${at}`)
  })

  const omissions: [string, (layer: FileLayer) => FileLayer][] = [
    ['no sync of files', (layer) => ({ ...layer, sync: async () => undefined })],
    ['no sync of folders', (layer) => ({ ...layer, syncFolder: async () => undefined })],
    [
      'no sync of new',
      (layer) => ({
        ...layer,
        syncFolder: async (path) => (path.toString().endsWith('/new') ? undefined : layer.syncFolder(path)),
      }),
    ],
  ]
  for (const [name, omit] of omissions) {
    it(`is a test that notices: ${name}`, async () => {
      const failures: string[] = []
      for (const [at, moment] of (await record(omit)).entries()) failures.push(...(await broken(moment, at)))
      expect(failures).not.to.deep.equal([])
    })
  }
})

/** Runs the work on a disk and keeps the disk's state after each operation. */
async function record(change: (layer: FileLayer) => FileLayer): Promise<Moment[]> {
  const disk = new SimulatedDisk()
  const moments: Moment[] = []
  const promised: Promised = new Map()
  const allowed = new Set<string>()
  disk.afterEach = () => {
    moments.push({ disk: disk.clone(), promised: new Map(promised), allowed: new Set(allowed) })
  }
  const layer = change(disk.layer)
  // Links into the third Maildir fail, so that the copy is tried as well.
  const link: FileLayer['link'] = (from, to) => {
    if (to.toString().startsWith('/mail/cyd')) throw systemError('EXDEV')
    return layer.link(from, to)
  }
  await work({ ...layer, link }, promised, allowed)
  return moments
}

async function work(files: FileLayer, promised: Promised, allowed: Set<string>): Promise<void> {
  const namer = createNamer({ host: 'h', pid: 1, random: '00000000', now: () => 0 })
  const boxes: Maildir[] = []
  for (const path of BOXES) {
    boxes.push(await createMaildir(path, { files, namer }))
    promised.set(path, 'there')
  }
  const [ann, bob] = boxes
  if (!ann || !bob) throw new Error('no Maildirs')
  const send = async (targets: readonly Maildir[], text: string) => {
    const delivery = await beginDelivery(targets, { memoryOctets: 50 })
    for (const { path } of targets) allowed.add(`${path} ${delivery.unique} [] ${text}`)
    for (const piece of text.match(/[^]{1,40}/g) ?? []) await delivery.write(bytesOf(piece))
    const outcomes = await delivery.commit()
    await delivery.abort()
    return outcomes.map((outcome) => {
      if (!outcome.stored) throw outcome.cause
      promised.set(`${outcome.maildir.path} ${delivery.unique}`, `[] ${text}`)
      return outcome.entry
    })
  }
  const [first] = await send([ann], SHORT)
  await send([ann], LONG)
  await send(boxes, SHORT)
  await Promise.all([send(boxes, LONG), send([ann, bob], LONG), send([ann], SHORT)])
  if (!first) throw new Error('not stored')
  allowed.add(`${ann.path} ${first.unique} [S] ${SHORT}`)
  const place = `${ann.path} ${first.unique}`
  promised.set(place, `[] ${SHORT}|[S] ${SHORT}`)
  const seen = await ann.flag(first, { add: 'S' })
  promised.set(place, `[S] ${SHORT}`)
  allowed.add(`${bob.path} ${first.unique} [S] ${SHORT}`)
  promised.delete(place)
  promised.set(`either ${first.unique}`, `[S] ${SHORT}`)
  const moved = await ann.move(seen, bob)
  promised.delete(`either ${first.unique}`)
  promised.set(place, 'gone')
  promised.set(`${bob.path} ${first.unique}`, `[S] ${SHORT}`)
  promised.delete(`${bob.path} ${first.unique}`)
  await bob.remove(moved)
  promised.set(`${bob.path} ${first.unique}`, 'gone')
}

/** What a power cut at this moment would break, for several outcomes of chance. */
async function broken({ disk, promised, allowed }: Moment, at: number): Promise<string[]> {
  const failures: string[] = []
  for (let cut = 0; cut < CUTS_AT_EACH_STEP; cut += 1) {
    const found = await contents(disk.afterPowerCut(seededRandom(at * 1000 + cut)))
    for (const [place, shown] of found) {
      if (shown !== 'there' && !allowed.has(`${place} ${shown}`)) failures.push(`torn: ${place} ${shown}`)
    }
    for (const [place, wanted] of promised) {
      const unique = place.startsWith('either ') ? place.slice('either '.length) : undefined
      const places = unique ? [`/mail/ann ${unique}`, `/mail/bob ${unique}`] : [place]
      const shown = places.map((place) => found.get(place) ?? 'gone')
      if (!wanted.split('|').some((wanted) => shown.includes(wanted)))
        failures.push(`${place}: ${shown.join()}`)
    }
  }
  return failures
}

/** What is on a disk: each Maildir that is there, and flags and text of each message. */
async function contents(disk: SimulatedDisk): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  for (const path of BOXES) {
    const maildir = openMaildir(path, { files: disk.layer })
    const entries = await maildir.list().catch(() => undefined)
    if (entries) found.set(path, 'there')
    for (const entry of entries ?? []) {
      found.set(`${path} ${entry.unique}`, `[${entry.flags}] ${await textIn(maildir, entry)}`)
    }
  }
  return found
}
