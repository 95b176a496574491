/**
 * Tells what changes in a Maildir. The system's notices say only that something happened; what it was is found by
 * listing again, so that a lost or doubled notice does no harm. A folder that vanished or was replaced is looked for
 * once a second until it is back.
 */
import { toMaildirError } from './maildir-error.js'
import type { MaildirEntry } from './maildir-entry.js'
import type { Maildir, MaildirEvent, MaildirWatch } from './maildir.js'

const GATHER_MS = 20
const LONGEST_GATHER_MS = 500
const RETRY_MS = 1000

/** Watches a Maildir until `close`. */
export function watchMaildir(maildir: Maildir, listener: (event: MaildirEvent) => void): MaildirWatch {
  const watch = new Watch(maildir, listener)
  return { ready: watch.ready, close: () => watch.close() }
}

class Watch {
  readonly ready: Promise<void>
  readonly #maildir: Maildir
  readonly #tell: (event: MaildirEvent) => void
  #watchers: { close(): void }[] = []
  #watched = ''
  /** name by unique part, of all messages that the listener knows of */
  #known: Map<string, string> | undefined
  #timer: NodeJS.Timeout | undefined
  #scanning = false
  #changed = false
  #failing = false
  #closed = false
  #gatherMs = GATHER_MS

  constructor(maildir: Maildir, listener: (event: MaildirEvent) => void) {
    this.#maildir = maildir
    this.#tell = listener
    this.ready = this.#scan()
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
    this.#unwatch()
  }

  #notice(): void {
    this.#changed = true
    if (!this.#scanning) this.#scanIn(this.#gatherMs)
  }

  #scanIn(delayMs: number): void {
    if (!this.#closed) this.#timer ??= setTimeout(() => void this.#scan(), delayMs)
  }

  async #scan(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#scanning = true
    this.#changed = false
    const events = await this.#look()
    this.#scanning = false
    for (const event of events) if (!this.#closed) this.#tell(event)
    if (this.#failing) this.#scanIn(RETRY_MS)
    else if (this.#changed) this.#scanIn(this.#gatherMs)
  }

  async #look(): Promise<MaildirEvent[]> {
    const startedMs = performance.now()
    try {
      await this.#watchFolders()
      const entries = await this.#maildir.list()
      // A large Maildir that changes all the time is listed at most half of the time.
      this.#gatherMs = Math.min(LONGEST_GATHER_MS, Math.max(GATHER_MS, performance.now() - startedMs))
      this.#failing = false
      return this.#compare(entries)
    } catch (error) {
      this.#unwatch()
      if (this.#failing) return []
      this.#failing = true
      return [{ kind: 'failed', cause: toMaildirError('watch', this.#maildir.path, error) }]
    }
  }

  /** Watches both folders, anew if another one has the place of either. */
  async #watchFolders(): Promise<void> {
    const { files, path } = this.#maildir
    const folders = [`${path}/new`, `${path}/cur`]
    const facts = await Promise.all(folders.map((folder) => files.stat(folder)))
    const now = facts.map(({ device, inode }) => `${device}:${inode}`).join(' ')
    if (this.#closed || (now === this.#watched && this.#watchers.length > 0)) return
    this.#unwatch()
    this.#watched = now
    for (const folder of folders) {
      this.#watchers.push(
        files.watch(
          folder,
          () => this.#notice(),
          () => this.#lost(),
        ),
      )
    }
  }

  #lost(): void {
    this.#unwatch()
    this.#notice()
  }

  #unwatch(): void {
    for (const watcher of this.#watchers) watcher.close()
    this.#watchers = []
  }

  #compare(entries: readonly MaildirEntry[]): MaildirEvent[] {
    const before = this.#known
    const now = new Map(entries.map(({ unique, folder, name }) => [unique, `${folder}/${name}`]))
    this.#known = now
    if (!before) return []
    const arrived = entries.filter(({ unique }) => !before.has(unique))
    const kept = [...before].filter(([unique, place]) => now.get(unique) === place)
    const events: MaildirEvent[] = []
    if (kept.length < before.size) events.push({ kind: 'changed' })
    if (arrived.length > 0) events.push({ kind: 'arrived', entries: arrived })
    return events
  }
}
