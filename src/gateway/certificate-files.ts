/**
 * Puts a certificate of our own below the root at the first start, and touches nothing that is there.
 *
 * The key comes first, and the certificate is made for whichever key lies there: two starts at once, or one that was cut
 * off in between, end with one pair that matches. Each file is written aside, synced, and linked to its name, which
 * fails if the name is taken; a rename would not.
 */
import { randomBytes } from 'node:crypto'
import { link, lstat, open, readFile, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { GatewayError, systemCode } from '../base/errors.js'
import { makeFolder } from '../base/make-folder.js'
import { invalid } from '../config/source.js'
import type { CertificateFiles } from './certificate-pair.js'
import { makeKey, selfSign, signingKey } from './self-signed.js'

/**
 * Files get mode 0600, a new folder 0700.
 * @returns whether a certificate was made
 * @throws GatewayError `config.invalid` for half a pair that is not ours, `store.cannot-create`
 */
export async function makeMissingCertificate(
  { certFile, keyFile }: CertificateFiles,
  names: readonly [string, ...string[]],
  now: Date,
): Promise<boolean> {
  if (await isThere(certFile)) return false
  await makeFolder(dirname(keyFile))
  if (!(await isThere(keyFile))) await writeOnce(keyFile, makeKey())
  const key = await keyAt(keyFile)
  if (key === undefined)
    throw invalid(
      'tls.cert',
      `${certFile} is missing; expected the certificate of ${keyFile}, or neither of them`,
    )
  return writeOnce(certFile, await selfSign(key, names, now))
}

/** `undefined` for what we could not have made. */
async function keyAt(file: string): Promise<ReturnType<typeof signingKey>> {
  try {
    return signingKey(await readFile(file, 'latin1'))
  } catch {
    return undefined
  }
}

/** A link to nothing counts as something: it says that somebody else looks after this file. */
async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path)
    return true
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false
    throw cannotCreate(path, error)
  }
}

/** False when somebody else was first. */
async function writeOnce(path: string, text: string): Promise<boolean> {
  const aside = join(dirname(path), `.${process.pid}.${randomBytes(6).toString('hex')}.tmp`)
  try {
    await writeSynced(aside, text)
    await link(aside, path)
    await sync(dirname(path))
    return true
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false
    throw cannotCreate(path, error)
  } finally {
    await rm(aside, { force: true })
  }
}

async function writeSynced(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}

async function sync(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function cannotCreate(path: string, error: unknown): GatewayError {
  const why = error instanceof Error ? error.message : String(error)
  return new GatewayError('store.cannot-create', `cannot create ${path}: ${why}`, { cause: error })
}
