/**
 * SASL from the house's side: drives the pure steps of a mechanism, finds keys, and decides. One place for every
 * protocol.
 */
import { createHmac, randomBytes } from 'node:crypto'
import { GatewayError } from '../base/errors.js'
import type { Account } from '../ports/account-directory.js'
import type { SaslChannel, SaslExchange, SaslMechanism, SaslReply } from '../sasl/exchange.js'
import type { ScramKeys, ServerStep } from '../sasl/server-step.js'
import { startServer } from '../sasl/server.js'
import { parsePasswordRecord } from './password-record.js'
import type { Claim, SignIn } from './sign-in.js'

export interface AuthenticationOptions {
  readonly signIn: SignIn
  /** Of this house alone: salts of names without keys are derived from it, so that they stay the same. */
  readonly secret: Buffer
  /** As new records have it; what names without keys say. */
  readonly iterations: number
}

/** @param offered what the client was offered on this connection */
export type Authenticate = (
  mechanism: SaslMechanism,
  channel: SaslChannel,
  offered: readonly SaslMechanism[],
) => SaslExchange<Account>

const NONCE_OCTETS = 24
const SALT_OCTETS = 16
const KEY_OCTETS = 64

export function createAuthentication({ signIn, secret, iterations }: AuthenticationOptions): Authenticate {
  /** Keys that nobody has the password of, with the same salt for a name each time. */
  function keysOfNobody(key: string): ScramKeys {
    const salt = createHmac('sha256', secret).update(`salt ${key}`).digest().subarray(0, SALT_OCTETS)
    return { iterations, salt, storedKey: randomBytes(KEY_OCTETS), serverKey: randomBytes(KEY_OCTETS) }
  }

  /** A locked account has the salt that it ever had, and keys that nobody has the password of. */
  function keysOf({ account, key }: Claim): ScramKeys | undefined {
    if (account === undefined) return undefined
    const record = parsePasswordRecord(account.passwordRecord)
    if (record.scheme !== 'SCRAM-SHA3-512') return undefined
    return account.locked
      ? { ...keysOfNobody(key), iterations: record.iterations, salt: record.salt }
      : record
  }

  return (mechanism, { address, tlsExporter }, offered) => {
    const nonce = randomBytes(NONCE_OCTETS).toString('base64')
    let resume: ((response: Buffer | undefined) => ServerStep) | undefined = (initial) =>
      startServer({ mechanism, channel: { address, tlsExporter }, offered, nonce }, initial)
    let claim: Claim | undefined
    let proven: Account | undefined

    function demandOwn(account: Account, authorizationId: string): Account {
      if (signIn.isOwn(account, authorizationId)) return account
      throw new GatewayError('sign-in.refused', 'nobody acts as somebody else here')
    }

    /** Goes on until the client is asked for something, or is in. */
    async function follow(step: ServerStep): Promise<SaslReply<Account>> {
      switch (step.kind) {
        case 'challenge':
          resume = (response) => step.next(response ?? Buffer.alloc(0))
          return { kind: 'challenge', octets: step.octets }
        case 'password': {
          const account = await signIn.byPassword(step.name, step.password, address)
          return { kind: 'done', outcome: demandOwn(account, step.authorizationId) }
        }
        case 'keys': {
          claim = await signIn.claim(step.name, address)
          return follow(step.next(keysOf(claim) ?? keysOfNobody(claim.key)))
        }
        case 'proof':
          return follow(await prove(step.check))
        case 'refused':
          throw new GatewayError('sign-in.refused', 'wrong name or password')
        case 'proven':
          if (proven === undefined) throw new Error('proven before a proof')
          // The client may have taken its time with its last answer.
          await signIn.demandUnchanged(proven)
          return { kind: 'done', outcome: demandOwn(proven, step.authorizationId) }
      }
    }

    async function prove(check: () => ServerStep): Promise<ServerStep> {
      if (claim === undefined) throw new Error('a proof before a name')
      let checked: ServerStep = { kind: 'refused' }
      const isRight = (): boolean => {
        checked = check()
        return checked.kind !== 'refused'
      }
      // Whoever has keys of an older kind cannot prove anything; that is no wrong password.
      if (claim.account !== undefined && keysOf(claim) === undefined) return checked
      proven = await signIn.byProof(claim, isRight)
      return checked
    }

    return {
      async respond(response) {
        const next = resume
        if (next === undefined) throw new Error('the exchange is over')
        resume = undefined
        return follow(next(response))
      },
      abandon() {
        resume = undefined
      },
    }
  }
}
