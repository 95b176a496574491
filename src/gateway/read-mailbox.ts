/** All of a mailbox at once, for tests: no server should hold that much. */
import { failureCode } from '../base/errors.js'
import type { MailboxId, MailboxStore, MailboxView, MaildropEntry } from '../ports/mailbox-store.js'

/** Every message by arrival, in a copy; one that a session removes meanwhile is left out. @throws GatewayError `store.unavailable` */
export async function readMailbox(
  mailboxes: Pick<MailboxStore, 'view'>,
  mailbox: MailboxId,
): Promise<readonly Buffer[]> {
  const view = await mailboxes.view(mailbox)
  const messages: Buffer[] = []
  for (const entry of view.entries) {
    const octets = await read(view, entry)
    if (octets !== undefined) messages.push(octets)
  }
  return messages
}

async function read(view: MailboxView, entry: MaildropEntry): Promise<Buffer | undefined> {
  try {
    const message = await view.open(entry)
    try {
      const chunks: Buffer[] = []
      for await (const chunk of message.chunks()) chunks.push(chunk)
      return Buffer.concat(chunks)
    } finally {
      await message.close()
    }
  } catch (error) {
    if (failureCode(error) === 'message.gone') return undefined
    throw error
  }
}
