/**
 * How much each account's Maildir holds, without reading it for each message.
 *
 * Counted once, then carried along with what goes through this process. Other tools and processes may add and remove
 * as well, so once in a while the folders' times are looked at, and if they changed the Maildir is counted again,
 * beside the mail. A quota is therefore held to what was true some seconds ago.
 */
import { stat } from 'node:fs/promises'
import type { Maildir } from 'maildir-ts'
import { inStoreTerms } from './failures.js'

export interface UsageTracker {
  /** @throws GatewayError `store.unavailable` when it was never counted and cannot be */
  octets(maildir: Maildir): Promise<number>
  /** Octets came (or went, when negative). */
  add(maildir: Maildir, octets: number): void
  forget(maildir: Maildir): void
}

/** How long a count is believed before the folders are looked at again. */
const BELIEVED_MS = 10_000

interface Count {
  octets: number
  /** What the folders' times were when they were counted. */
  times: string
  lookedAtMs: number
}

/** @param nowMs a clock that never goes back */
export function createUsageTracker(nowMs: () => number = () => performance.now()): UsageTracker {
  const counts = new Map<string, Promise<Count>>()

  async function count(maildir: Maildir): Promise<Count> {
    const lookedAtMs = nowMs()
    // The times first: what changes while the Maildir is read is counted again the next time.
    const times = await timesOf(maildir)
    const { octets } = await inStoreTerms(() => maildir.usage())
    return { octets, times, lookedAtMs }
  }

  function begin(maildir: Maildir): Promise<Count> {
    const counting = count(maildir)
    counts.set(maildir.path, counting)
    counting.catch(() => counts.delete(maildir.path))
    return counting
  }

  /** Looks whether another tool changed the folders; the present count holds until the new one is there. */
  async function refresh(maildir: Maildir, present: Count): Promise<void> {
    present.lookedAtMs = nowMs()
    if ((await timesOf(maildir)) === present.times) return
    const fresh = await count(maildir)
    if (counts.has(maildir.path)) counts.set(maildir.path, Promise.resolve(fresh))
  }

  return {
    async octets(maildir) {
      const present = await (counts.get(maildir.path) ?? begin(maildir))
      if (nowMs() - present.lookedAtMs >= BELIEVED_MS)
        refresh(maildir, present).catch(() => this.forget(maildir))
      return present.octets
    },
    add(maildir, octets) {
      counts
        .get(maildir.path)
        ?.then((present) => (present.octets = Math.max(0, present.octets + octets)))
        .catch(() => undefined)
    },
    forget(maildir) {
      counts.delete(maildir.path)
    },
  }
}

async function timesOf({ path }: Maildir): Promise<string> {
  const folders = await inStoreTerms(() =>
    Promise.all(['new', 'cur'].map((folder) => stat(`${path}/${folder}`, { bigint: true }))),
  )
  return folders.map(({ mtimeNs }) => String(mtimeNs)).join(' ')
}
