/**
 * A POP3 client that costs little, in a process of its own: `node bench/pop3-load.mjs '{"mode": "poll", ...}'`.
 *
 * - poll: connect, USER, PASS, STAT, QUIT; `count` sessions over `users` in turn, `atOnce` at a time
 * - fetch: connect, sign in, STAT, UIDL, RETR of every message with up to `window` under way, QUIT; `count` times
 * - idle: reads numbers from standard input, one a line, and brings as many sessions as that to STAT's reply, each as
 *   one of `users`; ends with its input
 *
 * Answers one line of JSON (in idle: for each number): operations (sessions or messages), seconds, octets of messages,
 * its own CPU, and from PASS to STAT's reply in ms. Seconds end with the reply of the last QUIT.
 */
import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import { connect as connectTls } from 'node:tls'

const {
  mode,
  port,
  users,
  password,
  count = 1,
  atOnce = 1,
  window = 1,
  tls = false,
} = JSON.parse(process.argv[2])
const LF = 0x0a
const PLUS = 0x2b
const END = Buffer.from('\r\n.\r\n')
/** Sessions that are signing in at a time, in idle: a listen queue may be short. */
const RAMP = 8

if (mode === 'idle') await holdSessions()
else await run(mode === 'poll' ? poll : fetch)

async function run(session) {
  const cpu = process.cpuUsage()
  const began = performance.now()
  const total = { operations: 0, octets: 0, statMs: [] }
  let started = 0
  const worker = async () => {
    while (started < count) await session(users[started++ % users.length], total)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  const { user, system } = process.cpuUsage(cpu)
  answer({ ...total, seconds: (performance.now() - began) / 1000, cpuSeconds: (user + system) / 1e6 })
}

/** One line out for one line in: no promise for each, so that the client takes as little as it can. */
function poll(user, total) {
  const says = [`USER ${user}\r\n`, `PASS ${password}\r\n`, 'STAT\r\n', 'QUIT\r\n']
  return new Promise((resolve, reject) => {
    let replies = 0
    let passedMs = 0
    const socket = dial((octets, length) => {
      if (octets[0] !== PLUS) return reject(new Error(`${user}: ${octets.toString('latin1', 0, length)}`))
      if (octets[length - 1] !== LF) return reject(new Error('half a line'))
      const next = says[replies]
      replies += 1
      if (replies === 2) passedMs = performance.now()
      if (replies === 4) total.statMs.push(performance.now() - passedMs)
      if (next !== undefined) return socket.write(next, 'latin1')
      total.operations += 1
      socket.destroy()
      resolve()
    })
    socket.on('error', reject)
    socket.on('close', () => reject(new Error('cut off')))
  })
}

async function fetch(user, total) {
  const line = await signedIn(user, total)
  const messages = Number(line.said.split(' ')[1])
  await line.ask('UIDL\r\n', 'lines')
  await line.retrieve(messages, window, total)
  await line.ask('QUIT\r\n', 'line')
  line.close()
}

async function signedIn(user, total) {
  const line = conversation()
  await line.next('line')
  await line.ask(`USER ${user}\r\n`, 'line')
  const passedMs = performance.now()
  await line.ask(`PASS ${password}\r\n`, 'line')
  line.said = await line.ask('STAT\r\n', 'line')
  total.statMs.push(performance.now() - passedMs)
  return line
}

async function holdSessions() {
  const held = []
  for await (const text of createInterface({ input: process.stdin })) {
    const wanted = Number(text)
    let started = held.length
    const total = { statMs: [] }
    const worker = async () => {
      while (started < wanted) {
        const index = started++
        held[index] = await signedIn(users[index % users.length], total)
      }
    }
    await Promise.all(Array.from({ length: RAMP }, worker))
    answer({ held: held.length })
  }
  for (const line of held) line.close()
}

/** Replies one after the other, of one line or of several; messages are counted and not kept. */
function conversation() {
  let rest = Buffer.alloc(0)
  let broken
  let waiting
  let take = gather
  const socket = dial((octets, length) => take(octets.subarray(0, length)))
  const end = (error) => {
    broken ??= error ?? new Error('cut off')
    waiting?.reject(broken)
  }
  socket.on('error', end)
  socket.on('close', () => end())

  function gather(chunk) {
    rest = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk])
    waiting?.resolve()
  }

  const pause = () =>
    new Promise((resolve, reject) => {
      waiting = { resolve, reject }
      if (broken !== undefined) reject(broken)
    })

  /** The first octets of a reply, once all of it came. */
  async function next(kind) {
    for (;;) {
      const length = replyLength(rest, kind)
      if (length > 0) {
        const text = rest.toString('latin1', 0, Math.min(length, 100))
        rest = rest.subarray(length)
        return text
      }
      await pause()
    }
  }

  /** RETR of messages 1 to `last`, never more than `most` under way; asks again when half of them came. */
  async function retrieve(last, most, total) {
    let asked = 0
    let came = 0
    let inBody = false
    const ask = () => {
      let text = ''
      while (asked < last && asked - came < most) text += `RETR ${(asked += 1)}\r\n`
      if (text !== '') socket.write(text, 'latin1')
    }
    take = (chunk) => {
      const octets = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
      let at = 0
      for (;;) {
        if (!inBody) {
          const end = octets.indexOf(LF, at)
          if (end === -1) break
          if (octets[at] !== PLUS) return waiting.reject(new Error(octets.toString('latin1', at, end)))
          // From the line end on, which an empty message shares with the final dot.
          at = end - 1
          inBody = true
        }
        const end = octets.indexOf(END, at)
        if (end === -1) {
          total.octets += Math.max(octets.length - 4 - at, 0)
          at = Math.max(octets.length - 4, at)
          break
        }
        total.octets += end - at
        at = end + END.length
        inBody = false
        came += 1
        if (came === last) waiting.resolve()
        else if (asked - came <= most / 2) ask()
      }
      rest = Buffer.from(octets.subarray(at))
    }
    if (last > 0) {
      const done = pause()
      ask()
      await done
    }
    total.operations += last
    take = gather
  }

  return {
    next,
    ask(text, kind) {
      socket.write(text, 'latin1')
      return next(kind)
    },
    retrieve,
    close: () => socket.destroy(),
  }
}

/** Octets of the reply that `octets` begins with; 0 while it is not whole. */
function replyLength(octets, kind) {
  const first = octets.indexOf(LF) + 1
  if (first === 0) return 0
  if (octets[0] !== PLUS) throw new Error(octets.toString('latin1', 0, first))
  if (kind === 'line') return first
  const dot = octets.indexOf(END, first - 2)
  return dot === -1 ? 0 : dot + END.length
}

/** @param take is given a buffer that is used again, and how many octets in it are new */
function dial(take) {
  const onread = {
    buffer: Buffer.allocUnsafe(mode === 'fetch' ? 65_536 : 1024),
    callback(length, octets) {
      take(octets, length)
      return true
    },
  }
  if (!tls) return connect({ port, host: '127.0.0.1', noDelay: true, onread })
  const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false })
  socket.on('data', (chunk) => take(chunk, chunk.length))
  return socket
}

function answer(result) {
  process.stdout.write(`${JSON.stringify(result)}\n`)
}
