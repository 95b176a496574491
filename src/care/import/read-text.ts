/** Reads a text file of another system: no symbolic link, nothing but a file, and no more than it may have. */
import { constants } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { systemCode } from '../../base/errors.js'
import type { Reason } from './found.js'

export interface ReadText {
  readonly kind: 'text'
  readonly text: string
  /** It is no UTF-8, and was read as ISO 8859-1. */
  readonly latin1: boolean
}

export type Unread =
  | Extract<Reason, { readonly kind: 'symbolic-link' | 'not-a-file' | 'too-large' | 'unreadable' }>
  | { readonly kind: 'missing' }

/** Opening a pipe or a device must not wait for anybody. */
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY

const WHY_NOT: ReadonlyMap<string | undefined, Unread> = new Map<string | undefined, Unread>([
  ['ENOENT', { kind: 'missing' }],
  ['ENOTDIR', { kind: 'missing' }],
  ['ELOOP', { kind: 'symbolic-link' }],
  ['ENXIO', { kind: 'not-a-file' }],
])

export async function readText(path: string, mostOctets: number): Promise<ReadText | Unread> {
  let handle: FileHandle | undefined
  try {
    handle = await open(path, FLAGS)
    if (!(await handle.stat()).isFile()) return { kind: 'not-a-file' }
    const octets = await readUpTo(handle, mostOctets + 1)
    return octets.length > mostOctets ? { kind: 'too-large', mostOctets } : decode(octets)
  } catch (error) {
    if (systemCode(error) === undefined) throw error
    return WHY_NOT.get(systemCode(error)) ?? { kind: 'unreadable' }
  } finally {
    await handle?.close()
  }
}

/** A file may grow while it is read: its size is not believed. */
async function readUpTo(handle: FileHandle, most: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let left = most
  while (left > 0) {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(Math.min(left, 65_536)))
    if (bytesRead === 0) break
    chunks.push(buffer.subarray(0, bytesRead))
    left -= bytesRead
  }
  return Buffer.concat(chunks)
}

/** A byte order mark is dropped. */
function decode(octets: Buffer): ReadText {
  try {
    return { kind: 'text', text: new TextDecoder('utf-8', { fatal: true }).decode(octets), latin1: false }
  } catch {
    return { kind: 'text', text: octets.toString('latin1'), latin1: true }
  }
}
