/** What SMTP asks of the house about sign-ins, put together from accounts. */
import type { Accounts } from '../accounts/accounts.js'
import type { Account } from '../ports/account-directory.js'
import { MECHANISMS, type SignedIn, type SmtpAuthentication } from '../smtp/sign-in.js'

export function createSmtpAuthentication(
  accounts: Pick<Accounts, 'authenticate' | 'holdSession'>,
  domain: string,
): SmtpAuthentication {
  function signedIn(account: Account): SignedIn {
    const { key, name } = account
    const { revoked, release } = accounts.holdSession(account)
    return { key, name, address: `${name}@${domain}`, revoked, release }
  }

  return {
    authenticate(mechanism, channel) {
      const exchange = accounts.authenticate(mechanism, channel, MECHANISMS)
      return {
        async respond(response) {
          const reply = await exchange.respond(response)
          return reply.kind === 'done' ? { kind: 'done', outcome: signedIn(reply.outcome) } : reply
        },
        abandon: () => exchange.abandon(),
      }
    },
  }
}
