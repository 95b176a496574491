/**
 * What opening a maildrop and reading its messages cost at the store, page cache warm, in one run, alternating.
 *
 * 1. A mailbox of 100,000 messages, names with sizes: the first open, beside a bare `readdir` of its folder.
 * 2. Open and close of unchanged mailboxes of 100, 10,000 and 100,000 messages: a poll without its protocol.
 * 3. What holding a maildrop alone costs: open and close, beside a view, which holds nothing.
 * 4. Every message of 4 KiB of a mailbox of 10,000, one after the other: the store, beside bare loops with
 *    `fs.promises`, callbacks, and calls in place.
 *
 * Options: --messages N (of question 1, default 100000), --beside DIR (another built tree of Relais).
 */
import fs from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'

const ROUNDS = 5

export async function measure(argv) {
  const { values } = parseArgs({
    args: argv,
    options: { messages: { type: 'string', default: '100000' }, beside: { type: 'string' } },
  })
  console.log(
    `# listing: ${new Date().toISOString()}, Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model}`,
  )
  const root = fs.mkdtempSync(join(process.env.TMPDIR ?? tmpdir(), 'relais-bench-listing-'))
  try {
    const builds = [['Relais', resolve(import.meta.dirname, '..')]]
    if (values.beside !== undefined) builds.push([`Relais of ${values.beside}`, resolve(values.beside)])
    const openers = []
    for (const [name, tree] of builds) {
      const { href } = pathToFileURL(join(tree, 'dist/storage/maildir/maildir-mailbox-store.js'))
      const { openMaildirMailboxStore } = await import(href)
      const paths = {
        accountsDir: join(root, 'maildir'),
        lostDir: join(root, 'lost'),
        runDir: join(root, 'run'),
      }
      openers.push([name, () => openMaildirMailboxStore(paths)])
    }
    const boxes = { small: 100, middle: 10_000, large: Number(values.messages) }
    for (const [key, count] of Object.entries(boxes)) fill(join(root, 'maildir', key), count)
    await firstOpen(openers, join(root, 'maildir/large/cur'), boxes.large)
    await polls(openers, boxes)
    await holding(openers)
    await reading(openers, join(root, 'maildir/middle/cur'), boxes.middle)
  } finally {
    fs.rmSync(root, { recursive: true, force: true })
  }
}

/** Files of our own writer's names, in cur, at rest for a minute. */
function fill(folder, count) {
  for (const sub of ['tmp', 'new', 'cur']) fs.mkdirSync(join(folder, sub), { recursive: true })
  const body = Buffer.from(
    `Subject: bench\r\n\r\n${`${'x'.repeat(62)}\r\n`.repeat(64)}`.slice(0, 4094) + '\r\n',
  )
  const nameOf = (index) => {
    const micros = String((index * 7919) % 1_000_000).padStart(6, '0')
    return `${1_700_000_000 + Math.floor(index / 3)}.tsR0123abcdM${micros}P4321Q${index + 1}.bench.example.org,S=4096,W=4096:2,S`
  }
  // One file with many names where only the names are asked for.
  const first = join(folder, 'cur', nameOf(0))
  fs.writeFileSync(first, body)
  for (let index = 1; index < count; index += 1) {
    const path = join(folder, 'cur', nameOf(index))
    if (count > 10_000 && index % 10_000 !== 0)
      fs.linkSync(join(folder, 'cur', nameOf(index - (index % 10_000))), path)
    else fs.writeFileSync(path, body)
  }
  const seconds = Date.now() / 1000 - 60
  for (const sub of ['new', 'cur']) fs.utimesSync(join(folder, sub), seconds, seconds)
}

async function firstOpen(openers, folder, count) {
  const ms = new Map([['bare readdir', []], ...openers.map(([name]) => [name, []])])
  const octets = new Map()
  for (let round = 0; round < ROUNDS; round += 1) {
    ms.get('bare readdir').push(await timed(() => new Promise((done) => fs.readdir(folder, 'latin1', done))))
    for (const [name, open] of openers) {
      const store = await open()
      globalThis.gc?.()
      const before = process.memoryUsage().heapUsed
      ms.get(name).push(await timed(() => openAndClose(store, 'large')))
      globalThis.gc?.()
      octets.set(name, Math.round((process.memoryUsage().heapUsed - before) / count))
      await store.close()
    }
  }
  table(`first open and STAT of ${count} messages`, [
    ['', 'ms (median)', 'octets of memory a message', 'runs'],
    ...[...ms].map(([name, runs]) => [
      name,
      round(median(runs)),
      octets.get(name) ?? '-',
      runs.map(round).join(' '),
    ]),
  ])
}

