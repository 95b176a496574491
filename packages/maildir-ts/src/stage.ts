/** The file in a `tmp` folder that a message is written to before it is visible. */
import type { FileLayer, FilePath } from './file-layer.js'
import { guard, MaildirError } from './maildir-error.js'
import { closeQuietly } from './measure.js'

const CHUNK_OCTETS = 65_536

/** What a link fails with where a copy can still succeed: another device, too many links, no links at all. */
export const COPY_INSTEAD: ReadonlySet<string> = new Set([
  'EXDEV',
  'EMLINK',
  'EPERM',
  'ENOTSUP',
  'EOPNOTSUPP',
  'ENOSYS',
])

/** A file in `tmp`; its name goes when the message is moved out or dropped, its octets stay readable until `close`. */
export class Stage {
  readonly path: string
  readonly #files: FileLayer
  #file: number | undefined
  #octets = 0
  #named = true

  private constructor(files: FileLayer, path: string, file: number) {
    this.#files = files
    this.path = path
    this.#file = file
  }

  /** Makes the file. @throws MaildirError */
  static async create(files: FileLayer, maildir: string, unique: string): Promise<Stage> {
    const path = `${maildir}/tmp/${unique}`
    return new Stage(files, path, await guard('open', path, files.open(path, 'create')))
  }

  /** Appends octets, however few the system takes at a time. @throws MaildirError */
  async write(chunk: Uint8Array): Promise<void> {
    let done = 0
    while (done < chunk.byteLength) {
      const rest = done === 0 ? chunk : chunk.subarray(done)
      const taken = await guard('write', this.path, this.#files.write(this.#opened, rest, this.#octets))
      if (taken === 0) throw new MaildirError('write', this.path, 'EIO', 'the system takes no octets')
      done += taken
      this.#octets += taken
    }
  }

  /** Puts the octets on stable storage. After a failure the file must be dropped. @throws MaildirError */
  async sync(): Promise<void> {
    await guard('sync', this.path, this.#files.sync(this.#opened))
  }

  /** Gives the file a second name, which must be free. @throws MaildirError */
  async linkTo(path: string): Promise<void> {
    await guard('link', path, this.#files.link(this.path, path))
  }

  /** Gives the file another name instead of the one in `tmp`. @throws MaildirError */
  async moveTo(path: FilePath): Promise<void> {
    await guard('rename', path, this.#files.rename(this.path, path))
    this.#named = false
  }

  /** Takes the name in `tmp` away. If that fails, `sweep` does it another day. */
  async dropName(): Promise<void> {
    if (!this.#named) return
    this.#named = false
    await this.#files.unlink(this.path).catch(() => undefined)
  }

  /** Frees the file; what is synced is not in danger if that fails. */
  async close(): Promise<void> {
    const file = this.#file
    this.#file = undefined
    if (file !== undefined) await closeQuietly(this.#files, file)
  }

  /** Takes the name away and frees the file. */
  async drop(): Promise<void> {
    // In this order, because whoever lets go last pays for freeing a large file: `close` is done in place.
    await this.close()
    await this.dropName()
  }

  /** The octets written so far. @throws MaildirError */
  async *read(): AsyncIterable<Uint8Array> {
    let position = 0
    while (position < this.#octets) {
      const buffer = Buffer.allocUnsafeSlow(Math.min(CHUNK_OCTETS, this.#octets - position))
      const octets = await guard('read', this.path, this.#files.read(this.#opened, buffer, position))
      if (octets === 0) throw new MaildirError('read', this.path, 'EIO', 'the file became shorter')
      position += octets
      yield buffer.subarray(0, octets)
    }
  }

  /** Whether a path leads to this very file. */
  async is(path: string): Promise<boolean> {
    try {
      const [own, other] = await Promise.all([this.#files.factsOf(this.#opened), this.#files.stat(path)])
      return own.device === other.device && own.inode === other.inode
    } catch {
      return false
    }
  }

  get #opened(): number {
    if (this.#file === undefined) throw new MaildirError('read', this.path, 'EINVAL', 'the delivery is over')
    return this.#file
  }
}
