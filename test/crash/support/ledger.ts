/** What was sent, what was answered, and whether the disk agrees. */

import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

import { ACCOUNTS, type Parcel, type Place, digestOf, idOf } from './parcel.ts'

/** What may be said of a message in one place. */
type State = 'possible' | 'certain' | 'being removed' | 'removed'

export interface Ledger {
  /** From now on the server may have it. */
  sent(parcel: Parcel): void
  /** From now on the server must have it, in each of its places. */
  answered(parcel: Parcel): void
  /** A reader ends a session in which it marked these: each may be there or not. */
  removing(place: Place, ids: readonly string[]): void
  /** The reader was told that they are gone. */
  removed(place: Place, ids: readonly string[]): void
  /** Fails unless these octets are a message that was sent, whole, under headers of ours; gives its id. */
  open(octets: Buffer): string
  /** Reads everything below the root; fails at what is missing, doubled, torn or in the wrong place. */
  audit(root: string): Audit
  /** Forgets the messages of a place whose content was taken away. */
  forget(place: Place): void
}

export interface Audit {
  /** Messages in `new/` and `cur/`, by place. */
  readonly messages: ReadonlyMap<Place, number>
  /** Files in all `tmp/`. */
  readonly leftovers: number
}

const PLACES = [...ACCOUNTS, 'lost'] as const
const HEAD =
  /^(?:X-Relais-Lost-[^\r\n]+\r\n)*Return-Path: <[^\r\n]*>\r\nReceived: [^\r\n]+\r\n(?:[ \t]+[^\r\n]+\r\n)*$/

export function createLedger(): Ledger {
  const parcels = new Map<string, Parcel>()
  const states = new Map<string, State>()
  /** Files that were read once: names are never used twice. */
  const opened = new Map<string, string>()

  const set = (place: Place, id: string, state: State): void => void states.set(`${place} ${id}`, state)

  const open: Ledger['open'] = (octets) => {
    const id = idOf(octets) ?? ''
    const parcel = parcels.get(id)
    if (parcel === undefined) throw new Error(`${octets.length} octets of no message: ${head(octets)}`)
    const at = octets.length - parcel.bytes.length
    if (digestOf(octets.subarray(Math.max(at, 0))) !== parcel.digest)
      throw new Error(`${id} is torn: ${octets.length} octets`)
    if (!HEAD.test(octets.toString('latin1', 0, at))) throw new Error(`${id} is under ${head(octets)}`)
    return id
  }

  function openFile(path: string, name: string): string {
    const known = opened.get(path)
    if (known !== undefined) return known
    const octets = readFileSync(path)
    const id = open(octets)
    const [, file, sent] = /,S=(\d+),W=(\d+)(?::2,)?$/.exec(name) ?? []
    if (Number(file) !== octets.length || Number(sent) !== octets.length)
      throw new Error(`${name} has ${octets.length} octets`)
    opened.set(path, id)
    return id
  }

  function auditPlace(folder: string, place: Place): number {
    const paths = (['new', 'cur'] as const).flatMap((part) =>
      readdirSync(join(folder, part)).map((name) => openFile(join(folder, part, name), name)),
    )
    const ids = new Set(paths)
    if (ids.size !== paths.length) throw new Error(`${place} holds a message twice`)
    for (const id of ids) {
      const state = states.get(`${place} ${id}`)
      if (state === undefined || state === 'removed')
        throw new Error(`${id} is in ${place}, where it is ${state ?? 'nobody’s'}`)
    }
    for (const [key, state] of states)
      if (state === 'certain' && key.startsWith(`${place} `) && !ids.has(key.slice(place.length + 1)))
        throw new Error(`${key.slice(place.length + 1)} was answered and is not in ${place}`)
    const strange = readdirSync(folder).filter((name) => !['tmp', 'new', 'cur'].includes(name))
    if (strange.length > 0) throw new Error(`${folder} holds ${strange.join(', ')}`)
    return paths.length
  }

  return {
    sent(parcel) {
      parcels.set(parcel.id, parcel)
      for (const place of parcel.places) set(place, parcel.id, 'possible')
    },
    answered(parcel) {
      for (const place of parcel.places)
        // A reader may have been faster than the reply.
        if (states.get(`${place} ${parcel.id}`) === 'possible') set(place, parcel.id, 'certain')
    },
    removing: (place, ids) => ids.forEach((id) => set(place, id, 'being removed')),
    removed: (place, ids) => ids.forEach((id) => set(place, id, 'removed')),
    open,
    audit(root) {
      const folders = PLACES.map(
        (place) => [place, place === 'lost' ? join(root, place) : join(root, 'maildir', place)] as const,
      )
      const counts = folders.map(([place, folder]) => [place, auditPlace(folder, place)] as const)
      const leftovers = folders.map(([, folder]) => readdirSync(join(folder, 'tmp')).length)
      return {
        messages: new Map(counts),
        leftovers: leftovers.reduce((sum, count) => sum + count, 0),
      }
    },
    forget(place) {
      for (const key of states.keys()) if (key.startsWith(`${place} `)) states.delete(key)
      for (const path of opened.keys()) if (!existsSync(path)) opened.delete(path)
      for (const id of parcels.keys())
        if (!PLACES.some((each) => states.has(`${each} ${id}`))) parcels.delete(id)
    },
  }
}

function head(octets: Buffer): string {
  return JSON.stringify(octets.toString('latin1', 0, 300))
}
