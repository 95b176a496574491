/**
 * The messages of SCRAM, read and written (RFC 5802 §7). Attributes stand in a fixed order; optional extensions may
 * follow and are ignored. `m=`, the mandatory extension that nobody has defined, is refused wherever it stands (§5.1).
 */
import { decodeBase64 } from './base64.js'
import { malformed } from './message-text.js'

export interface ClientFirst {
  /** `n`, `y` or `p=` and the name of a channel binding. */
  readonly flag: string
  /** Empty: none given. */
  readonly authorizationId: string
  readonly name: string
  readonly nonce: string
  /** The two parts of the message, as they came. */
  readonly gs2Header: string
  readonly bare: string
}

export interface ServerFirst {
  readonly nonce: string
  readonly salt: Buffer
  readonly iterations: number
}

export interface ClientFinal {
  readonly channelBinding: Buffer
  readonly nonce: string
  readonly withoutProof: string
  readonly proof: Buffer
}

const CLIENT_FIRST = /^((n|y|p=[A-Za-z0-9.-]+),(?:a=([^,]*))?,)(.*)$/s
const CLIENT_FINAL = /^(.*),p=([^,]*)$/s
const NAME = /^(?:[^=,\0]|=2C|=3D)+$/
/** Printable ASCII without the comma. */
const NONCE = /^[\x21-\x2b\x2d-\x7e]+$/
const ITERATIONS = /^[1-9]\d{0,8}$/
/** Names that RFC 5802 has given a meaning and a place are no extensions. */
const EXTENSION = /^(?![aceimnprsv]=)[A-Za-z]=[^\0]+$/

/** @throws GatewayError `sign-in.malformed`, as every reader here */
export function readClientFirst(text: string): ClientFirst {
  const [, gs2Header, flag, authorizationId, bare] = CLIENT_FIRST.exec(text) ?? []
  if (gs2Header === undefined || flag === undefined || bare === undefined)
    throw malformed('a client-first-message without its header')
  const [name, nonce] = readAttributes(bare, 'nr')
  return {
    flag,
    authorizationId: authorizationId === undefined ? '' : readName(authorizationId),
    name: readName(name),
    nonce: readNonce(nonce),
    gs2Header,
    bare,
  }
}

export function readServerFirst(text: string): ServerFirst {
  const [nonce, salt, iterations = ''] = readAttributes(text, 'rsi')
  if (!ITERATIONS.test(iterations)) throw malformed('an iteration count that is no number')
  return { nonce: readNonce(nonce), salt: readOctets(salt), iterations: Number(iterations) }
}

export function readClientFinal(text: string): ClientFinal {
  const [, withoutProof = '', proof] = CLIENT_FINAL.exec(text) ?? []
  const [channelBinding, nonce] = readAttributes(withoutProof, 'cr')
  return {
    channelBinding: readOctets(channelBinding),
    nonce: readNonce(nonce),
    withoutProof,
    proof: readOctets(proof),
  }
}

/** @returns the server's signature */
export function readServerFinal(text: string): Buffer {
  const [verifier] = readAttributes(text, 'v')
  return readOctets(verifier)
}

/** The name as a `saslname`, in which a comma and an equals sign are `=2C` and `=3D`; neither empty nor with NUL. */
export function writeName(name: string): string {
  const text = name.replaceAll('=', '=3D').replaceAll(',', '=2C')
  readName(text)
  return text
}

function readName(text = ''): string {
  if (!NAME.test(text)) throw malformed('a name that is empty or holds a bare "="')
  return text.replaceAll('=2C', ',').replaceAll('=3D', '=')
}

function readNonce(text = ''): string {
  if (!NONCE.test(text)) throw malformed('a nonce that is not printable')
  return text
}

function readOctets(text = ''): Buffer {
  const octets = decodeBase64(text)
  if (octets === undefined || octets.length === 0) throw malformed('an attribute that is not base64')
  return octets
}

/** The values of the attributes of these one-letter names, with which the text begins. */
function readAttributes(text: string, names: string): readonly string[] {
  const parts = text.split(',')
  const inPlace = Array.from(names).every((name, at) => parts[at]?.startsWith(`${name}=`))
  if (!inPlace || !parts.slice(names.length).every((part) => EXTENSION.test(part)))
    throw malformed('attributes out of place, or an extension that is not optional')
  return parts.slice(0, names.length).map((part) => part.slice(2))
}
