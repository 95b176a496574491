/**
 * Mailboxes in this process's memory: they begin empty and end with it. For test suites; no `250` given over
 * this engine survives anything.
 *
 * One map holds them all. Besides the accounts' keys it has names that no account can have: that of the lost
 * folder, and those of the mailboxes of removed accounts whose mail is kept.
 */
import { randomUUID } from 'node:crypto'
import { systemClock, type Clock } from '../../base/clock.js'
import { GatewayError } from '../../base/errors.js'
import { createKeyedLock } from '../../base/keyed-lock.js'
import type { MailboxId, MailboxStore } from '../../ports/mailbox-store.js'
import { beginMemoryMessage } from './memory-incoming-message.js'
import { openMemoryMaildrop, usedOctets, type MemoryMailbox } from './memory-maildrop.js'

const LOST = '.lost'
const REMOVED = '.removed'
/** Memory is no disk that fills up: the machine's is as good as boundless, or the process ends. */
const BOUNDLESS = Number.MAX_SAFE_INTEGER

/** How long the end of a mailbox waits for a session. */
const RETIRE_WAIT_MS = 10_000

/**
 * Makes an empty store. `retire` with `keep` answers the key under which the mail can still be opened.
 * @param newId a new unique-id at each call
 */
export function createMemoryMailboxStore(
  newId: () => string = randomUUID,
  clock: Clock = systemClock,
): MailboxStore {
  const mailboxes = new Map<string, MemoryMailbox>([[LOST, new Map()]])
  const locks = createKeyedLock()

  const nameOf = (mailbox: MailboxId): string => (mailbox.kind === 'lost' ? LOST : mailbox.key)

  function mailboxOf(name: string): MemoryMailbox {
    const mailbox = mailboxes.get(name)
    if (mailbox === undefined) throw new GatewayError('store.unavailable', `there is no mailbox ${name}`)
    return mailbox
  }

  async function hold(key: string, waitMs: number): Promise<() => void> {
    const release = await locks.acquire(key, waitMs)
    if (release !== undefined) return release
    throw new GatewayError('maildrop.in-use', `another session holds the maildrop of ${key}`)
  }

  return {
    async create(key, { adopt }) {
      if (!mailboxes.has(key)) mailboxes.set(key, new Map())
      else if (!adopt) throw new GatewayError('account.exists', `there is a mailbox ${key} already`)
    },

    async retire(key, fate) {
      const release = await hold(key, RETIRE_WAIT_MS)
      const mailbox = mailboxes.get(key)
      mailboxes.delete(key)
      release()
      if (mailbox === undefined || fate === 'delete') return undefined
      const kept = `${REMOVED}/${key}-${newId()}`
      mailboxes.set(kept, mailbox)
      return kept
    },

    isEmpty: async (key) => (mailboxes.get(key)?.size ?? 0) === 0,

    begin: async (ids) => beginMemoryMessage(newId(), ids, (mailbox) => mailboxOf(nameOf(mailbox)), clock()),

    usedOctets: async (key) => usedOctets(mailboxOf(key)),

    async openMaildrop(key, { waitMs }) {
      const release = await hold(key, waitMs)
      try {
        return openMemoryMaildrop(() => mailboxOf(key), release)
      } catch (error) {
        release()
        throw error
      }
    },

    view: async (mailbox) =>
      openMemoryMaildrop(
        () => mailboxOf(nameOf(mailbox)),
        () => {},
      ),
    freeOctets: async () => ({ free: BOUNDLESS, total: BOUNDLESS }),
    close: async () => mailboxes.clear(),
  }
}
