/** Reads a file once for its sizes. */
import type { Sizes } from './entry-name.js'
import type { FileFacts, FileLayer, FilePath } from './file-layer.js'
import { LineEndCounter } from './line-ends.js'
import { codeOf, guard } from './maildir-error.js'

const CHUNK_OCTETS = 65_536
/** What opening fails with where no file can be: links in a circle, sockets, devices that are not there. */
const NO_FILE: ReadonlySet<string> = new Set(['ELOOP', 'ENXIO', 'ENODEV'])

/** The sizes, as sent, of what lies at a path; null if it is no file. @throws MaildirError */
export async function measurePath(files: FileLayer, path: FilePath): Promise<Sizes | null> {
  const file = await openFile(files, path)
  if (file === null) return null
  try {
    const facts = await guard('factsOf', path, files.factsOf(file))
    return facts.kind === 'file' ? await measureFile(files, file, path, facts) : null
  } finally {
    await closeQuietly(files, file)
  }
}

async function openFile(files: FileLayer, path: FilePath): Promise<number | null> {
  try {
    return await guard('open', path, files.open(path, 'read'))
  } catch (error) {
    if (NO_FILE.has(codeOf(error))) return null
    throw error
  }
}

/** The sizes, as sent, of an open file, as long as it was when `facts` were taken. @throws MaildirError */
export async function measureFile(
  files: FileLayer,
  file: number,
  path: FilePath,
  facts: FileFacts,
): Promise<Sizes> {
  const counter = new LineEndCounter()
  const buffer = Buffer.allocUnsafe(Math.min(CHUNK_OCTETS, facts.size))
  let position = 0
  while (position < facts.size) {
    const octets = await guard('read', path, files.read(file, buffer, position))
    if (octets === 0) break
    counter.add(buffer.subarray(0, octets))
    position += octets
  }
  return counter.sizesAsSent
}

/** Closes a file from which nothing more is wanted; that this fails changes nothing for anyone. */
export async function closeQuietly(files: FileLayer, file: number): Promise<void> {
  await files.close(file).catch(() => undefined)
}