async function polls(openers, boxes) {
  const rows = [
    ['open, STAT and close, unchanged', ...Object.values(boxes).map((count) => `${count} messages, us`)],
  ]
  const stores = await Promise.all(openers.map(async ([name, open]) => [name, await open()]))
  for (const [name, store] of stores) {
    const row = [name]
    for (const [key, count] of Object.entries(boxes))
      row.push(await usOf(() => openAndClose(store, key), 20_000_000 / (count + 10_000)))
    rows.push(row)
  }
  table('polls', rows)
  for (const [, store] of stores) await store.close()
}

async function holding(openers) {
  const rows = [['', 'open and close, us', 'view, us', 'holding costs, us']]
  for (const [name, open] of openers) {
    const store = await open()
    const view = await usOf(() => store.view({ kind: 'account', key: 'small' }), 3000)
    const maildrop = await usOf(() => openAndClose(store, 'small'), 3000)
    rows.push([name, maildrop, view, round(maildrop - view)])
    await store.close()
  }
  table('holding a maildrop of 100 messages alone', rows)
}

async function reading(openers, folder, count) {
  const paths = fs.readdirSync(folder).map((name) => join(folder, name))
  const loops = new Map([
    ['fs.promises', () => eachOf(paths, readByPromises)],
    ['callbacks', () => eachOf(paths, readByCallbacks)],
    ['in place', async () => paths.forEach(readInPlace)],
  ])
  const stores = []
  for (const [name, open] of openers) {
    const store = await open()
    stores.push(store)
    loops.set(name, () => readAll(store, 'middle'))
  }
  const rates = new Map([...loops.keys()].map((name) => [name, []]))
  for (let round = 0; round < ROUNDS; round += 1)
    for (const [name, loop] of loops) rates.get(name).push((count * 1000) / (await timed(loop)))
  const bare = median(rates.get('in place'))
  table(`messages of 4 KiB, one after the other, ${count} of them`, [
    ['', 'a second (median)', 'of the bare loop in place', 'runs'],
    ...[...rates].map(([name, runs]) => [
      name,
      round(median(runs)),
      (median(runs) / bare).toFixed(2),
      runs.map(round).join(' '),
    ]),
  ])
  for (const store of stores) await store.close()
}

async function readAll(store, key) {
  const maildrop = await store.openMaildrop(key, { waitMs: 0 })
  let octets = 0
  for (const entry of maildrop.entries) {
    const opened = maildrop.open(entry)
    const message = opened instanceof Promise ? await opened : opened
    const chunks = message.chunks()
    if (Symbol.iterator in chunks) for (const chunk of chunks) octets += chunk.length
    else for await (const chunk of chunks) octets += chunk.length
    await message.close()
  }
  await maildrop.close()
  if (octets !== maildrop.entries.length * 4096) throw new Error(`${octets} octets`)
}

async function eachOf(paths, read) {
  for (const path of paths) await read(path)
}

async function readByPromises(path) {
  const file = await fs.promises.open(path)
  const { size } = await file.stat()
  const buffer = Buffer.allocUnsafe(size)
  await file.read(buffer, 0, size, 0)
  await file.close()
}

async function readByCallbacks(path) {
  const file = await new Promise((done, fail) =>
    fs.open(path, (error, file) => (error ? fail(error) : done(file))),
  )
  const { size } = fs.fstatSync(file)
  const buffer = Buffer.allocUnsafe(size)
  await new Promise((done, fail) =>
    fs.read(file, buffer, 0, size, 0, (error) => (error ? fail(error) : done())),
  )
  fs.closeSync(file)
}

function readInPlace(path) {
  const file = fs.openSync(path)
  const { size } = fs.fstatSync(file)
  fs.readSync(file, Buffer.allocUnsafe(size), 0, size, 0)
  fs.closeSync(file)
}

async function openAndClose(store, key) {
  const maildrop = await store.openMaildrop(key, { waitMs: 0 })
  let octets = 0
  for (const entry of maildrop.entries) octets += entry.octets
  if (octets === 0) throw new Error('an empty maildrop')
  await maildrop.close()
}

/** Microseconds of one call, the median of many after a tenth as many. */
async function usOf(work, times) {
  for (let time = 0; time < times / 10; time += 1) await work()
  const runs = []
  for (let time = 0; time < times; time += 1) runs.push(await timed(work))
  return round(median(runs) * 1000)
}

async function timed(work) {
  const began = performance.now()
  await work()
  return performance.now() - began
}

function table(title, rows) {
  console.log(`\n## ${title}`)
  for (const [index, row] of rows.entries()) {
    console.log(`| ${row.join(' | ')} |`)
    if (index === 0) console.log(`|${row.map(() => '---|').join('')}`)
  }
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]
}

function round(value) {
  return value < 10 ? Number(value.toFixed(1)) : Math.round(value)
}
