/** A house without a file: it begins empty, keeps no trail, and is gone when it is closed. For test suites. */
import { randomBytes } from 'node:crypto'
import type { Settings } from '../config/schema.js'
import type { AccountDirectory } from '../ports/account-directory.js'
import { createMemoryAccountDirectory } from '../storage/memory/memory-account-directory.js'
import { createMemoryMailboxStore } from '../storage/memory/memory-mailbox-store.js'
import { createMemorySignInAttempts } from '../storage/memory/memory-sign-in-attempts.js'
import { attemptLimits, createHouse, type House } from './house.js'

/** @param directory taken over; where none is given, nobody has an account */
export function createMemoryHouse(
  settings: Settings,
  directory: AccountDirectory = createMemoryAccountDirectory(),
): House {
  return createHouse(
    {
      directory,
      attempts: createMemorySignInAttempts(attemptLimits(settings)),
      mailboxes: createMemoryMailboxStore(),
      secret: randomBytes(32),
      trail: { record: () => {}, close: async () => {} },
    },
    settings,
  )
}
