/**
 * Holds a root folder for one server. Two servers on one root would each believe that they alone hold a maildrop;
 * the command line may work on the root at any time.
 *
 * The lock is a symbolic link whose text names its owner (process, its start, the machine's boot), so that an owner
 * who died, by `kill -9` or a power cut, is known to be dead and the lock is taken over at once. A link is made whole
 * and by one process alone, takes no room on a full disk, and needs no sync: after a crash it counts for nothing.
 */
import { readFile, readlink, rename, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { GatewayError, systemCode } from '../base/errors.js'
import { makeFolder } from '../base/make-folder.js'

/** How often a lock that changes hands under our eyes is looked at again. */
const MOST_ATTEMPTS = 10

/**
 * @param runDir `config/run/`
 * @returns gives the root back
 * @throws GatewayError `root.in-use` while another server lives on it, `store.cannot-create`
 */
export async function lockRoot(runDir: string): Promise<() => Promise<void>> {
  await makeFolder(runDir)
  const lock = join(runDir, 'server.lock')
  const own = await describeProcess(process.pid)
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    if (await make(lock, own)) return () => rm(lock, { force: true })
    const owner = await ownerOf(lock)
    if (owner !== undefined && (await lives(owner)))
      throw new GatewayError(
        'root.in-use',
        `another server (process ${pidOf(owner)}) runs on this root: ${lock}`,
      )
    await clear(lock)
  }
  throw new GatewayError('root.in-use', `other servers are starting on this root: ${lock}`)
}

/** False when there is a lock already. */
async function make(lock: string, owner: string): Promise<boolean> {
  try {
    await symlink(owner, lock)
    return true
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false
    throw cannot('create', lock, error)
  }
}

/** Takes a dead owner's lock away, unless it became a living one's meanwhile. */
async function clear(lock: string): Promise<void> {
  const aside = `${lock}.${process.pid}`
  try {
    await rename(lock, aside)
    const owner = await ownerOf(aside)
    if (owner !== undefined && (await lives(owner))) await make(lock, owner)
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw cannot('replace', lock, error)
  } finally {
    await rm(aside, { force: true })
  }
}

/** `undefined` for a lock that is gone or is none of ours. */
async function ownerOf(lock: string): Promise<string | undefined> {
  try {
    return await readlink(lock)
  } catch {
    return undefined
  }
}

async function lives(owner: string): Promise<boolean> {
  const pid = pidOf(owner)
  if (!(pid > 0)) return false
  try {
    process.kill(pid, 0)
  } catch (error) {
    if (systemCode(error) === 'ESRCH') return false
  }
  return (await describeProcess(pid)) === owner
}

function pidOf(owner: string): number {
  return Number(owner.split('.')[0])
}

/** `pid.start.boot`, some 55 characters; where there is no `/proc` the process id alone must do. */
async function describeProcess(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  // Field 22 (proc(5)), counted behind the name, which stands in parentheses and may hold anything.
  const started = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '')
  return `${pid}.${started}.${boot.trim()}`
}

function cannot(what: string, lock: string, error: unknown): GatewayError {
  const why = error instanceof Error ? error.message : String(error)
  return new GatewayError('store.cannot-create', `cannot ${what} ${lock}: ${why}`, { cause: error })
}
