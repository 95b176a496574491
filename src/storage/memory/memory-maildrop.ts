/** A mailbox in memory as a maildrop: a listing that stands still, read and removed by unique-id. */
import { GatewayError } from '../../base/errors.js'
import type { Maildrop, MaildropEntry, StoredMessage } from '../../ports/mailbox-store.js'

/** Octets by unique-id, in order of arrival. One message in several mailboxes is the same octets. */
export type MemoryMailbox = Map<string, Buffer>

/** Octets of all messages together. */
export function usedOctets(mailbox: MemoryMailbox): number {
  return [...mailbox.values()].reduce((sum, { length }) => sum + length, 0)
}

/** What the port allows. */
const LARGEST_CHUNK_OCTETS = 65_536

/**
 * @param find the mailbox as it is now: its account may be removed, and even added anew, while the maildrop is
 * open. Throws GatewayError `store.unavailable` when there is none
 * @param release gives the maildrop back to other sessions
 */
export function openMemoryMaildrop(find: () => MemoryMailbox, release: () => void): Maildrop {
  const entries = [...find()].map(([uid, octets], index): MaildropEntry => ({
    number: index + 1,
    uid,
    octets: octets.length,
  }))

  return {
    entries,

    async open({ number, uid }) {
      const octets = find().get(uid)
      if (octets === undefined) throw new GatewayError('message.gone', `message ${number} is gone`)
      return storedMessage(octets)
    },

    async remove(doomed) {
      const mailbox = find()
      for (const { uid } of doomed) mailbox.delete(uid)
      return []
    },

    // Nobody else looks at these messages.
    markSeen: async () => {},

    close: async () => release(),
  }
}

function storedMessage(octets: Buffer): StoredMessage {
  return {
    async *chunks() {
      for (let at = 0; at < octets.length; at += LARGEST_CHUNK_OCTETS)
        yield octets.subarray(at, at + LARGEST_CHUNK_OCTETS)
    },
    close: async () => {},
  }
}
