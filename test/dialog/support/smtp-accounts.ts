/** Sign-ins for tests: PLAIN and LOGIN in their shortest form, over a few names that stand for what can happen. */

import { type FailureCode, GatewayError } from '../../../src/base/errors.ts'
import type { SaslExchange, SaslReply } from '../../../src/sasl/exchange.ts'
import type { SignedIn, SmtpAuthentication } from '../../../src/smtp/sign-in.ts'

const PASSWORD = 'wonder land'

/** Names for whom every sign-in fails so. */
const FAILING: ReadonlyMap<string, FailureCode> = new Map([
  ['last', 'sign-in.refused-last'],
  ['locked', 'sign-in.locked'],
  ['limited', 'sign-in.limited'],
  ['busy', 'sign-in.busy'],
  ['away', 'store.unavailable'],
])

export interface FakeAccounts extends SmtpAuthentication {
  /** Sessions that are signed in. */
  readonly open: number
  /** Exchanges that were given up. */
  readonly abandoned: number
  /** Ends the sessions of all accounts. */
  revoke(): void
}

export function createFakeAccounts(): FakeAccounts {
  const revocation = new AbortController()
  let open = 0
  let abandoned = 0

  function check(name: string, password: string): SignedIn {
    const failure = FAILING.get(name)
    if (failure !== undefined) throw new GatewayError(failure, 'as the test wants it')
    if (name === 'bug') throw new TypeError('undefined is not a function')
    if (!['alice', 'bob'].includes(name) || password !== PASSWORD)
      throw new GatewayError('sign-in.refused', `not ${name}`)
    open += 1
    const released = (): void => void (open -= 1)
    return { key: name, address: `${name}@glo2000.ca`, name, revoked: revocation.signal, release: released }
  }

  /** RFC 4616, without an authorisation identity. */
  async function plain(response: Buffer | undefined): Promise<SaslReply<SignedIn>> {
    if (response === undefined) return { kind: 'challenge', octets: Buffer.alloc(0) }
    const [, name, password] = /^\0([^\0]+)\0([^\0]+)$/.exec(response.toString()) ?? []
    if (name === undefined || password === undefined) throw new GatewayError('sign-in.malformed', 'no PLAIN')
    return { kind: 'done', outcome: check(name, password) }
  }

  function login(): (response: Buffer | undefined) => Promise<SaslReply<SignedIn>> {
    let name: string | undefined
    return async (response) => {
      if (response === undefined) return { kind: 'challenge', octets: Buffer.from('Username:') }
      if (name !== undefined) return { kind: 'done', outcome: check(name, response.toString()) }
      name = response.toString()
      return { kind: 'challenge', octets: Buffer.from('Password:') }
    }
  }

  return {
    get open() {
      return open
    },
    get abandoned() {
      return abandoned
    },
    revoke: () => revocation.abort(),
    authenticate(mechanism): SaslExchange<SignedIn> {
      return {
        respond: mechanism === 'PLAIN' ? plain : login(),
        abandon: () => void (abandoned += 1),
      }
    },
  }
}
