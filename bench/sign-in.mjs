/**
 * Sign-in: what it costs, and what guessing costs everybody else. The built server, in a folder of its own.
 *
 * 1. Sign-ins a second over POP3 (connect, USER, PASS, STAT, QUIT), cold (each account for the first time) and warm
 *    (remembered), 8 connections at once.
 * 2. Deliveries one after the other, their latency idle and while 8 guessers at full speed, each from a loopback
 *    address of its own, try names and passwords; beside them, every second, a client
 *    that has signed in before and one from an address that never has. Limits for addresses are switched off for
 *    it: otherwise each guesser would be turned away after ten.
 *
 * Options: --seconds N (of guessing, default 20), --accounts N (signed in cold, default 24).
 */
import { spawn, spawnSync } from 'node:child_process'
import { createInterface } from 'node:readline'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

const MAIN = join(import.meta.dirname, '../dist/main.js')
const PASSWORD = 'Bench-Passw0rd'
const GUESSERS = 8

export async function measure(argv) {
  const { values } = parseArgs({
    args: argv,
    options: {
      seconds: { type: 'string', default: '20' },
      accounts: { type: 'string', default: '24' },
    },
  })
  const root = mkdtempSync(join(process.env.TMPDIR ?? tmpdir(), 'relais-bench-sign-in-'))
  console.log(
    `# sign-in: ${new Date().toISOString()}, Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model}`,
  )
  const seconds = Number(values.seconds)
  const names = Array.from({ length: Number(values.accounts) }, (_, index) => `user${index}`)
  // Each signs in once, so that every one of these sign-ins costs its hash.
  const fresh = Array.from({ length: 2 * seconds + 2 }, (_, index) => `fresh${index}`)
  try {
    for (const name of [...names, ...fresh]) addAccount(root, name)
    const server = await startServer(root)
    try {
      await rates(server, names)
      await guessing(server, names, fresh, seconds)
    } finally {
      server.child.kill('SIGTERM')
      await new Promise((resolve) => server.child.once('exit', resolve))
    }
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

async function rates({ pop3 }, names) {
  const cold = await throughput(names, 8, (name) => poll(pop3, name))
  const repeated = Array.from({ length: 4000 }, (_, index) => names[index % names.length])
  const warm = await throughput(repeated, 8, (name) => poll(pop3, name))
  table('sign-ins (connect, USER, PASS, STAT, QUIT), 8 at once', [
    ['', 'a second'],
    ['cold: 210,000 iterations each', cold.toFixed(1)],
    ['warm: remembered', warm.toFixed(0)],
  ])
}

async function guessing(server, names, fresh, seconds) {
  const idle = await deliverFor(server, seconds * 500)
  const stop = { now: false }
  await poll(server.pop3, names[0], { from: '127.0.0.100' })
  const guesses = { made: 0 }
  const guessers = Array.from({ length: GUESSERS }, (_, index) => guess(server.pop3, index, stop, guesses))
  const [knownMs, strangerMs] = [[], []]
  const clients = [
    everySecond(stop, fresh.slice(0, seconds), async (name) =>
      knownMs.push(await timed(() => poll(server.pop3, name, { from: '127.0.0.100' }))),
    ),
    everySecond(stop, fresh.slice(seconds), async (name, turn) =>
      strangerMs.push(await timed(() => poll(server.pop3, name, { from: `127.0.1.${turn + 1}` }))),
    ),
  ]
  const busy = await deliverFor(server, seconds * 1000)
  stop.now = true
  await Promise.all([...guessers, ...clients])
  table(`${GUESSERS} guessers from ${GUESSERS} addresses, ${seconds} s, ${guesses.made} guesses answered`, [
    ['', 'p50 ms', 'p99 ms', 'worst ms', 'count'],
    ['delivery, idle', ...quantiles(idle)],
    ['delivery, under guessing', ...quantiles(busy)],
    ['ratio of p99', '', (quantile(busy, 0.99) / quantile(idle, 0.99)).toFixed(2), '', ''],
    ['sign-in of a known client', ...quantiles(knownMs)],
    ['sign-in from a new address', ...quantiles(strangerMs)],
  ])
}

/** One guesser: a connection after the other, as many guesses on each as are let through, each at another name. */
async function guess(port, index, stop, guesses) {
  for (let turn = 0; !stop.now;) {
    const line = await dialogue(port, { from: `127.0.0.${index + 10}` })
    try {
      for (; !stop.now; turn += 1) {
        // Not the accounts of those who sign in: they would be blocked, which is not what is measured.
        await line.say(`USER nobody${index}-${turn}`)
        await line.say(`PASS Wrong-Passw0rd-${turn}`)
        guesses.made += 1
      }
    } catch {
      // Cut off: the next connection.
    } finally {
      line.close()
    }
  }
}

/** Messages of 4 KiB one after the other on one connection; answers how long each took from DATA's end to its 250. */
async function deliverFor({ smtp }, ms) {
  const line = await dialogue(smtp, {})
  const body = `Subject: bench\r\n\r\n${'x'.repeat(76).concat('\r\n').repeat(52)}.\r\n`
  const took = []
  await line.say('EHLO bench.example.org', /^250 /)
  for (const end = Date.now() + ms; Date.now() < end;) {
    took.push(
      await timed(async () => {
        await line.say('MAIL FROM:<bench@example.org>', /^250 /)
        await line.say('RCPT TO:<user0@glo2000.ca>', /^250 /)
        await line.say('DATA', /^354 /)
        await line.raw(body, /^250 /)
      }),
    )
    // A steady trickle, not a flood: what is measured is how long a message waits.
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  line.close()
  return took
}

async function poll(port, name, { from } = {}) {
  const line = await dialogue(port, { from })
  try {
    await line.say(`USER ${name}`, /^\+OK/)
    await line.say(`PASS ${PASSWORD}`, /^\+OK/)
    await line.say('STAT', /^\+OK/)
    await line.say('QUIT', /^\+OK/)
  } finally {
    line.close()
  }
}

/** A line by line conversation; `say` answers the last line of the reply. */
async function dialogue(port, { from }) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true, ...(from && { localAddress: from }) })
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]()
  socket.on('error', () => {})
  async function answer(expected) {
    for (;;) {
      const { value, done } = await lines.next()
      if (done) throw new Error('cut off')
      if (/^\d{3}-/.test(value)) continue
      if (expected !== undefined && !expected.test(value)) throw new Error(`answered ${value}`)
      return value
    }
  }
  await answer()
  return {
    say: (command, expected) => {
      socket.write(`${command}\r\n`)
      return answer(expected)
    },
    raw: (text, expected) => {
      socket.write(text)
      return answer(expected)
    },
    close: () => socket.destroy(),
  }
}

