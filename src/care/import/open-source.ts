/** Opens what another system left as a source of accounts. Reads only. */
import { lstat, opendir } from 'node:fs/promises'
import { join } from 'node:path'
import { nameProblems } from '../../accounts/names.js'
import { GatewayError, systemCode } from '../../base/errors.js'
import { parseCredentials } from './credentials.js'
import type { Found, Place, Reason, Secret } from './found.js'
import { parseJmailAccounts } from './jmail.js'
import { readText, type ReadText } from './read-text.js'
import { describeReason, SOURCE_TEXTS } from './texts.js'
import { parsePassFile } from './tp4.js'

export const SOURCE_KINDS = ['credentials', 'tp4', 'jmail'] as const

export type SourceKind = (typeof SOURCE_KINDS)[number]

export interface Source {
  /** Each once, in the order of the source; folders by name. */
  readonly accounts: Iterable<Found> | AsyncIterable<Found>
  /** Some text is no UTF-8, and was read as ISO 8859-1. */
  readonly latin1: boolean
}

/** Octets of a list of accounts; it is in memory as a whole. */
const MOST_LIST_OCTETS = 8 * 1024 * 1024
/** Octets of a file that holds one digest. */
const MOST_PASS_OCTETS = 4096
/** Folders of a data directory; their names are in memory. */
const MOST_FOLDERS = 100_000
/** The file of a password digest, in the two editions of the exercise. */
const PASS_FILES = ['pass', 'passwd'] as const
/** Mail for nobody lies there. */
const LOST = 'lost'
const JMAIL_FILE = 'userdat.txt'

/** @throws GatewayError `input.refused` for what is no such source: missing, a symbolic link, too large, not JSON */
export async function openSource(kind: SourceKind, path: string): Promise<Source> {
  switch (kind) {
    case 'credentials': {
      const { text, latin1 } = await readList(path)
      return { accounts: parseCredentials(text), latin1 }
    }
    case 'jmail': {
      const { text, latin1 } = await readList((await isFolder(path)) ? join(path, JMAIL_FILE) : path)
      const accounts = parseJmailAccounts(text)
      if (accounts === undefined) throw refused(path, SOURCE_TEXTS.notJson)
      return { accounts, latin1 }
    }
    case 'tp4':
      if (!(await isFolder(path))) throw refused(path, SOURCE_TEXTS.noFolder)
      return { accounts: foldersOf(path, await folderNames(path)), latin1: false }
  }
}

async function readList(path: string): Promise<ReadText> {
  const read = await readText(path, MOST_LIST_OCTETS)
  if (read.kind === 'text') return read
  throw refused(path, read.kind === 'missing' ? SOURCE_TEXTS.missing : describeReason(read, 'en'))
}

/** A symbolic link to a folder is none. @throws GatewayError `input.refused` when nothing is there */
async function isFolder(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isDirectory()
  } catch (error) {
    throw refused(path, systemCode(error) === 'ENOENT' ? SOURCE_TEXTS.missing : SOURCE_TEXTS.unreadable)
  }
}

interface Folder {
  readonly name: string
  readonly isLink: boolean
}

async function folderNames(path: string): Promise<readonly Folder[]> {
  const folders: Folder[] = []
  try {
    for await (const entry of await opendir(path)) {
      const isLink = entry.isSymbolicLink()
      if (!isLink && !entry.isDirectory()) continue
      if (entry.name.toLowerCase() === LOST) continue
      folders.push({ name: entry.name, isLink })
      if (folders.length > MOST_FOLDERS) throw refused(path, SOURCE_TEXTS.tooManyFolders)
    }
  } catch (error) {
    if (error instanceof GatewayError) throw error
    throw refused(path, SOURCE_TEXTS.unreadable)
  }
  return folders.toSorted((one, other) => (one.name < other.name ? -1 : 1))
}

async function* foldersOf(path: string, folders: readonly Folder[]): AsyncGenerator<Found> {
  for (const [index, { name, isLink }] of folders.entries())
    yield { place: placeOf(name, index + 1), name, secret: await secretOf(path, name, isLink) }
}

/** By its name only where that is a legal one: nothing else of a source is told. */
function placeOf(name: string, number: number): Place {
  return nameProblems(name).length === 0 ? { kind: 'folder', name } : { kind: 'entry', number }
}

/** The folder of a name that cannot be an account's is not opened: the name is what is wrong with it. */
async function secretOf(path: string, name: string, isLink: boolean): Promise<Secret | Reason> {
  if (isLink) return { kind: 'symbolic-link' }
  if (nameProblems(name).length > 0) return { kind: 'no-pass-file' }
  for (const file of PASS_FILES) {
    const read = await readText(join(path, name, file), MOST_PASS_OCTETS)
    if (read.kind === 'text') return parsePassFile(read.text)
    if (read.kind !== 'missing') return read
  }
  return { kind: 'no-pass-file' }
}

function refused(path: string, why: string): GatewayError {
  return new GatewayError('input.refused', `${path}: ${why}`)
}
