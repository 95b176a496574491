/**
 * The mailbox store beside the bare disk and Dovecot, in one run, alternating.
 *
 * 1. Deliveries of 4 KiB, 32 at once, every message and folder synced, against `fslimit.c` with the same syncs.
 * 2. One message of 10 MiB to 100 mailboxes: octets on disk against one message written.
 * 3. A mailbox of 100,000 messages, page cache warm: open and STAT, first and unchanged, against Dovecot without and
 *    with an index (names with sizes on both sides), and names without sizes.
 * 4. A message of 100 MiB read to its end: growth of memory.
 *
 * Options: --count N (messages of question 1, default 6000), --messages N (of question 3, default 100000),
 * --peer dovecot|none.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { beginDelivery, createMaildir, deliver, openMaildir } from 'maildir-ts'
import { openMaildirMailboxStore } from '../dist/storage/maildir/maildir-mailbox-store.js'
import { foreignName } from './foreign-name.mjs'

const HERE = import.meta.dirname
const AT_ONCE = 32
const ROUNDS = 3

export async function measure(argv) {
  const { values } = parseArgs({
    args: argv,
    options: {
      count: { type: 'string', default: '6000' },
      messages: { type: 'string', default: '100000' },
      peer: { type: 'string', default: 'dovecot' },
    },
  })
  const folder = mkdtempSync(join(process.env.TMPDIR ?? tmpdir(), 'relais-bench-store-'))
  console.log(
    `# store: ${new Date().toISOString()}, Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model}`,
  )
  console.log(`# thread pool: ${process.env.UV_THREADPOOL_SIZE ?? '4 (default)'}`)
  try {
    await deliveries(folder, Number(values.count))
    await manyMailboxes(folder)
    await largeMessage(folder)
    await largeMailbox(folder, Number(values.messages), values.peer)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function deliveries(folder, count) {
  const fslimit = join(folder, 'fslimit')
  execFileSync('cc', ['-O2', '-pthread', '-o', fslimit, join(HERE, 'fslimit.c')])
  const rates = { disk: [], many: [], diskOne: [], one: [] }
  const body = message(4096)
  await deliverTo(join(folder, 'warm-up'), 10, body, count)
  for (let round = 0; round < ROUNDS; round += 1) {
    rates.disk.push(diskRate(fslimit, join(folder, `disk${round}`), count, 100))
    rates.many.push(await deliverTo(join(folder, `many${round}`), 100, body, count))
    rates.diskOne.push(diskRate(fslimit, join(folder, `diskOne${round}`), count, 1))
    rates.one.push(await deliverTo(join(folder, `one${round}`), 1, body, count))
  }
  const [disk, many, diskOne, one] = [rates.disk, rates.many, rates.diskOne, rates.one].map(median)
  table('deliveries of 4 KiB, 32 at once, file and folder synced', [
    ['', 'a second (median)', 'of the disk, same folders', 'runs'],
    ['bare disk (fslimit.c), 100 folders', round(disk), '1.00', rates.disk.map(round).join(' ')],
    ['maildir-ts, 100 folders', round(many), (many / disk).toFixed(2), rates.many.map(round).join(' ')],
    ['bare disk, one folder', round(diskOne), '1.00', rates.diskOne.map(round).join(' ')],
    ['maildir-ts, one folder', round(one), (one / diskOne).toFixed(2), rates.one.map(round).join(' ')],
  ])
}

/** What was removed before must not weigh on what comes after. */
function settle() {
  execFileSync('sync')
}

function diskRate(fslimit, folder, count, folders) {
  mkdirSync(folder)
  settle()
  const { stdout } = spawnSync(
    fslimit,
    [folder, String(AT_ONCE), String(count), '4096', 'filedir', String(folders)],
    {
      encoding: 'utf8',
    },
  )
  rmSync(folder, { recursive: true })
  return JSON.parse(stdout).perSecond
}

