/** Messages that can be told apart and whose wholeness shows, and the envelopes that they travel in. */

import { createHash } from 'node:crypto'

import type { Draw } from './plan.ts'

export const ACCOUNTS = ['alice', 'bob', 'carol', 'dave'] as const

/** A mailbox's name, or `lost`. */
export type Place = (typeof ACCOUNTS)[number] | 'lost'

/** One message and its envelope. */
export interface Parcel {
  readonly id: string
  readonly bytes: Buffer
  readonly digest: string
  /** Local parts, in the order of RCPT. */
  readonly to: readonly string[]
  /** Where one copy each has to be once the message is answered. */
  readonly places: readonly Place[]
  /** What the final dot is answered with, if the server lives so long. */
  readonly answer: RegExp
}

const SMALLEST = 100
const LARGEST = 300 * 1024
const STORED = /^250[ -]2\.0\.0 stored as \S+$/m
const LOST = /^550[ -]5\.1\.1 .*the postmaster has the message as \S+$/m

/** Lines of every length up to 76, many of which begin with dots. */
export function createParcels(draw: Draw): (id: string, draw: Draw) => Parcel {
  const text = paper(draw)
  return (id, draw) => {
    const bytes = letter(id, octets(draw), text.subarray(draw.within(0, LARGEST)))
    return { id, bytes, digest: digestOf(bytes), ...envelope(draw) }
  }
}

export function digestOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** The id in a stored message, `undefined` if that part of it is not there. */
export function idOf(bytes: Buffer): string | undefined {
  return /^X-Parcel: (\S+)\r$/m.exec(bytes.toString('latin1', 0, 4096))?.[1]
}

function octets(draw: Draw): number {
  const size = Math.round(SMALLEST * (LARGEST / SMALLEST) ** draw.next())
  return draw.of([SMALLEST, size, size, size, size, size, size, size, size, LARGEST])
}

function letter(id: string, size: number, paper: Buffer): Buffer {
  const head = Buffer.from(`X-Parcel: ${id}\r\n\r\n`)
  const body = Buffer.from(paper.subarray(0, size - head.length - 2))
  // Neither end may hold half of a line end.
  if (body.at(0) === 10) body[0] = 120
  if (body.at(-1) === 13) body[body.length - 1] = 120
  return Buffer.concat([head, body, Buffer.from('\r\n')])
}

function paper(draw: Draw): Buffer {
  const lines: string[] = []
  for (let length = 0; length < 2 * LARGEST; length += lines.at(-1)?.length ?? 0) {
    const word = draw.next().toString(36).slice(2)
    lines.push(`${draw.of(['', '', '.', '..'])}${word.repeat(draw.within(0, 6)).slice(0, 74)}\r\n`)
  }
  return Buffer.from(lines.join(''))
}

function envelope(draw: Draw): Pick<Parcel, 'to' | 'places' | 'answer'> {
  const one = draw.of(ACCOUNTS)
  const several = ACCOUNTS.slice(draw.within(0, 2))
  return draw.of<Pick<Parcel, 'to' | 'places' | 'answer'>>([
    { to: [one], places: [one], answer: STORED },
    { to: [one], places: [one], answer: STORED },
    { to: [one], places: [one], answer: STORED },
    { to: several, places: several, answer: STORED },
    { to: several, places: several, answer: STORED },
    { to: ['nobody', one], places: [one, 'lost'], answer: STORED },
    { to: [one, 'nobody'], places: [one, 'lost'], answer: STORED },
    { to: ['nobody'], places: ['lost'], answer: LOST },
    { to: ['postmaster'], places: ['lost'], answer: STORED },
  ])
}
