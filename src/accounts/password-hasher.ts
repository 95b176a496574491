/** What sign-in asks about passwords: whether one is right, and what to keep of a new one. Each costs a hash. */
import type { Derive } from './key-derivation.js'
import {
  formatPasswordRecord,
  makePasswordRecord,
  parsePasswordRecord,
  verifyPassword,
} from './password-record.js'

export interface PasswordHasher {
  /** The record of a new password. */
  make(password: string): Promise<string>
  /** Wrong passwords cost the same whatever the record, also when there is none. @throws GatewayError `store.damaged` */
  verify(password: string, record: string | undefined): Promise<boolean>
  /** Whether a record is weaker than one made today. */
  isOutdated(record: string): boolean
}

export function createPasswordHasher(iterations: number, derive: Derive): PasswordHasher {
  return {
    make: async (password) => formatPasswordRecord(await makePasswordRecord(password, iterations)),

    async verify(password, record) {
      if (record === undefined) {
        await derive(password, Buffer.alloc(16), iterations)
        return false
      }
      const parsed = parsePasswordRecord(record)
      if (await verifyPassword(password, parsed)) return true
      // A record of fewer iterations would tell by its time that there is an account.
      const missing = iterations - parsed.iterations
      if (missing > 0) await derive(password, parsed.salt, missing)
      return false
    },

    isOutdated: (record) => parsePasswordRecord(record).iterations < iterations,
  }
}