async function deliverTo(folder, folders, body, count) {
  mkdirSync(folder)
  const maildirs = await Promise.all(
    Array.from({ length: folders }, (_, index) => createMaildir(join(folder, `user${index}`))),
  )
  let next = 0
  const sender = async () => {
    for (let index = next++; index < count; index = next++) {
      const [outcome] = await deliver([maildirs[index % folders]], body)
      if (!outcome.stored) throw outcome.cause
    }
  }
  settle()
  const began = performance.now()
  await Promise.all(Array.from({ length: AT_ONCE }, sender))
  const perSecond = (count * 1000) / (performance.now() - began)
  rmSync(folder, { recursive: true })
  return perSecond
}

async function manyMailboxes(folder) {
  const octets = 10 * 1024 * 1024
  const maildirs = await Promise.all(
    Array.from({ length: 100 }, (_, index) => createMaildir(join(folder, 'hundred', `user${index}`))),
  )
  const began = performance.now()
  await deliver(maildirs, message(octets))
  const ms = performance.now() - began
  const inodes = new Map()
  for (const { path } of maildirs) {
    for (const name of readdirSync(join(path, 'new'))) {
      const { ino, blocks } = statSync(join(path, 'new', name))
      inodes.set(ino, blocks * 512)
    }
  }
  const written = [...inodes.values()].reduce((sum, each) => sum + each, 0)
  table('one message of 10 MiB to 100 mailboxes', [
    ['octets on disk', 'of one message', 'ms'],
    [written, (written / octets).toFixed(3), round(ms)],
  ])
}

async function largeMessage(folder) {
  const maildir = await createMaildir(join(folder, 'large'))
  const delivery = await beginDelivery([maildir])
  const chunk = message(64 * 1024)
  for (let octets = 0; octets < 100 * 1024 * 1024; octets += chunk.length) await delivery.write(chunk)
  await delivery.commit()
  const store = await openMaildirMailboxStore({
    accountsDir: folder,
    lostDir: join(folder, 'lost'),
    runDir: join(folder, 'run'),
  })
  const maildrop = await store.openMaildrop('large', { waitMs: 0 })
  const before = process.memoryUsage.rss()
  let most = before
  let octets = 0
  const open = await maildrop.open(maildrop.entries[0])
  for await (const piece of open.chunks()) {
    octets += piece.length
    most = Math.max(most, process.memoryUsage.rss())
  }
  await open.close()
  await maildrop.close()
  table('a message of 100 MiB, read to its end', [
    ['octets', 'memory grew by MiB'],
    [octets, ((most - before) / 1048576).toFixed(1)],
  ])
}

async function largeMailbox(folder, count, peer) {
  const accounts = join(folder, 'accounts')
  mkdirSync(accounts)
  await fill(join(accounts, 'sized'), count)
  await fillForeign(join(accounts, 'unsized'), count)
  const rows = [['', 'first open and STAT, ms', 'unchanged, ms', 'octets an entry']]
  for (const key of ['sized', 'unsized']) {
    const store = await openMaildirMailboxStore({
      accountsDir: accounts,
      lostDir: join(folder, 'lost'),
      runDir: join(folder, 'run'),
    })
    globalThis.gc?.()
    const before = process.memoryUsage().heapUsed
    const first = await openAndStat(store, key)
    globalThis.gc?.()
    const octets =
      globalThis.gc === undefined ? '-' : round((process.memoryUsage().heapUsed - before) / count)
    const again = await openAndStat(store, key)
    rows.push([
      `Relais, names ${key === 'sized' ? 'with' : 'without'} sizes`,
      round(first),
      round(again),
      octets,
    ])
    await store.close()
  }
  if (peer === 'dovecot') rows.push(...(await dovecot(folder, count)))
  table(`a mailbox of ${count} messages, page cache warm`, rows)
}

async function openAndStat(store, key) {
  const began = performance.now()
  const maildrop = await store.openMaildrop(key, { waitMs: 0 })
  const octets = maildrop.entries.reduce((sum, entry) => sum + entry.octets, 0)
  const ms = performance.now() - began
  if (octets === 0) throw new Error('an empty maildrop')
  await maildrop.close()
  return ms
}

