/** A message on its way into mailboxes in memory. */
import { failureCode } from '../../base/errors.js'
import type { IncomingMessage, MailboxId, StoreOutcome } from '../../ports/mailbox-store.js'
import type { MemoryMailbox } from './memory-maildrop.js'

/** @param mailboxOf throws GatewayError `store.unavailable` when there is no such mailbox */
export function beginMemoryMessage(
  id: string,
  mailboxes: readonly MailboxId[],
  mailboxOf: (mailbox: MailboxId) => MemoryMailbox,
): IncomingMessage {
  let chunks: Buffer[] = []
  let over = false

  function store(mailbox: MailboxId, octets: Buffer): StoreOutcome {
    try {
      mailboxOf(mailbox).set(id, octets)
      return { mailbox, stored: true }
    } catch (error) {
      if (failureCode(error) === undefined) throw error
      return { mailbox, stored: false, cause: error }
    }
  }

  function mustGoOn(): void {
    if (over) throw new Error(`message ${id} is committed or aborted already`)
  }

  return {
    id,

    async write(chunk) {
      mustGoOn()
      chunks.push(Buffer.from(chunk))
    },

    async commit() {
      mustGoOn()
      over = true
      const octets = Buffer.concat(chunks)
      chunks = [octets]
      return mailboxes.map((mailbox) => store(mailbox, octets))
    },

    async *read() {
      yield* chunks
    },

    async abort() {
      over = true
      chunks = []
    },
  }
}