async function throughput(items, atOnce, work) {
  const queue = [...items]
  const start = performance.now()
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item)
    }),
  )
  return items.length / ((performance.now() - start) / 1000)
}

async function everySecond(stop, items, work) {
  for (const [turn, item] of items.entries()) {
    if (stop.now) return
    const next = Date.now() + 1000
    await work(item, turn)
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, next - Date.now())))
  }
}

async function timed(work) {
  const start = performance.now()
  await work()
  return performance.now() - start
}

function addAccount(root, name) {
  const { status, stderr } = spawnSync(
    process.execPath,
    [MAIN, 'account', 'add', name, '--password-stdin', '--root', root],
    {
      input: `${PASSWORD}\n`,
      encoding: 'utf8',
    },
  )
  if (status !== 0) throw new Error(stderr)
}

async function startServer(root) {
  const child = spawn(process.execPath, [MAIN, 'serve', '--root', root], {
    env: {
      ...process.env,
      RELAIS_SMTP_PORT: '0',
      RELAIS_POP3_PORT: '0',
      RELAIS_SUBMISSION_PORT: 'off',
      RELAIS_SUBMISSIONS_PORT: 'off',
      RELAIS_POP3S_PORT: 'off',
      RELAIS_HTTP_PORT: 'off',
      RELAIS_ADDRESS_LIMITS: 'off',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ports = {}
  for await (const text of createInterface({ input: child.stdout })) {
    const [, protocol, port] = /^\s+(SMTP|POP3)\s+\S+:(\d+)/.exec(text) ?? []
    if (protocol !== undefined) ports[protocol.toLowerCase()] = Number(port)
    if (ports.smtp !== undefined && ports.pop3 !== undefined) break
  }
  return { child, ...ports }
}

function quantile(values, share) {
  const sorted = values.toSorted((one, other) => one - other)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
}

function quantiles(values) {
  if (values.length === 0) return ['-', '-', '-', '0']
  return [...[0.5, 0.99, 1].map((share) => quantile(values, share).toFixed(1)), String(values.length)]
}

function table(title, rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)))
  console.log(`\n${title}`)
  for (const row of rows)
    console.log(`  ${row.map((cell, column) => cell.padEnd(widths[column])).join('  ')}`.trimEnd())
}
