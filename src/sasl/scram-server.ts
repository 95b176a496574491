/**
 * SCRAM, the server's side (RFC 5802 §5). Whatever a wrong or weakened exchange can be told by before the proof —
 * a channel binding left out, another channel, another nonce — is refused as malformed and costs no attempt:
 * no password can be guessed that way.
 */
import { malformed, readText } from './message-text.js'
import { isProof, sameOctets, SCRAM_DIGEST, serverSignature } from './scram-keys.js'
import { readClientFinal, readClientFirst, type ClientFirst } from './scram-messages.js'
import type { ScramKeys, ServerStep } from './server-step.js'

export interface ScramTerms {
  /** What the -PLUS mechanism binds to: `tls-exporter` (RFC 9266); absent in the other. */
  readonly bindTo?: Buffer | undefined
  /** Whether a client on this connection could have chosen -PLUS. */
  readonly plusOffered: boolean
  /** Our part of the nonce: printable ASCII without comma, fresh for each exchange. */
  readonly nonce: string
  readonly digest?: string
}

/** What both sides have said before the proof. */
interface Dialogue {
  readonly terms: ScramTerms
  readonly first: ClientFirst
  readonly nonce: string
  readonly serverFirst: string
  readonly keys: ScramKeys
}

const BINDING_FLAG = 'p=tls-exporter'

/** @throws GatewayError `sign-in.malformed` */
export function startScram(terms: ScramTerms, message: Buffer): ServerStep {
  const first = readClientFirst(readText(message))
  const objection = flagObjection(first.flag, terms)
  if (objection !== undefined) throw malformed(objection)
  const { authorizationId, name } = first
  return { kind: 'keys', authorizationId, name, next: (keys) => askProof(terms, first, keys) }
}

function flagObjection(flag: string, { bindTo, plusOffered }: ScramTerms): string | undefined {
  if (bindTo !== undefined) return flag === BINDING_FLAG ? undefined : `-PLUS needs ${BINDING_FLAG}`
  if (flag === 'y' && plusOffered) return 'the client was not shown the -PLUS mechanism that we offered'
  return flag === 'n' || flag === 'y' ? undefined : 'channel binding outside a -PLUS mechanism'
}

function askProof(terms: ScramTerms, first: ClientFirst, keys: ScramKeys): ServerStep {
  const nonce = first.nonce + terms.nonce
  const serverFirst = `r=${nonce},s=${keys.salt.toString('base64')},i=${keys.iterations}`
  const dialogue = { terms, first, nonce, serverFirst, keys }
  return {
    kind: 'challenge',
    octets: Buffer.from(serverFirst),
    next: (response) => takeProof(dialogue, response),
  }
}

function takeProof(dialogue: Dialogue, response: Buffer): ServerStep {
  const { terms, first, nonce, serverFirst, keys } = dialogue
  const final = readClientFinal(readText(response))
  const bound = Buffer.concat([Buffer.from(first.gs2Header), terms.bindTo ?? Buffer.alloc(0)])
  if (!sameOctets(final.channelBinding, bound)) throw malformed('a binding to another channel')
  if (!sameOctets(Buffer.from(final.nonce), Buffer.from(nonce)))
    throw malformed('the nonce of another exchange')
  if (final.proof.length !== keys.storedKey.length) throw malformed('a proof of another size')
  const authMessage = `${first.bare},${serverFirst},${final.withoutProof}`
  return { kind: 'proof', name: first.name, check: () => checkProof(dialogue, authMessage, final.proof) }
}

function checkProof({ terms, first, keys }: Dialogue, authMessage: string, proof: Buffer): ServerStep {
  const digest = terms.digest ?? SCRAM_DIGEST
  if (!isProof(proof, keys.storedKey, authMessage, digest)) return { kind: 'refused' }
  const { authorizationId, name } = first
  const signature = serverSignature(keys.serverKey, authMessage, digest)
  return {
    kind: 'challenge',
    octets: Buffer.from(`v=${signature.toString('base64')}`),
    next: (response) => {
      if (response.length > 0) throw malformed('the answer to a server-final-message is not empty')
      return { kind: 'proven', authorizationId, name }
    },
  }
}
