/** What we know of one connection beside what the library does: who signed in, and the mail transaction. */
import type { MailTransaction } from '../delivery/delivery.js'
import type { SmtpClient } from './client.js'
import { reply } from './reply.js'
import type { SignedIn } from './sign-in.js'
import type { SmtpTraffic } from './traffic.js'

export interface Session {
  readonly signedIn: SignedIn | undefined
  failedSignIns: number
  transaction: MailTransaction | undefined
  /** Recipients of the transaction that were answered 250, in order, doubles included. */
  recipients: string[]
  /** Signs the client in until `forget`; `false` when the account has too many sessions, or the client is gone. */
  keep(signedIn: SignedIn): boolean
  /** Signs the client out. */
  forget(): void
  /** The connection has ended: nobody can sign in any more. */
  close(): void
}

const REVOKED = reply(421, '4.7.0', 'the account is not open any more')

export function createSession(client: SmtpClient, traffic: SmtpTraffic): Session {
  let current: SignedIn | undefined
  let closed = false
  const onRevoked = (): void => client.dismiss(REVOKED)

  function forget(): void {
    if (current === undefined) return
    current.revoked.removeEventListener('abort', onRevoked)
    traffic.sessionLeft(current.key)
    current.release()
    current = undefined
  }

  return {
    get signedIn() {
      return current
    },
    failedSignIns: 0,
    transaction: undefined,
    recipients: [],
    keep(signedIn) {
      if (closed || signedIn.revoked.aborted || !traffic.sessionEntered(signedIn.key)) {
        signedIn.release()
        return false
      }
      current = signedIn
      signedIn.revoked.addEventListener('abort', onRevoked, { once: true })
      return true
    },
    forget,
    close() {
      closed = true
      forget()
    },
  }
}
