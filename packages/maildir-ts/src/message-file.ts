/** An open message. It stays readable when another program moves or removes the file. */
import type { Sizes } from './entry-name.js'
import type { FileLayer, FilePath } from './file-layer.js'
import { atPlace, placePath } from './locate.js'
import type { MaildirEntry } from './maildir-entry.js'
import { guard, MaildirError } from './maildir-error.js'
import type { MaildirGround } from './maildir.js'
import { closeQuietly, measureFile } from './measure.js'

/** A message open for reading; each failure is a `MaildirError`. Its sizes are those of the file, whatever its name says. */
export interface MessageFile extends Sizes {
  /**
   * octets as POP3 sends them, every line end counted as CRLF; where the file had to be read for its size, with the
   * CRLF that a last line without an end is sent with
   */
  readonly octets: number
  /** octets of the file when it was opened */
  readonly fileOctets: number
  /** the file is what is sent, every line end CRLF: `octets` equals `fileOctets` */
  readonly crlf: boolean
  /** Reads octets of the file into `buffer`; resolves with how many, 0 at the end. */
  read(buffer: Uint8Array, position: number): Promise<number>
  /** The file's octets as they are, in pieces that the receiver may keep. Reads ahead nothing. */
  stream(): AsyncIterable<Uint8Array>
  /** All octets of the file as they are. */
  readAll(): Promise<Buffer>
  /** Frees the file; idempotent, never rejects. */
  close(): Promise<void>
}

const CHUNK_OCTETS = 65_536

/** Opens a message. @throws MaildirError `ENOENT` gone, `EINVAL` no file */
export async function openMessage(ground: MaildirGround, entry: MaildirEntry): Promise<MessageFile> {
  const opened = await atPlace(ground, entry, async (place) => {
    const path = placePath(ground, place)
    return { path, file: await guard('open', path, ground.files.open(path, 'read')) }
  })
  if (!opened) throw new MaildirError('open', placePath(ground, entry), 'ENOENT')
  try {
    const sizes = await sizesOf(ground, entry, opened.file, opened.path)
    return new OpenMessage(ground.files, opened.file, opened.path, sizes)
  } catch (error) {
    await closeQuietly(ground.files, opened.file)
    throw error
  }
}

/** The listed sizes if the file is as long as they say, else what reading it tells. */
async function sizesOf(
  ground: MaildirGround,
  entry: MaildirEntry,
  file: number,
  path: FilePath,
): Promise<Sizes> {
  const facts = await guard('factsOf', path, ground.files.factsOf(file))
  if (facts.kind !== 'file') throw new MaildirError('open', path, 'EINVAL', 'this is no file')
  const known = ground.sizes.get(entry.unique) ?? entry
  if (known.fileOctets === facts.size) return known
  const sizes = await measureFile(ground.files, file, path, facts)
  ground.sizes.set(entry.unique, sizes)
  return sizes
}

class OpenMessage implements MessageFile {
  readonly octets: number
  readonly fileOctets: number
  readonly crlf: boolean
  readonly #files: FileLayer
  readonly #path: FilePath
  #file: number | undefined

  constructor(files: FileLayer, file: number, path: FilePath, { octets, fileOctets }: Sizes) {
    this.octets = octets
    this.fileOctets = fileOctets
    this.crlf = octets === fileOctets
    this.#files = files
    this.#file = file
    this.#path = path
  }

  async read(buffer: Uint8Array, position: number): Promise<number> {
    if (this.#file === undefined)
      throw new MaildirError('read', this.#path, 'EINVAL', 'the message is closed')
    return await guard('read', this.#path, this.#files.read(this.#file, buffer, position))
  }

  async *stream(): AsyncIterable<Uint8Array> {
    let position = 0
    while (position < this.fileOctets) {
      const buffer = Buffer.allocUnsafeSlow(Math.min(CHUNK_OCTETS, this.fileOctets - position))
      const octets = await this.read(buffer, position)
      if (octets === 0) throw this.#shortened()
      position += octets
      yield buffer.subarray(0, octets)
    }
  }

  async readAll(): Promise<Buffer> {
    const all = Buffer.allocUnsafe(this.fileOctets)
    let position = 0
    while (position < all.byteLength) {
      const octets = await this.read(all.subarray(position), position)
      if (octets === 0) throw this.#shortened()
      position += octets
    }
    return all
  }

  async close(): Promise<void> {
    const file = this.#file
    this.#file = undefined
    if (file !== undefined) await closeQuietly(this.#files, file)
  }

  #shortened(): MaildirError {
    return new MaildirError('read', this.#path, 'EIO', 'the file became shorter while it was read')
  }
}