/** One message file with as many names as there shall be messages, as our own writer names them. */
async function fill(folder, count) {
  const maildir = await createMaildir(folder)
  const body = message(4096)
  let left = count
  const sender = async () => {
    while (left-- > 0) await deliver([maildir], body)
  }
  // Syncing 100,000 messages would take minutes and is not what is asked here.
  const unsynced = { ...maildir.files, sync: async () => {}, syncFolder: async () => {} }
  const quick = openMaildir(folder, { files: unsynced })
  const quickSender = async () => {
    while (left-- > 0) await deliver([quick], body)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, count > 1000 ? quickSender : sender))
}

/** Names of another writer that tell no size. */
async function fillForeign(folder, count) {
  const { path } = await createMaildir(folder)
  const body = message(4096)
  for (let index = 0; index < count; index += 1) {
    writeFileSync(join(path, 'cur', `${foreignName(index)}:2,`), body)
  }
}

/** Dovecot's files: LF, names with sizes, and names without. */
function fillDovecot(folder, count, sized) {
  for (const sub of ['tmp', 'new', 'cur']) mkdirSync(join(folder, sub), { recursive: true })
  const body = message(4096).toString('latin1').replaceAll('\r\n', '\n')
  const sizes = sized ? `,S=${body.length},W=4096` : ''
  for (let index = 0; index < count; index += 1) {
    writeFileSync(join(folder, 'cur', `${foreignName(index)}${sizes}:2,`), body)
  }
}

async function dovecot(folder, count) {
  const mailroot = join(folder, 'dovecot')
  mkdirSync(mailroot)
  for (const parent of [folder, mailroot]) execFileSync('chmod', ['755', parent])
  fillDovecot(join(mailroot, 'user000'), count, true)
  fillDovecot(join(mailroot, 'user001'), count, false)
  const state = join(folder, 'dovecot.env')
  const env = {
    ...process.env,
    MAILROOT: mailroot,
    STATE_FILE: state,
    MODE: 'tuned',
    USERS: '3',
    PORT: '21110',
    LMTP_PORT: '21124',
  }
  const script = join(HERE, 'peers', 'dovecot.sh')
  const started = spawnSync(script, ['start'], { env, encoding: 'utf8' })
  if (started.status !== 0)
    return [[`Dovecot did not start: ${String(started.stderr).trim()}`, '-', '-', '-']]
  try {
    await pop3Stat(21110, 'user002')
    const rows = []
    for (const [user, name] of [
      ['user000', 'with'],
      ['user001', 'without'],
    ]) {
      const first = await pop3Stat(21110, user)
      const again = await pop3Stat(21110, user)
      rows.push([`Dovecot tuned, names ${name} sizes`, round(first), round(again), '-'])
    }
    return rows
  } finally {
    spawnSync(script, ['stop'], { env })
  }
}

/** From PASS to the reply of STAT, in ms. */
async function pop3Stat(port, user) {
  const socket = connect(port, '127.0.0.1')
  const lines = (async function* () {
    let rest = ''
    for await (const chunk of socket) {
      const parts = (rest + chunk.toString('latin1')).split('\r\n')
      rest = parts.pop() ?? ''
      yield* parts
    }
  })()
  const ask = async (line) => {
    if (line !== undefined) socket.write(`${line}\r\n`)
    const { value } = await lines.next()
    if (!value?.startsWith('+OK')) throw new Error(`${line} → ${String(value)}`)
  }
  await ask()
  await ask(`USER ${user}`)
  const began = performance.now()
  await ask('PASS Secret-bench-1')
  await ask('STAT')
  const ms = performance.now() - began
  await ask('QUIT')
  return ms
}

function message(octets) {
  const head = 'From: alice@example.org\r\nTo: bob@glo2000.ca\r\nSubject: bench\r\n\r\n'
  const line = `${'x'.repeat(70)}\r\n`
  const body = line.repeat(Math.ceil((octets - head.length) / line.length)).slice(0, octets - head.length - 2)
  return Buffer.from(`${head}${body.replace(/\r$/, 'x')}\r\n`, 'latin1')
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
  return value < 10 ? value.toFixed(1) : Math.round(value)
}
