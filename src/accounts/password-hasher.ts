/** What sign-in asks about passwords: whether one is right, and what to keep of a new one. Each costs a hash. */
import type { Derive } from './key-derivation.js'
import {
  formatPasswordRecord,
  iterationsPerTry,
  makeLegacyRecord,
  makePasswordRecord,
  needsUpgrade,
  parsePasswordRecord,
  verifyPassword,
} from './password-record.js'

export interface PasswordHasher {
  /** The record of a new password. @throws GatewayError `account.password-refused` for what cannot be prepared */
  make(password: string): Promise<string>
  /** The record of what another system kept. @throws GatewayError `account.password-refused` */
  makeImported(secret: ImportedSecret): Promise<string>
  /** Wrong passwords cost the same whatever the record, also when there is none. @throws GatewayError `store.damaged` */
  verify(password: string, record: string | undefined): Promise<boolean>
  /** Whether a record is weaker than one made today. */
  isOutdated(record: string): boolean
}

/** What another system knew of a password. */
export type ImportedSecret =
  | { readonly kind: 'password'; readonly password: string }
  /** SHA3-512 or SHA-512 of it, without salt: 128 hexadecimal digits. */
  | { readonly kind: 'digest'; readonly hex: string }

export function createPasswordHasher(iterations: number, derive: Derive): PasswordHasher {
  const make = async (password: string): Promise<string> =>
    formatPasswordRecord(await makePasswordRecord(password, iterations, derive))

  return {
    make,

    async makeImported(secret) {
      if (secret.kind === 'password') return make(secret.password)
      return formatPasswordRecord(await makeLegacyRecord(secret.hex, iterations, derive))
    },

    async verify(password, text) {
      const salt = Buffer.alloc(16)
      if (text === undefined) {
        await derive(password, salt, iterations)
        return false
      }
      const record = parsePasswordRecord(text)
      if (await verifyPassword(password, record, derive)) return true
      // A record of fewer iterations would tell by its time that there is an account.
      const missing = iterations - iterationsPerTry(record)
      if (missing > 0) await derive(password, salt, missing)
      return false
    },

    isOutdated: (record) => needsUpgrade(parsePasswordRecord(record), iterations),
  }
}
