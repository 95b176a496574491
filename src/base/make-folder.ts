/**
 * Makes a folder and those above it. Node's own `mkdir({ recursive: true })` never ends where a parent cannot hold the
 * folder (`/proc/x`), and calls a read-only disk a missing one.
 */
import { constants } from 'node:fs'
import { access, mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { GatewayError, systemCode } from './errors.js'

/**
 * Each new folder gets mode 0700; one that is there stays as it is, and must be one that we can write to.
 * @throws GatewayError `store.cannot-create`
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await make(path)
  } catch (error) {
    throw cannot('create', path, error)
  }
  await demandWritable(path)
}

/** @throws GatewayError `store.cannot-create` when nothing can be put into this folder */
export async function demandWritable(path: string): Promise<void> {
  try {
    await access(path, constants.W_OK | constants.X_OK)
  } catch (error) {
    throw cannot('write to', path, error)
  }
}

function cannot(what: string, path: string, error: unknown): GatewayError {
  const why = error instanceof Error ? error.message : String(error)
  return new GatewayError('store.cannot-create', `cannot ${what} ${path}: ${why}`, { cause: error })
}

async function make(path: string): Promise<void> {
  try {
    await mkdir(path, 0o700)
  } catch (error) {
    const code = systemCode(error)
    const parent = dirname(path)
    if (code === 'EEXIST' && (await stat(path)).isDirectory()) return
    if (code !== 'ENOENT' || parent === path) throw error
    await make(parent)
    await makeInParent(path)
  }
}

/** The parent is there now; another process may have been quicker with the folder itself. */
async function makeInParent(path: string): Promise<void> {
  try {
    await mkdir(path, 0o700)
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error
  }
}
