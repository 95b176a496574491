/**
 * Delivers a message into one or more Maildirs: write once, sync the file, link it everywhere, sync the folders.
 * A small message waits in memory and costs one write. Refuses to sync a file again after its sync failed, and to
 * take back a link that was made. Source: D. J. Bernstein's maildir page; hard links for many recipients.
 */
import type { Delivery, DeliveryOptions, DeliveryOutcome } from './delivery.js'
import type { FileLayer } from './file-layer.js'
import { syncFolder } from './folder-sync.js'
import { inParallel } from './in-parallel.js'
import { LineEndCounter } from './line-ends.js'
import { newEntry } from './maildir-entry.js'
import { codeOf, MaildirError, toMaildirError } from './maildir-error.js'
import type { Maildir } from './maildir.js'
import { COPY_INSTEAD, Stage } from './stage.js'

const MEMORY_OCTETS = 65_536
const LINK_AT_ONCE = 16
/** What only opening fails with, never a sync: that one is not tried again. */
const NO_DESCRIPTOR: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE'])

/** Begins a delivery; nothing is touched yet. @throws MaildirError `EINVAL` for no target */
export async function beginDelivery(
  targets: readonly Maildir[],
  options: DeliveryOptions = {},
): Promise<Delivery> {
  const [first] = targets
  if (!first) throw new MaildirError('beginDelivery', '', 'EINVAL', 'a delivery needs a Maildir')
  return new OpenDelivery([...targets], first, options)
}

/**
 * Delivers a whole message: `beginDelivery`, `write` and `commit` in one.
 * @throws MaildirError if the octets could not be written, and what `bytes` throws; then nothing was stored
 */
export async function deliver(
  targets: readonly Maildir[],
  bytes: Uint8Array | AsyncIterable<Uint8Array>,
  options: DeliveryOptions = {},
): Promise<readonly DeliveryOutcome[]> {
  const delivery = await beginDelivery(targets, options)
  try {
    if (bytes instanceof Uint8Array) await delivery.write(bytes)
    else for await (const chunk of bytes) await delivery.write(chunk)
    return await delivery.commit()
  } finally {
    await delivery.abort()
  }
}

type Phase =
  | { readonly kind: 'open' }
  | { readonly kind: 'broken'; readonly cause: MaildirError }
  | { readonly kind: 'committed' | 'aborted' }

class OpenDelivery implements Delivery {
  readonly unique: string
  readonly #targets: readonly Maildir[]
  readonly #files: FileLayer
  readonly #memoryOctets: number
  readonly #admit: DeliveryOptions['admit']
  readonly #counter = new LineEndCounter()
  /** why a target cannot have the message, by its path */
  readonly #failures = new Map<string, MaildirError>()
  #phase: Phase = { kind: 'open' }
  /** all octets, or once the message is larger than memory allows: those that are not in the stage yet */
  #memory: Uint8Array[] = []
  #memoryHeld = 0
  #spilled = false
  #stage: { readonly file: Stage; readonly home: Maildir } | undefined
  /** ends when no call is at work; calls that are not awaited run one after the other */
  #turn: Promise<unknown> = Promise.resolve()

  constructor(targets: readonly Maildir[], first: Maildir, options: DeliveryOptions) {
    this.unique = (options.namer ?? first.namer).next()
    this.#targets = targets
    this.#files = options.files ?? first.files
    this.#memoryOctets = options.memoryOctets ?? MEMORY_OCTETS
    this.#admit = options.admit
  }

