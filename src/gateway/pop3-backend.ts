/** What POP3 asks of the house, put together from accounts and mailboxes. */
import type { Accounts } from '../accounts/accounts.js'
import type { Maildrop, MaildropEntry, Pop3Backend } from '../pop3/backend.js'
import type { Account } from '../ports/account-directory.js'
import type { MailTrail } from '../ports/mail-trail.js'
import type { MailboxStore } from '../ports/mailbox-store.js'
import { offeredMechanisms } from '../sasl/offered.js'
import type { LoginDelay } from './login-delay.js'

export interface Pop3BackendOptions {
  /** How long a second session waits for the first to end; 0 answers at once. */
  readonly inUseWaitMs: number
  readonly loginDelay: LoginDelay
  /** Days after which an account's messages are removed. */
  readonly expireDaysOf: (account: Account) => number | undefined
  /** Whether what was retrieved is marked as read, for other tools. */
  readonly markSeen: boolean
}

export function createPop3Backend(
  accounts: Pick<Accounts, 'signIn' | 'authenticate' | 'holdSession'>,
  mailboxes: MailboxStore,
  trail: MailTrail,
  { inUseWaitMs, markSeen, loginDelay, expireDaysOf }: Pop3BackendOptions,
): Pop3Backend {
  async function open(account: Account): Promise<Maildrop> {
    const { key } = account
    loginDelay.demand(key)
    const expireDays = expireDaysOf(account)
    const session = accounts.holdSession(account)
    try {
      const maildrop = await mailboxes.openMaildrop(key, { waitMs: inUseWaitMs })
      loginDelay.note(key)
      return {
        account: key,
        entries: maildrop.entries,
        revoked: session.revoked,
        ...(expireDays !== undefined && { expireDays }),
        open: (entry) => maildrop.open(entry),
        async remove(entries) {
          const remaining = await maildrop.remove(entries)
          const there = new Set(remaining)
          const removed = entries.filter((entry) => !there.has(entry))
          if (removed.length > 0)
            trail.record({ event: 'removed', account: key, uids: removed.map(({ uid }) => uid) })
          return remaining
        },
        ...(markSeen && { markSeen: (seen: readonly MaildropEntry[]) => maildrop.markSeen(seen) }),
        async close() {
          session.release()
          await maildrop.close()
        },
      }
    } catch (error) {
      session.release()
      throw error
    }
  }

  return {
    async signIn({ name, password }, { address }) {
      return open(await accounts.signIn(name, password, address))
    },

    authenticate(mechanism, channel) {
      // Whether a password may be sent as it is was decided before this mechanism was offered.
      const offered = offeredMechanisms({ protocol: 'pop3', clearPasswords: true, channel })
      const exchange = accounts.authenticate(mechanism, channel, offered)
      return {
        async respond(response) {
          const reply = await exchange.respond(response)
          return reply.kind === 'done' ? { kind: 'done', outcome: await open(reply.outcome) } : reply
        },
        abandon: () => exchange.abandon(),
      }
    },
  }
}
