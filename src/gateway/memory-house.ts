/** A house without a file: it begins empty, keeps no trail, and is gone when it is closed. For test suites. */
import type { Settings } from '../config/schema.js'
import { createMemoryAccountDirectory } from '../storage/memory/memory-account-directory.js'
import { createMemoryMailboxStore } from '../storage/memory/memory-mailbox-store.js'
import { createHouse, type House } from './house.js'

export function createMemoryHouse(settings: Settings): House {
  return createHouse(
    {
      directory: createMemoryAccountDirectory(),
      mailboxes: createMemoryMailboxStore(),
      trail: { record: () => {}, close: async () => {} },
    },
    settings,
  )
}
