/**
 * Holds a root folder for one server: what a server keeps in its memory, it must keep alone. The command line may work
 * on the root at any time.
 */
import { join } from 'node:path'
import { GatewayError } from '../base/errors.js'
import { dropLink, newOwner, pidOf, takeLink } from '../base/link-lock.js'
import { makeFolder } from '../base/make-folder.js'

/**
 * @param runDir `config/run/`
 * @returns gives the root back
 * @throws GatewayError `root.in-use` while another server lives on it, `store.cannot-create`
 */
export async function lockRoot(runDir: string): Promise<() => Promise<void>> {
  await makeFolder(runDir)
  const lock = join(runDir, 'server.lock')
  const owner = await take(lock)
  if (owner === undefined) return () => dropLink(lock)
  const server = pidOf(owner) > 0 ? ` (process ${pidOf(owner)})` : ''
  throw new GatewayError('root.in-use', `another server${server} runs on this root: ${lock}`)
}

async function take(lock: string): Promise<string | undefined> {
  try {
    return await takeLink(lock, newOwner())
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new GatewayError('store.cannot-create', `cannot create ${lock}: ${why}`, { cause: error })
  }
}
