/**
 * Holds a root folder for one server. Two servers on one root would each believe that they alone hold a maildrop;
 * the command line may work on the root at any time.
 *
 * The lock is a file that names its owner (process, its start, the machine's boot), so that an owner who died, by
 * `kill -9` or a power cut, is known to be dead and the lock is taken over at once. It needs no sync: after a crash
 * it counts for nothing.
 */
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { GatewayError, systemCode } from '../base/errors.js'
import { makeFolder } from '../base/make-folder.js'

const OWNER = z.object({ pid: z.int().positive(), started: z.string(), boot: z.string() })
type Owner = z.infer<typeof OWNER>

/** How often a lock that changes hands under our eyes is looked at again. */
const MOST_ATTEMPTS = 10

/**
 * @param runDir `config/run/`
 * @returns gives the root back
 * @throws GatewayError `root.in-use` while another server lives on it, `store.cannot-create`
 */
export async function lockRoot(runDir: string): Promise<() => Promise<void>> {
  await makeFolder(runDir)
  const file = join(runDir, 'server.lock')
  const own = join(runDir, `server.lock.${process.pid}`)
  await writeFile(own, JSON.stringify(await describeProcess(process.pid)), { mode: 0o600 })
  try {
    await take(file, own)
  } finally {
    await rm(own, { force: true })
  }
  return () => rm(file, { force: true })
}

/** A link is made by one process alone, and the file has its whole content from the first moment on. */
async function take(file: string, own: string): Promise<void> {
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    try {
      await link(own, file)
      return
    } catch (error) {
      if (systemCode(error) !== 'EEXIST')
        throw new GatewayError('store.cannot-create', `cannot create ${file}`, { cause: error })
    }
    const owner = await ownerOf(file)
    if (owner !== undefined && (await lives(owner)))
      throw new GatewayError(
        'root.in-use',
        `another server (process ${owner.pid}) runs on this root: ${file}`,
      )
    await clear(file, `${own}.stale`)
  }
  throw new GatewayError('root.in-use', `other servers are starting on this root: ${file}`)
}

/** Takes a dead owner's lock away, unless it became another's meanwhile. */
async function clear(file: string, aside: string): Promise<void> {
  try {
    await rename(file, aside)
    const owner = await ownerOf(aside)
    if (owner !== undefined && (await lives(owner))) await link(aside, file)
  } catch (error) {
    const code = systemCode(error)
    if (code !== 'ENOENT' && code !== 'EEXIST')
      throw new GatewayError('store.cannot-create', `cannot replace ${file}`, { cause: error })
  } finally {
    await rm(aside, { force: true })
  }
}

/** `undefined` for a lock that is gone or names nobody. */
async function ownerOf(file: string): Promise<Owner | undefined> {
  try {
    return OWNER.parse(JSON.parse(await readFile(file, 'utf8')))
  } catch {
    return undefined
  }
}

async function lives(owner: Owner): Promise<boolean> {
  try {
    process.kill(owner.pid, 0)
  } catch (error) {
    if (systemCode(error) === 'ESRCH') return false
  }
  const now = await describeProcess(owner.pid)
  return now.started === owner.started && now.boot === owner.boot
}

/** Where there is no `/proc` the process id alone must do. */
async function describeProcess(pid: number): Promise<Owner> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  // Field 22 (proc(5)), counted behind the name, which stands in parentheses and may hold anything.
  const started = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '')
  return { pid, started, boot: boot.trim() }
}
