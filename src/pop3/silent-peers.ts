/**
 * Finds peers that have gone with octets of ours on the way to them: a laptop whose lid was closed during RETR.
 *
 * TCP keepalive asks an idle peer and gives up after ten answers that did not come. It does not ask while octets are
 * unacknowledged: then the kernel repeats those for a quarter of an hour. `TCP_USER_TIMEOUT` would bound that, and
 * Node cannot set it; but Linux tells of each socket how often it had to repeat itself, in `/proc/self/net/tcp`
 * (proc_net_tcp.txt of the kernel's documentation). Where there is no such file, the inactivity timer is what is left.
 *
 * The file is read only when somebody has been quiet, and not for long then: once all that was sent has arrived,
 * keepalive does the rest.
 */

import { createReadStream } from 'node:fs'
import { systemCode } from '../base/errors.js'

/** A connection as this looks at it: a plain socket, or the one below TLS. */
export interface Watched {
  readonly bytesRead: number
  readonly localPort?: number | undefined
  readonly remoteAddress?: string | undefined
  readonly remotePort?: number | undefined
  destroy(): unknown
}

export interface SilentPeers {
  watch(socket: Watched): void
  forget(socket: Watched): void
  /** Looks once; the fourth look in a row that finds octets repeated without an answer ends a connection. */
  look(): Promise<void>
}

/** What is known of one connection since the last look. */
interface Note {
  heard: number
  quiet: boolean
  /** Looks in a row that found nothing on the way. */
  calms: number
  /** Looks in a row that found octets repeated. */
  troubles: number
}

/** Two, because a message may come from a slow disk: nothing on the way is not yet the end of it. */
const CALMS = 2

/** Looks that have to agree: with one every 5 s a tunnel of some seconds is survived, and 30 s are kept. */
const TROUBLES = 4

/** @param tables the kernel's tables, in pieces of any size; @throws what reading them throws */
export function createSilentPeers(tables: () => AsyncIterable<string> = kernelTables): SilentPeers {
  const notes = new Map<Watched, Note>()
  let looking = false

  function note(socket: Watched, was: Note): void {
    was.quiet = was.heard === socket.bytesRead
    was.heard = socket.bytesRead
    if (was.quiet) return
    was.troubles = 0
    was.calms = 0
  }

  function judge(socket: Watched, was: Note, state: Transmission | undefined): void {
    was.calms = state === 'arrived' ? was.calms + 1 : 0
    was.troubles = state === 'repeated' ? was.troubles + 1 : 0
    if (was.troubles >= TROUBLES) socket.destroy()
  }

  async function lookOnce(): Promise<void> {
    for (const [socket, was] of notes) note(socket, was)
    const quiet = [...notes].filter(([, was]) => was.quiet && was.calms < CALMS)
    if (quiet.length === 0) return
    const wanted = new Map<string, Transmission | undefined>(
      quiet.map(([socket]) => [endpoint(socket), undefined]),
    )
    for await (const row of lines(tables())) {
      const found = parseRow(row)
      if (found !== undefined && wanted.has(found.endpoint)) wanted.set(found.endpoint, found.transmission)
    }
    for (const [socket, was] of quiet) judge(socket, was, wanted.get(endpoint(socket)))
  }

  return {
    watch: (socket) =>
      void notes.set(socket, { heard: socket.bytesRead, quiet: false, calms: 0, troubles: 0 }),
    forget: (socket) => void notes.delete(socket),
    async look() {
      if (looking) return
      looking = true
      try {
        await lookOnce()
      } finally {
        looking = false
      }
    },
  }
}

/** Of the octets that were sent: all acknowledged, some on the way, or some sent again and again. */
type Transmission = 'arrived' | 'on the way' | 'repeated'

const ESTABLISHED_AND_CLOSING = /^0[14589B]$/
const RETRANSMITTING = '01'
const PROBING_A_FULL_WINDOW = '04'

/** One row of the table; `undefined` for its head and for sockets that are not connected. */
export function parseRow(
  row: string,
): { readonly endpoint: string; readonly transmission: Transmission } | undefined {
  const [, local = '', remote = '', state = '', queues = '', timer = '', repeats = '', , probes = ''] = row
    .trim()
    .split(/\s+/)
  if (!ESTABLISHED_AND_CLOSING.test(state)) return undefined
  const [remoteAddress = '', remotePort = ''] = remote.split(':')
  const localPort = local.split(':')[1] ?? ''
  return {
    endpoint: `${parseInt(localPort, 16)} ${networkOrder(remoteAddress)} ${parseInt(remotePort, 16)}`,
    transmission: transmission(queues, timer.slice(0, 2), parseInt(repeats, 16), Number(probes)),
  }
}

function transmission(queues: string, timer: string, repeats: number, probes: number): Transmission {
  if (queues.startsWith('00000000:')) return 'arrived'
  if (timer === RETRANSMITTING && repeats > 0) return 'repeated'
  // A peer that reads nothing answers each probe, one that is gone does not.
  return timer === PROBING_A_FULL_WINDOW && probes > 1 ? 'repeated' : 'on the way'
}

/** The table writes words of four octets as the machine holds them, which is lowest first on all that Node runs on but one. */
function networkOrder(hex: string): string {
  const words = hex.match(/.{8}/g) ?? []
  const octets = words.map((word) => (word.match(/../g) ?? []).toReversed().join('')).join('')
  return octets.toLowerCase().replace(/^0{20}ffff/, '')
}

/** The connection as `parseRow` names it. */
export function endpoint({ localPort, remoteAddress = '', remotePort }: Watched): string {
  return `${localPort} ${octetsOf(remoteAddress)} ${remotePort}`
}

/** An address as Node writes it, in hexadecimal and network order: 8 digits for IPv4, 32 for IPv6. */
function octetsOf(address: string): string {
  const [plain = ''] = address.replace(/^::ffff:(?=[\d.]+$)/, '').split('%')
  if (!plain.includes(':'))
    return plain
      .split('.')
      .map((part) => hex(Number(part), 2))
      .join('')
  const [head = [], tail = []] = plain
    .split('::')
    .map((half) => half.split(':').filter((group) => group !== ''))
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => '0')
  return [...head, ...zeros, ...tail].map((group) => group.padStart(4, '0')).join('')
}

function hex(number: number, digits: number): string {
  return number.toString(16).padStart(digits, '0')
}

/** Read in pieces: with the rows of a busy machine's closed connections it is megabytes long. */
async function* kernelTables(): AsyncIterable<string> {
  yield* createReadStream('/proc/self/net/tcp', 'latin1')
  try {
    yield* createReadStream('/proc/self/net/tcp6', 'latin1')
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error
  }
}

async function* lines(pieces: AsyncIterable<string>): AsyncIterable<string> {
  let rest = ''
  for await (const piece of pieces) {
    const rows = (rest + piece).split('\n')
    rest = rows.pop() ?? ''
    yield* rows
  }
}