  write(chunk: Uint8Array): Promise<void> {
    return this.#inTurn(async () => {
      this.#demandOpen('write')
      if (this.#memoryHeld + chunk.byteLength > this.#memoryOctets) await this.#spill(chunk)
      else this.#keep(Buffer.from(chunk))
      this.#counter.add(chunk)
    })
  }

  commit(): Promise<readonly DeliveryOutcome[]> {
    return this.#inTurn(async () => {
      if (this.#phase.kind !== 'broken') this.#demandOpen('commit')
      if (this.#phase.kind === 'open' && (await this.#askAll()) && (await this.#stageAll()))
        await this.#place()
      const outcomes = this.#outcomes()
      if (this.#phase.kind === 'open') this.#phase = { kind: 'committed' }
      return outcomes
    })
  }

  async *read(): AsyncIterable<Uint8Array> {
    await this.#turn
    if (this.#phase.kind === 'aborted') this.#demandOpen('read')
    if (this.#phase.kind === 'broken' && this.#spilled) throw this.#phase.cause
    yield* this.#octets()
  }

  abort(): Promise<void> {
    return this.#inTurn(async () => {
      this.#phase = { kind: 'aborted' }
      this.#memory = []
      await this.#dropStage()
    })
  }

  /** Writes what is in memory, and this chunk, to the stage. */
  async #spill(chunk: Uint8Array): Promise<void> {
    try {
      this.#stage ??= await this.#firstStage()
      await this.#stage.file.write(
        this.#memory.length === 0 ? chunk : Buffer.concat([...this.#memory, chunk]),
      )
    } catch (error) {
      throw await this.#break(error)
    }
    this.#spilled = true
    this.#memory = []
    this.#memoryHeld = 0
  }

  #keep(chunk: Uint8Array): void {
    this.#memory.push(chunk)
    this.#memoryHeld += chunk.byteLength
  }

  /** A stage in the first target that allows one. @throws MaildirError the first target's, if none does */
  async #firstStage(content?: Uint8Array): Promise<{ file: Stage; home: Maildir }> {
    for (const home of this.#targets) {
      if (this.#failures.has(home.path)) continue
      try {
        return { file: await this.#stageIn(home, content), home }
      } catch (error) {
        this.#failures.set(home.path, toMaildirError('open', home.path, error))
      }
    }
    throw (
      [...this.#failures.values()][0] ?? new MaildirError('open', '', 'EINVAL', 'a delivery needs a Maildir')
    )
  }

  async #stageIn(home: Maildir, content: Uint8Array | undefined): Promise<Stage> {
    const file = await Stage.create(this.#files, home.path, this.unique)
    try {
      if (content) await file.write(content)
      return file
    } catch (error) {
      await file.drop()
      throw error
    }
  }

  /** Asks each target whether it takes the message; false if none does. */
  async #askAll(): Promise<boolean> {
    const admit = this.#admit
    if (!admit) return true
    const sizes = this.#counter.sizes
    await Promise.all(
      this.#targets.map((target) =>
        this.#attempt(
          target.path,
          admit(target, sizes).then((admitted) => {
            if (!admitted) throw new MaildirError('admit', target.path, 'EDQUOT')
          }),
        ),
      ),
    )
    return this.#targets.some((target) => !this.#failures.has(target.path))
  }

  /** Puts the whole message into a synced stage; false if that cannot be. */
  async #stageAll(): Promise<boolean> {
    const rest = this.#memory.length === 1 && this.#memory[0] ? this.#memory[0] : Buffer.concat(this.#memory)
    try {
      if (this.#stage) await this.#stage.file.write(rest)
      else this.#stage = await this.#firstStage(rest)
      if (this.#spilled) this.#memory = []
      await this.#stage.file.sync()
      return true
    } catch (error) {
      await this.#break(error)
      return false
    }
  }

  /** Links the message into every `new`, then syncs these folders. */
  async #place(): Promise<void> {
    const stage = this.#stage
    if (!stage) return
    const name = newEntry(this.unique, this.#counter.sizes).name
    const homes = new Map(this.#targets.map((target) => [target.path, target]))
    for (const path of this.#failures.keys()) homes.delete(path)
    homes.delete(stage.home.path)
    await inParallel([...homes.keys()], LINK_AT_ONCE, (path) =>
      this.#attempt(path, this.#link(stage.file, path, name)),
    )
    // The home of a large message was chosen before it was asked.
    if (!this.#failures.has(stage.home.path)) {
      await this.#attempt(stage.home.path, stage.file.moveTo(`${stage.home.path}/new/${name}`))
    }
    await this.#syncFolders([stage.home.path, ...homes.keys()].filter((path) => !this.#failures.has(path)))
    await stage.file.dropName()
    await this.#closeUnread()
  }

  /**
   * Syncs the folders in which the message is visible now. Where only a free descriptor was missing to open one, it is
   * opened once more when the others are done: reporting a visible message as not stored makes a double of the retry.
   * For that a large message's own file is closed if nobody needs it so far; if it fails again, `read` fails too.
   */
  async #syncFolders(paths: readonly string[]): Promise<void> {
    const sync = (path: string): Promise<void> => this.#attempt(path, syncFolder(this.#files, `${path}/new`))
    if (!this.#spilled) await this.#stage?.file.close()
    await Promise.all(paths.map(sync))
    const unopened = paths.filter((path) => NO_DESCRIPTOR.has(codeOf(this.#failures.get(path))))
    for (const path of unopened) this.#failures.delete(path)
    if (unopened.length > 0) await this.#closeUnread()
    // One after the other: each needs a descriptor.
    for (const path of unopened) await sync(path)
  }

  /** Frees the file unless `read` needs it: a caller keeps elsewhere what some target did not take. */
  async #closeUnread(): Promise<void> {
    if (!this.#spilled || this.#failures.size === 0) await this.#stage?.file.close()
  }

  async #attempt(path: string, work: Promise<void>): Promise<void> {
    try {
      await work
    } catch (error) {
      this.#failures.set(path, toMaildirError('commit', path, error))
    }
  }

  async #link(file: Stage, path: string, name: string): Promise<void> {
    try {
      await file.linkTo(`${path}/new/${name}`)
    } catch (error) {
      if (COPY_INSTEAD.has(codeOf(error))) return await this.#copy(path, name)
      // Another path of a folder that has the message already, or a link whose success was not reported.
      if (codeOf(error) === 'EEXIST' && (await file.is(`${path}/new/${name}`))) return
      throw error
    }
  }

  async #copy(path: string, name: string): Promise<void> {
    const file = await Stage.create(this.#files, path, this.unique)
    try {
      for await (const chunk of this.#octets()) await file.write(chunk)
      await file.sync()
      await file.moveTo(`${path}/new/${name}`)
    } finally {
      await file.drop()
    }
  }

  async *#octets(): AsyncIterable<Uint8Array> {
    if (this.#spilled && this.#stage) yield* this.#stage.file.read()
    yield* this.#memory
  }

  #outcomes(): DeliveryOutcome[] {
    const broken = this.#phase.kind === 'broken' ? this.#phase.cause : undefined
    const entry = newEntry(this.unique, this.#counter.sizes)
    return this.#targets.map((maildir) => {
      const cause = this.#failures.get(maildir.path) ?? broken
      return cause ? { maildir, stored: false, cause } : { maildir, stored: true, entry }
    })
  }

  /** Gives the whole delivery up: nothing of it was linked yet. */
  async #break(error: unknown): Promise<MaildirError> {
    const cause = toMaildirError('write', this.#stage?.file.path ?? '', error)
    this.#phase = { kind: 'broken', cause }
    await this.#dropStage()
    return cause
  }

  async #dropStage(): Promise<void> {
    await this.#stage?.file.drop()
    this.#stage = undefined
  }

  #demandOpen(operation: string): void {
    if (this.#phase.kind === 'broken') throw this.#phase.cause
    if (this.#phase.kind === 'open') return
    throw new MaildirError(operation, this.unique, 'EINVAL', `the delivery is ${this.#phase.kind}`)
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const run = this.#turn.then(work)
    this.#turn = run.catch(() => undefined)
    return run
  }
}
