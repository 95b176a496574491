/** What POP3 asks of the house, put together from accounts and mailboxes. */
import type { Accounts } from '../accounts/accounts.js'
import type { Pop3Backend } from '../pop3/backend.js'
import type { MailTrail } from '../ports/mail-trail.js'
import type { MailboxStore } from '../ports/mailbox-store.js'

/** How long a second session waits for the first to end: long enough for a client that reconnects at once. */
const MAILDROP_WAIT_MS = 2000

export function createPop3Backend(
  accounts: Pick<Accounts, 'signIn'>,
  mailboxes: MailboxStore,
  trail: MailTrail,
): Pop3Backend {
  return {
    async signIn({ name, password }, client) {
      const { key } = await accounts.signIn(name, password, client.address)
      const maildrop = await mailboxes.openMaildrop(key, { waitMs: MAILDROP_WAIT_MS })
      return {
        entries: maildrop.entries,
        open: (entry) => maildrop.open(entry),
        async remove(entries) {
          const remaining = await maildrop.remove(entries)
          const removed = entries.filter((entry) => !remaining.includes(entry))
          if (removed.length > 0)
            trail.record({ event: 'removed', account: key, uids: removed.map(({ uid }) => uid) })
          return remaining
        },
        close: () => maildrop.close(),
      }
    },
  }
}
