/**
 * POP3 with input that nobody would write. The corpus is played as it is, and then changed at random: `FUZZ_SEED` repeats
 * a run, `FUZZ_RUNS` makes it so many times as long. What once failed belongs into `corpus/`.
 *
 * The oracle: however the octets are cut, the answer is the same; every connection ends; nothing is a bug; nothing stays
 * open; nothing is deleted but by a QUIT that was answered.
 */

import { readdirSync, readFileSync } from 'node:fs'
import { expect } from 'chai'
import { type Log, silentLog } from '../../../src/base/log.ts'
import { turns, withServer } from '../../dialog/support/serve.ts'

const CORPUS = new URL('corpus/', import.meta.url)
const SEED = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31)
const ROUNDS = Math.ceil(300 * Number(process.env['FUZZ_RUNS'] ?? 1))

/** mulberry32: the same numbers from the same seed, each from 0 to below `limit`. */
function dice(seed: number): (limit: number) => number {
  let state = seed
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit)
  }
}

const TOKENS = [
  '\r\n',
  '\n',
  '\r',
  ' ',
  '\0',
  '*',
  '=',
  '.',
  'QUIT\r\n',
  'RETR 1\r\n',
  'AUTH PLAIN\r\n',
  'LANG fr\r\n',
  '\xff',
]

/** One change, the more of them the stranger. */
function change(text: string, others: readonly string[], roll: (limit: number) => number): string {
  const at = roll(text.length + 1)
  const to = Math.min(text.length, at + 1 + roll(40))
  switch (roll(6)) {
    case 0:
      return text.slice(0, at) + String.fromCharCode(roll(256)) + text.slice(at + 1)
    case 1:
      return text.slice(0, at) + text.slice(to)
    case 2:
      return text.slice(0, to) + text.slice(at)
    case 3:
      return text.slice(0, at) + (TOKENS[roll(TOKENS.length)] ?? '') + text.slice(at)
    case 4: {
      const other = others[roll(others.length)] ?? ''
      return text.slice(0, at) + other.slice(roll(other.length + 1))
    }
    default:
      return text.slice(0, at) + text.slice(at, to).repeat(1 + roll(60)) + text.slice(to)
  }
}

/** What the server says to the octets, sent in pieces of `pieces` octets or as one, and what it leaves behind. */
async function play(octets: string, pieceOctets: number): Promise<string> {
  const bugs: string[] = []
  const log: Log = { ...silentLog, error: (_, message) => void bugs.push(message), child: () => log }
  let answer = ''
  await withServer({ chunkOctets: 7, log }, async ({ backend, server, connect }) => {
    const client = await connect()
    client.socket.on('error', () => {})
    for (let at = 0; at < octets.length; at += pieceOctets) {
      client.send(octets.slice(at, at + pieceOctets))
      if (pieceOctets < octets.length) await turns(1)
    }
    client.socket.end()
    answer = await client.rest()
    await server.close(1000)
    expect(server.bufferedOctets, 'octets held').to.equal(0)
    expect(backend.openMessages, 'messages open').to.equal(0)
    const accounts = [...backend.accounts.values()]
    expect(accounts.filter(({ held }) => held)).to.have.length(0)
    const left = accounts.reduce((sum, { messages }) => sum + messages.length, 0)
    if (!/\+OK (goodbye|au revoir)\r\n$/.test(Buffer.from(answer, 'latin1').toString()))
      expect(left).to.equal(13)
  })
  expect(bugs).to.deep.equal([])
  expect(answer).to.match(/^(?:$|\+OK|-ERR|\+ )(?:.*\r\n)?$/s)
  return answer
}

describe('POP3 fuzz', () => {
  const corpus = readdirSync(CORPUS)
    .toSorted()
    .map((file) => ({ file, octets: readFileSync(new URL(file, CORPUS), 'latin1') }))

  for (const { file, octets } of corpus)
    it(`answers ${file} the same however it is cut`, async () => {
      const whole = await play(octets, octets.length)
      for (const piece of [1, 7, 64])
        if (octets.length / piece < 3000) expect(await play(octets, piece)).to.equal(whole)
    })

  it(`answers ${ROUNDS} changed inputs the same however they are cut (FUZZ_SEED=${SEED})`, async function () {
    this.timeout(20_000 + ROUNDS * 200)
    const all = corpus.map(({ octets }) => octets)
    const roll = dice(SEED)
    for (let round = 0; round < ROUNDS; round += 1) {
      let octets = all[roll(all.length)] ?? ''
      for (let changes = 1 + roll(6); changes > 0; changes -= 1) octets = change(octets, all, roll)
      octets = octets.slice(0, 60_000)
      const piece = 1 + Math.max(roll(50), Math.ceil(octets.length / 400))
      const context = `round ${round}: ${JSON.stringify(octets.slice(0, 2000))}`
      expect(await play(octets, piece), context).to.equal(await play(octets, octets.length + 1))
    }
  })
})
