/** The lost folder: keeps what reached nobody, with the reason on top. It decides nothing. */
import type { IncomingMessage, MailboxStore } from '../ports/mailbox-store.js'
import { lostBlock, type LostCircumstances } from './block.js'

export interface LostFolder {
  /** Starts a message whose first octets are the block that says why it is here. */
  begin(circumstances: LostCircumstances): Promise<IncomingMessage>
}

export function createLostFolder(mailboxes: MailboxStore): LostFolder {
  return {
    async begin(circumstances) {
      const message = await mailboxes.begin([{ kind: 'lost' }])
      try {
        await message.write(Buffer.from(lostBlock(circumstances)))
      } catch (error) {
        await message.abort()
        throw error
      }
      return message
    },
  }
}
