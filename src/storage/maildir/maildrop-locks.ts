/**
 * Holds each maildrop for one session or tool alone, over all processes that work on this root: within this process by
 * a queue, so that who waits is called, between processes by a link in `config/run/` (`base/link-lock.ts`),
 * which is looked at again every 50 ms.
 */
import { symlinkSync, unlinkSync } from 'node:fs'
import { symlink, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { DiskPace } from 'maildir-ts'
import { GatewayError, systemCode } from '../../base/errors.js'
import { createKeyedLock } from '../../base/keyed-lock.js'
import { dropLink, newOwner, pidOf, takeLink, type LinkSteps } from '../../base/link-lock.js'
import type { Log } from '../../base/log.js'
import { makeFolder } from '../../base/make-folder.js'
import { inStoreTerms } from './failures.js'

export interface MaildropLocks {
  /**
   * Takes a maildrop; the answer gives it back, once, never fails, and does nothing when called again.
   * @param waitMs how long to wait for the present holder; 0 answers at once
   * @throws GatewayError `maildrop.in-use`, `store.full`, `store.unavailable`
   */
  hold(key: string, waitMs: number): Promise<() => Promise<void>>
}

const LOOK_AGAIN_MS = 50

/** @param runDir `config/run/` @throws GatewayError `store.cannot-create` */
export async function openMaildropLocks(runDir: string, pace: DiskPace, log: Log): Promise<MaildropLocks> {
  const queue = createKeyedLock()
  const own = newOwner()
  const steps: LinkSteps = {
    make: (text, path) =>
      pace.run(
        () => symlinkSync(text, path),
        () => symlink(text, path),
      ),
    remove: (path) =>
      pace.run(
        () => unlinkSync(path),
        () => unlink(path),
      ),
  }
  await makeFolder(runDir)

  /** Who holds it elsewhere; the folder may have been deleted, as all of `config/run/` may be. */
  async function take(lock: string): Promise<string | undefined> {
    try {
      return await takeLink(lock, own, steps)
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw error
      await makeFolder(runDir)
      return takeLink(lock, own, steps)
    }
  }

  async function takeBefore(lock: string, untilMs: number): Promise<string | undefined> {
    for (;;) {
      const owner = await inStoreTerms(() => take(lock))
      const leftMs = untilMs - performance.now()
      if (owner === undefined || leftMs <= 0) return owner
      await setTimeout(Math.min(LOOK_AGAIN_MS, leftMs))
    }
  }

  /** A link that stays is ours and taken for such the next time; when this process ends, anybody takes it over. */
  async function drop(lock: string): Promise<void> {
    try {
      await dropLink(lock, steps)
    } catch (error) {
      log.warn({ lock, err: error }, 'the lock of a maildrop could not be removed')
    }
  }

  return {
    async hold(key, waitMs) {
      const untilMs = performance.now() + waitMs
      const leave = await queue.acquire(key, waitMs)
      if (leave === undefined) throw inUse(key, 'another session')
      try {
        const lock = join(runDir, `${key}.maildrop`)
        const owner = await takeBefore(lock, untilMs)
        if (owner !== undefined) throw inUse(key, `process ${pidOf(owner)}`)
        let held = true
        return async () => {
          if (!held) return
          held = false
          await drop(lock)
          leave()
        }
      } catch (error) {
        leave()
        throw error
      }
    },
  }
}

function inUse(key: string, holder: string): GatewayError {
  return new GatewayError('maildrop.in-use', `${holder} holds the maildrop of ${key}`)
}
