/**
 * SCRAM, the client's side (RFC 5802 §5). It refuses a server that wants a cheap hash of the password, or one so dear
 * that we never finish, a nonce that does not go on from ours, and a server that does not know the keys itself.
 */
import { GatewayError } from '../base/errors.js'
import type { ClientStep, SavedKeys } from './client-step.js'
import { malformed, readText } from './message-text.js'
import { clientKeysOf, makeProof, sameOctets, SCRAM_DIGEST, serverSignature } from './scram-keys.js'
import { readServerFinal, readServerFirst, writeName, type ServerFirst } from './scram-messages.js'

export type Secret =
  /** Prepared (RFC 8265 §4.2). */
  | { readonly kind: 'password'; readonly password: string }
  | { readonly kind: 'keys'; readonly keys: SavedKeys }

export interface ScramIdentity {
  /** `n` binds nothing; `y`: would have, but saw no -PLUS; `p=tls-exporter` binds to `bindTo`. */
  readonly flag: 'n' | 'y' | 'p=tls-exporter'
  /** The `tls-exporter` octets with the flag `p=`, else empty. */
  readonly bindTo: Buffer
  readonly name: string
  readonly secret: Secret
  /** Printable ASCII without comma, fresh and unguessable for each exchange. */
  readonly nonce: string
  readonly digest?: string
}

/** What every SCRAM mechanism since RFC 7677 §4 asks a server for at least. */
export const FEWEST_ITERATIONS = 4096
/** Some ten seconds of one core: more is no care for the password, but a way to hold a client up (RFC 5802 §9). */
export const MOST_ITERATIONS = 10_000_000

/** @throws GatewayError from later steps: `sign-in.malformed`, `sign-in.refused` (the server's word, or ours of it) */
export function startScramClient(identity: ScramIdentity): ClientStep {
  const gs2Header = `${identity.flag},,`
  const bare = `n=${writeName(identity.name)},r=${identity.nonce}`
  return {
    kind: 'send',
    octets: Buffer.from(gs2Header + bare),
    next: (challenge) => {
      const text = readAnswer(challenge)
      const first = readServerFirst(text)
      checkServerFirst(first, identity.nonce)
      const channelBinding = Buffer.concat([Buffer.from(gs2Header), identity.bindTo])
      const withoutProof = `c=${channelBinding.toString('base64')},r=${first.nonce}`
      return findKeys(identity, first, (keys) =>
        sendProof({ keys, withoutProof, authMessage: `${bare},${text},${withoutProof}` }, identity.digest),
      )
    },
  }
}

function checkServerFirst({ nonce, iterations }: ServerFirst, ours: string): void {
  if (!nonce.startsWith(ours) || nonce === ours) throw malformed('a nonce that does not go on from ours')
  if (iterations < FEWEST_ITERATIONS || iterations > MOST_ITERATIONS)
    throw malformed(`${iterations} iterations, not ${FEWEST_ITERATIONS} to ${MOST_ITERATIONS}`)
}

function findKeys(
  { secret, digest = SCRAM_DIGEST }: ScramIdentity,
  { salt, iterations }: ServerFirst,
  next: (keys: SavedKeys) => ClientStep,
): ClientStep {
  if (secret.kind === 'password') {
    const derived = (salted: Buffer) => next({ ...clientKeysOf(salted, digest), salt, iterations })
    return { kind: 'derive', password: secret.password, salt, iterations, next: derived }
  }
  const { keys } = secret
  if (keys.iterations !== iterations || !sameOctets(keys.salt, salt))
    throw refused('the saved keys are outdated')
  return next(keys)
}

interface Proof {
  readonly keys: SavedKeys
  readonly withoutProof: string
  readonly authMessage: string
}

function sendProof({ keys, withoutProof, authMessage }: Proof, digest = SCRAM_DIGEST): ClientStep {
  const proof = makeProof(keys.clientKey, authMessage, digest)
  return {
    kind: 'send',
    octets: Buffer.from(`${withoutProof},p=${proof.toString('base64')}`),
    next: (challenge) => {
      const signature = readServerFinal(readAnswer(challenge))
      if (!sameOctets(signature, serverSignature(keys.serverKey, authMessage, digest)))
        throw refused('the server does not know this password')
      return { kind: 'last', octets: Buffer.alloc(0), keys }
    },
  }
}

/** A server may tell why it refuses, in its first message too (RFC 5802 §5.1, erratum 5271). */
function readAnswer(challenge: Buffer): string {
  const text = readText(challenge)
  const [, reason] = /^e=([a-z-]{1,64})(?:,|$)/.exec(text) ?? []
  if (reason !== undefined) throw refused(`the server says ${reason}`)
  return text
}

function refused(why: string): GatewayError {
  return new GatewayError('sign-in.refused', `SASL: ${why}`)
}
