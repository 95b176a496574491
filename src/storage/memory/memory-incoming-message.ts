/** A message on its way into mailboxes in memory. */
import { failureCode, GatewayError } from '../../base/errors.js'
import type { DeliveryTarget, IncomingMessage, MailboxId, StoreOutcome } from '../../ports/mailbox-store.js'
import { usedOctets, type MemoryMailbox } from './memory-maildrop.js'

/** @param mailboxOf throws GatewayError `store.unavailable` when there is no such mailbox */
export function beginMemoryMessage(
  id: string,
  targets: readonly DeliveryTarget[],
  mailboxOf: (mailbox: MailboxId) => MemoryMailbox,
  arrivedAt: Date,
): IncomingMessage {
  let chunks: Buffer[] = []
  let over = false

  function store(mailbox: DeliveryTarget, octets: Buffer): StoreOutcome {
    try {
      const { quotaOctets: quota = 0 } = mailbox
      const messages = mailboxOf(mailbox)
      if (quota > 0 && usedOctets(messages) + octets.length > quota)
        throw new GatewayError('mailbox.full', 'the mailbox would hold more than its quota')
      messages.set(id, { octets, arrivedAt })
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
      return targets.map((target) => store(target, octets))
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
