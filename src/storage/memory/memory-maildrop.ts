/** A mailbox in memory as a maildrop: a listing that stands still, read and removed by unique-id. */
import { GatewayError } from '../../base/errors.js'
import type { Maildrop, MaildropEntry, StoredMessage } from '../../ports/mailbox-store.js'

/** One message; in several mailboxes it is the same octets. */
export interface MemoryMessage {
  readonly octets: Buffer
  readonly arrivedAt: Date
}

/** Messages by unique-id, in order of arrival. */
export type MemoryMailbox = Map<string, MemoryMessage>

/** Octets of all messages together. */
export function usedOctets(mailbox: MemoryMailbox): number {
  return [...mailbox.values()].reduce((sum, { octets }) => sum + octets.length, 0)
}

/** What the port allows. */
const LARGEST_CHUNK_OCTETS = 65_536

/**
 * @param find the mailbox as it is now: its account may be removed, and even added anew, while the maildrop is
 * open. Throws GatewayError `store.unavailable` when there is none
 * @param release gives the maildrop back to other sessions
 */
export function openMemoryMaildrop(find: () => MemoryMailbox, release: () => void): Maildrop {
  const listed = [...find()]
  const entries = listed.map(([uid, { octets }], index): MaildropEntry => ({
    number: index + 1,
    uid,
    octets: octets.length,
  }))

  return {
    entries,

    async open({ number, uid }) {
      const message = find().get(uid)
      if (message === undefined) throw new GatewayError('message.gone', `message ${number} is gone`)
      return storedMessage(message.octets)
    },

    async remove(doomed) {
      const mailbox = find()
      for (const { uid } of doomed) mailbox.delete(uid)
      return []
    },

    arrivedBefore: (time) =>
      entries.filter(({ number }) => {
        const message = listed[number - 1]?.[1]
        return message !== undefined && message.arrivedAt < time
      }),

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
