/**
 * The mail trail as files: `config/trail/2026-11-21.jsonl`, one JSON object a line, a new file each day in UTC.
 * It is a record, not a promise: lines are written behind the mail and are not synced.
 */
import { open, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock, type Clock } from '../base/clock.js'
import type { Log } from '../base/log.js'
import { makeFolder } from '../base/make-folder.js'
import type { MailTrail } from '../ports/mail-trail.js'

/** @throws GatewayError `store.cannot-create` */
export async function openFileMailTrail(
  folder: string,
  log: Log,
  clock: Clock = systemClock,
): Promise<MailTrail> {
  let waiting: { readonly day: string; readonly line: string }[] = []
  let file: { readonly day: string; readonly handle: FileHandle } | undefined
  let writing: Promise<void> | undefined

  async function fileOf(day: string): Promise<FileHandle> {
    if (file?.day === day) return file.handle
    await file?.handle.close()
    file = undefined
    const handle = await open(join(folder, `${day}.jsonl`), 'a', 0o600)
    file = { day, handle }
    return handle
  }

  /** Writes what has gathered, all lines of one day with one write. */
  async function flush(): Promise<void> {
    while (waiting.length > 0) {
      const day = waiting[0]?.day ?? ''
      const lines = waiting.filter((entry) => entry.day === day)
      waiting = waiting.filter((entry) => entry.day !== day)
      try {
        const handle = await fileOf(day)
        await handle.appendFile(lines.map((entry) => entry.line).join(''))
      } catch (error) {
        log.error({ err: error, lines: lines.length }, 'lines of the mail trail could not be written')
      }
    }
    writing = undefined
  }

  await makeFolder(folder)

  return {
    record(entry) {
      const time = clock().toISOString()
      waiting.push({ day: time.slice(0, 10), line: `${JSON.stringify({ time, ...entry })}\n` })
      writing ??= flush()
    },
    async close() {
      await writing
      await file?.handle.close()
    },
  }
}
