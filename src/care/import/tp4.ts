/** The file `pass` (or `passwd`) in an account's folder of a TP4 data directory. Pure. */
import { isLegacyDigest } from '../../accounts/password-record.js'
import type { Reason, Secret } from './found.js'

/** A hexadecimal digest, or JSON that holds one: `{"password_hash": "…"}`. Blanks and line ends around it are nothing. */
export function parsePassFile(text: string): Secret | Reason {
  const hex = digestIn(text.trim())
  if (hex === undefined || !/^[0-9A-Fa-f]+$/.test(hex)) return { kind: 'no-digest' }
  return isLegacyDigest(hex) ? { kind: 'digest', hex } : { kind: 'digest-length', digits: hex.length }
}

function digestIn(text: string): string | undefined {
  if (!text.startsWith('{')) return text
  try {
    const parsed: unknown = JSON.parse(text)
    const hash: unknown = Object.entries(Object(parsed)).find(([key]) => key === 'password_hash')?.[1]
    return typeof hash === 'string' ? hash.trim() : undefined
  } catch {
    return undefined
  }
}
