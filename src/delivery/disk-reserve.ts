/** Keeps part of the disk free: new mail is put off before the disk is full, while reading and deleting go on. */
import { GatewayError } from '../base/errors.js'
import type { MailboxStore } from '../ports/mailbox-store.js'

export interface DiskReserve {
  /** @throws GatewayError `store.full` while less than the reserve is free */
  check(): Promise<void>
}

/** How old a reading of the disk may be: a second of mail cannot use up the smallest useful reserve. */
const FRESH_MS = 1000
const LARGEST_AUTO_OCTETS = 512 * 1024 * 1024
const AUTO_SHARE = 0.02

/**
 * @param reserveOctets `auto`: the smaller of 512 MiB and 2 % of the disk; 0: no reserve
 * @param nowMs a clock that never goes back
 */
export function createDiskReserve(
  mailboxes: Pick<MailboxStore, 'freeOctets'>,
  reserveOctets: number | 'auto',
  nowMs: () => number = () => performance.now(),
): DiskReserve {
  let readAtMs = -Infinity
  let roomy: Promise<boolean> = Promise.resolve(true)

  async function read(): Promise<boolean> {
    const { free, total } = await mailboxes.freeOctets()
    return (
      free >= (reserveOctets === 'auto' ? Math.min(LARGEST_AUTO_OCTETS, total * AUTO_SHARE) : reserveOctets)
    )
  }

  return {
    async check() {
      if (reserveOctets === 0) return
      if (nowMs() - readAtMs >= FRESH_MS) {
        readAtMs = nowMs()
        roomy = read()
      }
      if (!(await roomy)) throw new GatewayError('store.full', 'the disk is down to its reserve')
    },
  }
}
