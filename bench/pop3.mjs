/**
 * POP3 beside Dovecot "tuned" (`peers/dovecot.sh`), in one run, alternating, and where it tells something beside a bare
 * loop (`bare-pop3.mjs`): the rows of `ROWS`, the first opening of a large mailbox, and what a session that waits costs.
 *
 * Both have the same mail: LF and `,S=,W=` in names for Dovecot, CRLF and maildir-ts for Relais. Relais is the built
 * server as it starts, but for: no limits for addresses, `pop3.mark_seen` off (as Dovecot's `pop3_no_flag_updates`), and
 * passwords of 10,000 iterations, because each account signs in once before anything is measured. A rate ends with the
 * reply to QUIT; beside it stand CPU seconds for 1,000 operations, of the server with all its processes / of the client.
 *
 * Options: --peer dovecot|none, --quick (a sixth of the work; some 80 s), --only poll,large,... (rows of `ROWS`, `first`,
 * `idle`).
 */
import { spawn, spawnSync } from 'node:child_process'
import {
  createWriteStream,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { createMaildir, deliver, openMaildir } from 'maildir-ts'
import { createKeyDerivation } from '../dist/accounts/key-derivation.js'
import { createPasswordHasher } from '../dist/accounts/password-hasher.js'
import { openSqliteAccountDirectory } from '../dist/storage/sqlite/sqlite-account-directory.js'
import { foreignName } from './foreign-name.mjs'
import { cpuSeconds, pssKiB } from './process-tree.mjs'

const HERE = import.meta.dirname
const MAIN = join(HERE, '../dist/main.js')
const PASSWORD = 'Secret-bench-1'
const ITERATIONS = 10_000
const ROUNDS = 5
const KIB = 1024

const user = (index) => `user${String(index).padStart(3, '0')}`
const usersFrom = (first, count) => Array.from({ length: count }, (_, index) => user(first + index))
const [LARGE, HUGE, HEAVY] = [user(100), user(101), user(102)]
const POLLERS = usersFrom(0, 100)
/** Who only waits; on Relais, where a maildrop is for one session alone, each session is another account's. */
const WAITERS = usersFrom(103, 900)

/** What is measured as a rate: for each row the work of the client, and what its operations are called. */
const ROWS = [
  {
    key: 'poll',
    title: 'poll: connect, sign in (cached), STAT, QUIT; 10 at once, 100 messages each',
    unit: 'a second',
    work: (scale) => ({ mode: 'poll', users: POLLERS, count: 4200 * scale, atOnce: 10 }),
    reach: 2,
  },
  {
    key: 'large',
    title: 'the same, an unchanged box of 10,000 messages among 9',
    unit: 'a second',
    work: (scale) => ({
      mode: 'poll',
      users: [...POLLERS.slice(0, 8), LARGE],
      count: 3600 * scale,
      atOnce: 10,
    }),
    reach: 1,
    bare: true,
  },
  {
    key: 'pipelined',
    title: 'RETR of 4 KiB pipelined, a box of 10,000',
    unit: 'messages a second',
    work: (scale) => ({ mode: 'fetch', users: [LARGE], count: Math.ceil(6 * scale), window: 50 }),
    reach: 1.25,
    bare: true,
  },
  {
    key: 'single',
    title: 'RETR of 4 KiB one by one, one connection',
    unit: 'messages a second',
    work: (scale) => ({ mode: 'fetch', users: [LARGE], count: Math.ceil(3 * scale) }),
    reach: 1.1,
    bare: true,
  },
  {
    key: 'heavy',
    title: 'RETR of 10 MiB',
    unit: 'MB a second',
    work: (scale) => ({ mode: 'fetch', users: [HEAVY], count: Math.ceil(12 * scale) }),
    reach: 2,
    bare: true,
    ofOctets: true,
  },
]

export async function measure(argv) {
  const { values } = parseArgs({
    args: argv,
    options: {
      peer: { type: 'string', default: 'dovecot' },
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
    },
  })
  const wanted = (key) => values.only === undefined || values.only.split(',').includes(key)
  const began = performance.now()
  console.log(
    `# pop3: ${new Date().toISOString()}, Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model}, load ${loadavg()[0].toFixed(1)}${values.quick ? ', quick' : ''}`,
  )
  const folder = mkdtempSync(join(process.env.TMPDIR ?? tmpdir(), 'relais-bench-pop3-'))
  spawnSync('chmod', ['755', folder])
  try {
    const plan = { folder, scale: values.quick ? 1 / 6 : 1, huge: values.quick ? 20_000 : 100_000, wanted }
    const relais = await prepareRelais(plan)
    const dovecot = values.peer === 'dovecot' ? prepareDovecot(plan) : undefined
    console.error(`mailboxes filled after ${seconds(began)} s`)
    const theirs = await dovecot?.start()
    try {
      if (ROWS.some(({ key }) => wanted(key))) await rates(plan, relais, theirs)
      if (wanted('first')) await first(plan, relais, dovecot, theirs)
      if (wanted('idle')) await waiting(plan, relais, theirs)
    } finally {
      await theirs?.stop()
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  console.error(`\ndone after ${seconds(began)} s`)
}

/** Every row, Relais and Dovecot and bare loop in turn, `ROUNDS` times. */
async function rates({ scale, wanted }, relais, theirs) {
  const ours = await relais.start()
  const bare = await startBare(relais.maildirs)
  try {
    for (const server of [ours, theirs])
      if (server !== undefined)
        await load(server, { mode: 'poll', users: [...POLLERS, LARGE, HEAVY], count: 102, atOnce: 4 })
    const table = [['work', 'unit', 'Relais', 'Dovecot tuned', 'bare loop', 'ratio', 'to reach', 'runs']]
    for (const row of ROWS.filter(({ key }) => wanted(key))) {
      const servers = [ours, theirs, row.bare ? bare : undefined]
      table.push(await rate(row, servers, row.work(scale)))
    }
    print('rates (CPU s for 1,000, server / client)', table)
  } finally {
    await ours.stop()
    await bare.stop()
  }
}

async function rate({ key, title, unit, reach, ofOctets }, servers, work) {
  const runs = servers.map(() => [])
  for (let round = 0; round < ROUNDS; round += 1)
    for (const [index, server] of servers.entries())
      if (server !== undefined) runs[index].push(await load(server, work))
  const values = runs.map((all) => all.map((run) => (ofOctets ? run.megabytes : run.rate)))
  const [own, peer] = values
  const ratio = peer.length === 0 ? '-' : (median(own) / median(peer)).toFixed(2)
  const cells = runs.map((all) => cell(all, ofOctets))
  console.error(`${key}: ${cells.join(' | ')} | ratio ${ratio}, to reach ${reach}`)
  return [title, unit, ...cells, ratio, reach, values.map((all) => all.map(round).join(' ')).join(' / ')]
}

function cell(runs, ofOctets) {
  if (runs.length === 0) return '-'
  const rate = median(runs.map((run) => (ofOctets ? run.megabytes : run.rate)))
  const [server, client] = ['serverCpu', 'clientCpu'].map((key) => median(runs.map((run) => run[key])))
  return `${round(rate)} (${server.toPrecision(2)} / ${client.toPrecision(2)})`
}

/** Runs one load to its end. */
async function load({ port, pid }, work) {
  const before = cpuSeconds(pid)
  const client = startLoad(port, work)
  const { value } = await client.lines.next()
  if (value === undefined) throw new Error('the client failed')
  const { operations, octets, seconds, cpuSeconds: clientCpu, statMs } = JSON.parse(value)
  const used = cpuSeconds(pid) - before
  return {
    rate: operations / seconds,
    megabytes: octets / 1e6 / seconds,
    serverCpu: (used * 1000) / operations,
    clientCpu: (clientCpu * 1000) / operations,
    statMs,
  }
}

function startLoad(port, work) {
  const options = JSON.stringify({ port, password: PASSWORD, ...work })
  const child = spawn(process.execPath, [join(HERE, 'pop3-load.mjs'), options], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() }
}

/** What a session costs that has signed in and waits: between some and many, on a server that has done nothing before. */
async function waiting({ scale }, relais, theirs) {
  const counts = scale < 1 ? [50, 250] : [100, 900]
  const rows = [['a session that waits', 'sessions', 'PSS each, KiB', 'to reach']]
  for (const [name, tls, reach] of [
    ['Relais, plain', false, 'at most 40'],
    ['Relais, TLS', true, '-'],
  ]) {
    const ours = await relais.start()
    try {
      rows.push([name, ...(await memoryEach(ours, { users: WAITERS, tls }, counts)), reach])
    } finally {
      await ours.stop()
    }
  }
  if (theirs !== undefined)
    rows.push(['Dovecot tuned, plain', ...(await memoryEach(theirs, { users: POLLERS }, [20, 80])), '-'])
  print('memory', rows)
}

async function memoryEach({ port, tlsPort, pid }, work, [some, many]) {
  const client = startLoad(work.tls ? tlsPort : port, { mode: 'idle', ...work })
  const [low, high] = [await held(client, some, pid), await held(client, many, pid)]
  const ended = new Promise((resolve) => client.child.once('exit', resolve))
  client.child.stdin.end()
  await ended
  return [`${some} to ${many}`, ((high - low) / (many - some)).toFixed(1)]
}

async function held({ child, lines }, count, pid) {
  child.stdin.write(`${count}\n`)
  const { value } = await lines.next()
  if (JSON.parse(value ?? '{}').held !== count) throw new Error('not all sessions are held')
  await new Promise((resolve) => setTimeout(resolve, 1500))
  return pssKiB(pid)
}

/** A large mailbox, from PASS to the reply of STAT: never opened before, and unchanged since. */
async function first({ huge }, relais, dovecot, theirs) {
  const [cold, warm, coldPeer, warmPeer] = [[], [], [], []]
  const poll = async (server, count) =>
    (await load(server, { mode: 'poll', users: [HUGE], count, atOnce: 1 })).statMs
  for (let round = 0; round < ROUNDS; round += 1) {
    // Another process, which has seen this account's password and no message of it.
    const aside = relais.putAside(HUGE)
    const fresh = await relais.start()
    try {
      await poll(fresh, 1)
      aside.putBack()
      cold.push(...(await poll(fresh, 1)))
      warm.push(median(await poll(fresh, 5)))
    } finally {
      await fresh.stop()
    }
    if (theirs === undefined) continue
    dovecot.forgetIndexes(HUGE)
    coldPeer.push(...(await poll(theirs, 1)))
    warmPeer.push(median(await poll(theirs, 5)))
  }
  const line = (name, own, peer, reach) => [
    name,
    round(median(own)),
    peer.length === 0 ? '-' : round(median(peer)),
    peer.length === 0 ? '-' : (median(own) / median(peer)).toFixed(2),
    reach,
    [own, peer].map((values) => values.map(round).join(' ')).join(' / '),
  ]
  print('large mailbox', [
    [
      `${huge} messages, sizes in names, PASS to STAT, ms`,
      'Relais',
      'Dovecot tuned',
      'ratio',
      'to reach',
      'runs',
    ],
    line('first, no index', cold, coldPeer, 'at most 0.5'),
    line('unchanged', warm, warmPeer, 'below 1'),
  ])
}

/** Accounts and their mail. */
async function prepareRelais({ folder, huge, wanted }) {
  const root = join(folder, 'relais')
  const maildirs = join(root, 'maildir')
  mkdirSync(maildirs, { recursive: true })
  const derivation = createKeyDerivation()
  const passwordRecord = await createPasswordHasher(ITERATIONS, derivation.derive).make(PASSWORD)
  await derivation.close()
  const directory = await openSqliteAccountDirectory(join(root, 'config', 'directory.sqlite'))
  const createdAt = new Date()
  for (const name of [...POLLERS, LARGE, HUGE, HEAVY, ...WAITERS])
    await directory.add({ name, key: name, passwordRecord, createdAt, role: 'member', locked: false })
  await directory.close()
  for (const name of POLLERS) await fill(join(maildirs, name), 100, 1024)
  for (const name of wanted('idle') ? WAITERS : []) await fill(join(maildirs, name), 10, 512)
  await fill(join(maildirs, LARGE), ofLarge(wanted), 4 * KIB)
  await fill(join(maildirs, HUGE), wanted('first') ? huge : 0, 512)
  await fill(join(maildirs, HEAVY), 5, 10 * KIB * KIB)

  return {
    maildirs,
    start: () => startRelais(root, join(folder, 'relais.log')),
    /** Puts an empty mailbox in the place of one. */
    putAside(name) {
      const [place, aside] = [join(maildirs, name), join(folder, 'aside')]
      renameSync(place, aside)
      for (const sub of ['tmp', 'new', 'cur']) mkdirSync(join(place, sub), { recursive: true })
      return {
        putBack() {
          rmSync(place, { recursive: true })
          renameSync(aside, place)
        },
      }
    },
  }
}

async function startRelais(root, logFile) {
  const child = spawn(process.execPath, [...profiling(), MAIN, 'serve', '--root', root], {
    env: {
      ...process.env,
      RELAIS_SMTP_PORT: '0',
      RELAIS_SUBMISSION_PORT: 'off',
      RELAIS_SUBMISSIONS_PORT: 'off',
      RELAIS_POP3_PORT: '0',
      RELAIS_POP3S_PORT: '0',
      RELAIS_HTTP_PORT: 'off',
      RELAIS_ADDRESS_LIMITS: 'off',
      RELAIS_POP3_MARK_SEEN: 'false',
      RELAIS_PASSWORDS_ITERATIONS: String(ITERATIONS),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  child.stderr.pipe(createWriteStream(logFile, { flags: 'a' }))
  const ports = {}
  for await (const text of createInterface({ input: child.stdout })) {
    const [, protocol, port] = /^\s+(POP3S?)\s+\S+:(\d+)/.exec(text) ?? []
    if (protocol !== undefined) ports[protocol] = Number(port)
    if (ports.POP3 !== undefined && ports.POP3S !== undefined) break
  }
  if (ports.POP3S === undefined) throw new Error(`Relais did not start: see ${logFile}`)
  child.stdout.resume()
  return { port: ports.POP3, tlsPort: ports.POP3S, pid: child.pid, stop: () => stop(child) }
}

/** `BENCH_CPU_PROF=FOLDER` writes a profile of each server there. */
function profiling() {
  const { BENCH_CPU_PROF: folder } = process.env
  return folder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${folder}`]
}

async function startBare(maildirs) {
  const child = spawn(process.execPath, [join(HERE, 'bare-pop3.mjs'), maildirs], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const { value } = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next()
  return { port: Number(value), pid: child.pid, stop: () => stop(child) }
}

function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  return ended
}

function prepareDovecot({ folder, huge, wanted }) {
  const mailroot = join(folder, 'dovecot')
  mkdirSync(mailroot)
  for (const name of POLLERS) fillDovecot(join(mailroot, name), 100, 1024)
  fillDovecot(join(mailroot, LARGE), ofLarge(wanted), 4 * KIB)
  fillDovecot(join(mailroot, HUGE), wanted('first') ? huge : 0, 512)
  fillDovecot(join(mailroot, HEAVY), 5, 10 * KIB * KIB)
  const script = join(HERE, 'peers', 'dovecot.sh')

  return {
    async start() {
      const [port, lmtpPort] = [await freePort(), await freePort()]
      const env = {
        ...process.env,
        MAILROOT: mailroot,
        STATE_FILE: join(folder, 'dovecot.env'),
        MODE: 'tuned',
        USERS: '103',
        PORT: String(port),
        LMTP_PORT: String(lmtpPort),
        PASSWORD,
      }
      const { status, stdout, stderr } = spawnSync(script, ['start'], { env, encoding: 'utf8' })
      if (status !== 0) throw new Error(`Dovecot did not start (--peer none does without): ${stderr.trim()}`)
      const pid = Number(/^MAINPID=(\d+)$/m.exec(stdout)?.[1])
      return { port, pid, stop: async () => void spawnSync(script, ['stop'], { env }) }
    },
    forgetIndexes(name) {
      const box = join(mailroot, name)
      for (const file of readdirSync(box)) if (file.startsWith('dovecot')) rmSync(join(box, file))
    },
  }
}

/** How many messages the large mailbox has, where somebody asks for them. */
function ofLarge(wanted) {
  return ['large', 'pipelined', 'single'].some(wanted) ? 10_000 : 0
}

/** Messages of our own writer; syncing that many is not what is asked here. */
async function fill(folder, count, octets) {
  const { files } = await createMaildir(folder)
  const unsynced = { ...files, sync: async () => {}, syncFolder: async () => {} }
  const maildir = openMaildir(folder, { files: unsynced })
  const body = Buffer.from(message(octets, '\r\n'), 'latin1')
  let left = count
  const writer = async () => {
    while (left-- > 0) await deliver([maildir], body)
  }
  await Promise.all(Array.from({ length: 16 }, writer))
}

/** As many octets on the wire, at rest one less for each line. */
function fillDovecot(folder, count, octets) {
  for (const sub of ['tmp', 'new', 'cur']) mkdirSync(join(folder, sub), { recursive: true })
  const body = message(octets, '\n')
  for (let index = 0; index < count; index += 1) {
    writeFileSync(join(folder, 'cur', `${foreignName(index)},S=${body.length},W=${octets}:2,`), body)
  }
}

/** @param octets with lines ended by CRLF, whatever they are ended by */
function message(octets, lineEnd) {
  const head = 'From: alice@example.org\r\nTo: bob@glo2000.ca\r\nSubject: bench\r\n\r\n'
  const line = `${'x'.repeat(70)}\r\n`
  const rest = octets - head.length
  const last = `${'x'.repeat((rest % line.length) + line.length - 2)}\r\n`
  const text = `${head}${line.repeat(Math.floor(rest / line.length) - 1)}${last}`
  return text.replaceAll('\r\n', lineEnd)
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })
}

function print(title, rows) {
  console.log(`\n## ${title}`)
  for (const [index, row] of rows.entries()) {
    console.log(`| ${row.join(' | ')} |`)
    if (index === 0) console.log(`|${row.map(() => '---|').join('')}`)
  }
}

function median(values) {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)]
}

function round(value) {
  return value < 10 ? value.toFixed(1) : Math.round(value)
}

function seconds(since) {
  return Math.round((performance.now() - since) / 1000)
}
