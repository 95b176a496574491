/**
 * A secret of this house alone: what must be stable over restarts and foreseeable to nobody is derived from it.
 * Losing it costs little: counts of failed sign-ins begin anew, and salts of names that do not exist change.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import { link, readFile, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { GatewayError, systemCode } from '../base/errors.js'
import { makeFolder } from '../base/make-folder.js'

const OCTETS = 32

export function serverSecretFile(folder: string): string {
  return join(folder, 'secret')
}

/**
 * Reads `secret` in a folder, making it (mode 0600) when there is none; of several processes that make it at
 * once, all end with the same.
 * @throws GatewayError `store.cannot-create`, `store.damaged`, `store.unavailable`
 */
export async function openServerSecret(folder: string): Promise<Buffer> {
  const file = serverSecretFile(folder)
  const known = await read(file)
  if (known !== undefined) return known
  await makeFolder(folder)
  const draft = `${file}.${randomUUID()}`
  try {
    await writeFile(draft, randomBytes(OCTETS), { mode: 0o600, flush: true })
    await link(draft, file).catch((error: unknown) => {
      if (systemCode(error) !== 'EEXIST') throw error
    })
    await unlink(draft)
  } catch (error) {
    throw new GatewayError('store.cannot-create', `cannot create ${file}`, { cause: error })
  }
  const made = await read(file)
  if (made === undefined) throw new GatewayError('store.unavailable', `${file} is gone again`)
  return made
}

async function read(file: string): Promise<Buffer | undefined> {
  const octets = await readFile(file).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return undefined
    throw new GatewayError('store.unavailable', `cannot read ${file}`, { cause: error })
  })
  if (octets === undefined || octets.length === OCTETS) return octets
  throw new GatewayError(
    'store.damaged',
    `${file} holds ${octets.length} octets; expected ${OCTETS}, or no such file`,
  )
}
