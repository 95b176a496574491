/**
 * Removes what cut-off deliveries left in `tmp/`, in the background: at the start and once a day, one Maildir
 * after the other. Nobody waits for it, and its trouble is a line in the log: no message depends on it.
 */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { MaildirError, openMaildir } from 'maildir-ts'
import type { Log } from '../../base/log.js'

export interface Sweeper {
  /** Resolves once no file is touched any more; what was not reached waits for the next start. */
  close(): Promise<void>
}

export interface SweeperOptions {
  readonly accountsDir: string
  readonly lostDir: string
  readonly log: Log
  /** Time from one round to the next; default a day: files must be 36 hours old to be removed. */
  readonly everyMs?: number
}

const DAY_MS = 24 * 60 * 60 * 1000

export function startSweeper({ accountsDir, lostDir, log, everyMs = DAY_MS }: SweeperOptions): Sweeper {
  let closed = false
  let round = sweepAll()
  const timer = setInterval(() => {
    round = round.then(sweepAll)
  }, everyMs).unref()

  async function sweepAll(): Promise<void> {
    try {
      const names = await readdir(accountsDir, { withFileTypes: true })
      const accounts = names.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
      for (const folder of [lostDir, ...accounts.map(({ name }) => join(accountsDir, name))]) {
        if (closed) return
        await sweepOne(folder)
      }
    } catch (error) {
      log.warn({ err: error }, 'the mailboxes could not be listed for sweeping')
    }
  }

  async function sweepOne(folder: string): Promise<void> {
    try {
      const files = await openMaildir(folder).sweep()
      if (files > 0) log.info({ folder, files }, 'removed what cut-off deliveries had left')
    } catch (error) {
      // The account was removed meanwhile, or the folder is no Maildir.
      if (error instanceof MaildirError && error.code === 'ENOENT') return
      log.warn({ folder, err: error }, 'leftovers of deliveries could not be removed')
    }
  }

  return {
    async close() {
      closed = true
      clearInterval(timer)
      await round
    },
  }
}
