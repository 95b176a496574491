/**
 * Looks at the start whether others on this machine can read what is for the owner's eyes alone. A backup put back, a
 * copy or an umask leaves such modes behind.
 *
 * Our own files get their mode back; an operator's key is only spoken of, since it may be shared on purpose. What
 * others have read already stays known to them: the log says so that a new one can be made.
 */
import { chmod, lstat, stat } from 'node:fs/promises'
import { systemCode } from '../base/errors.js'
import type { Log } from '../base/log.js'
import type { Paths } from '../config/paths.js'
import type { CertificateSource } from './certificate.js'
import { serverSecretFile } from './server-secret.js'

const OWNER_ONLY = 0o600
/** Everybody but the owner. */
const ALL_OTHERS = 0o077
/** Reading and writing for everybody; a group may well hold an operator's key. */
const WORLD = 0o006

/** @param paths absent for a house in memory, which has no file of its own */
export async function guardPrivateFiles(
  paths: Pick<Paths, 'directoryFile' | 'tlsDir'> | undefined,
  source: CertificateSource,
  log: Log,
): Promise<void> {
  const directory = paths === undefined ? [] : databaseFiles(paths.directoryFile)
  const secret = paths === undefined ? [] : [serverSecretFile(paths.tlsDir)]
  const key = source.kind === 'own' ? [source.keyFile] : []
  for (const path of [...directory, ...secret, ...key]) await closeToOthers(path, log)
  if (source.kind === 'operator') await speakOf(source.keyFile, log)
}

/** The file of a database, and what SQLite keeps beside it while it is open. */
function databaseFiles(path: string): readonly string[] {
  return [path, `${path}-wal`, `${path}-shm`]
}

/** A link says that somebody else looks after the file. */
async function closeToOthers(path: string, log: Log): Promise<void> {
  try {
    const facts = await lstat(path)
    if (facts.isSymbolicLink()) return await speakOf(path, log)
    if ((facts.mode & ALL_OTHERS) === 0) return
    await chmod(path, OWNER_ONLY)
    log.warn(
      { path, mode: octal(facts.mode) },
      'others could read this file, and may know what is in it; its mode is 0600 again',
    )
  } catch (error) {
    complain(path, error, log)
  }
}

async function speakOf(path: string, log: Log): Promise<void> {
  try {
    const { mode } = await stat(path)
    if ((mode & WORLD) === 0) return
    log.warn({ path, mode: octal(mode) }, 'others can read or write this file; expected its owner alone')
  } catch (error) {
    complain(path, error, log)
  }
}

/** Nothing of the mail depends on it. */
function complain(path: string, error: unknown, log: Log): void {
  if (systemCode(error) === 'ENOENT') return
  log.warn({ path, err: error }, 'cannot keep this file from the eyes of others')
}

/** `0644`, as `chmod` takes it. */
function octal(mode: number): string {
  return (mode & 0o7777).toString(8).padStart(4, '0')
}
