/**
 * The house as it would be asked before a change: it knows the accounts that there are, everything else of it is in
 * memory, and nothing is made below the root.
 */
import { access } from 'node:fs/promises'
import { GatewayError, systemCode } from '../base/errors.js'
import type { Paths } from '../config/paths.js'
import type { Settings } from '../config/schema.js'
import { openSqliteAccountDirectory } from '../storage/sqlite/sqlite-account-directory.js'
import type { House } from './house.js'
import { createMemoryHouse } from './memory-house.js'

/** @throws GatewayError `store.*` for a directory that cannot be opened */
export async function openTrialHouse({ directoryFile }: Paths, settings: Settings): Promise<House> {
  if (!(await isThere(directoryFile))) return createMemoryHouse(settings)
  return createMemoryHouse(settings, await openSqliteAccountDirectory(directoryFile))
}

async function isThere(path: string): Promise<boolean> {
  try {
    await access(path)
    return true
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false
    throw new GatewayError('store.unavailable', `cannot look at ${path}`, { cause: error })
  }
}
