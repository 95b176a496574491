/**
 * The arithmetic of SCRAM (RFC 5802 §3), with SHA3-512 for H (draft-melnikov-scram-sha3-512). The digest is a
 * parameter so that the published exchanges of other SCRAM mechanisms can be held against this code.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

export const SCRAM_DIGEST = 'sha3-512'

/** What a client needs in place of the password; whoever has `clientKey` can sign in. */
export interface ClientKeys {
  readonly clientKey: Buffer
  readonly serverKey: Buffer
}

/** @param saltedPassword PBKDF2 of the prepared password, as many octets as the digest has */
export function clientKeysOf(saltedPassword: Buffer, digest: string): ClientKeys {
  return {
    clientKey: hmac(saltedPassword, 'Client Key', digest),
    serverKey: hmac(saltedPassword, 'Server Key', digest),
  }
}

export function makeProof(clientKey: Buffer, authMessage: string, digest: string): Buffer {
  return xor(clientKey, hmac(hash(clientKey, digest), authMessage, digest))
}

/** Whether the proof comes from the key that `storedKey` is the digest of. */
export function isProof(proof: Buffer, storedKey: Buffer, authMessage: string, digest: string): boolean {
  const clientKey = xor(proof, hmac(storedKey, authMessage, digest))
  return sameOctets(hash(clientKey, digest), storedKey)
}

export function serverSignature(serverKey: Buffer, authMessage: string, digest: string): Buffer {
  return hmac(serverKey, authMessage, digest)
}

/** In a time that tells nothing about the octets, only about how many they are. */
export function sameOctets(one: Buffer, other: Buffer): boolean {
  return one.length === other.length && timingSafeEqual(one, other)
}

function xor(one: Buffer, other: Buffer): Buffer {
  return Buffer.from(one.map((octet, at) => octet ^ (other[at] ?? 0)))
}

function hmac(key: Buffer, text: string, digest: string): Buffer {
  return createHmac(digest, key).update(text).digest()
}

function hash(octets: Buffer, digest: string): Buffer {
  return createHash(digest).update(octets).digest()
}
