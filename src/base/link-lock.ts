/**
 * A lock between processes of one machine: a symbolic link whose text names its owner.
 *
 * The owner is a process, its start, the machine's boot and a token, so that one that died, by `kill -9` or a power cut,
 * is known to be dead and its lock is taken over at once. A link is made whole and by one process alone, takes no room
 * on a full disk (ext4 keeps up to 59 octets in the entry itself, which is also six times as quick), and needs no sync:
 * after a crash it counts for nothing. Refuses to wait: whoever asks, asks again.
 *
 * Owners are told apart within one space of process numbers: containers that share a folder must share that as well.
 * Where there is no `/proc`, the process number alone must do: a lock outlives its owner until that number is free.
 */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { readlink, rm, symlink, unlink } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import { systemCode } from './errors.js'

/** The two steps that a lock costs. */
export interface LinkSteps {
  /** Fails with `EEXIST` when there is something already. */
  make(text: string, path: string): Promise<void> | void
  remove(path: string): Promise<void> | void
}

const PLAIN_STEPS: LinkSteps = { make: symlink, remove: unlink }

/** How often a lock that changes hands under our eyes is looked at again, and how long after. */
const MOST_ATTEMPTS = 10
const PAUSE_MS = 1

/**
 * A new owner of locks in this process: `pid.start.boot.token`, at most 59 characters.
 * @param procDir where the system tells about processes (proc(5))
 */
export function newOwner(procDir?: string): string {
  return `${describeProcess(process.pid, procDir).join('.')}.${randomBytes(4).toString('hex')}`
}

/** The process number of an owner. */
export function pidOf(owner: string): number {
  return Number(owner.split('.')[0])
}

/**
 * Takes a lock, from an owner who died as well; of many who try, one alone gets it. Answers `undefined` when it is
 * ours, also when it was ours already, else who holds it.
 * @throws what the file system throws
 */
export async function takeLink(
  lock: string,
  own: string,
  steps: LinkSteps = PLAIN_STEPS,
): Promise<string | undefined> {
  let owner: string | undefined
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    if (attempt > 1) await setTimeout(PAUSE_MS)
    if (await make(lock, own, steps)) return undefined
    owner = await ownerOf(lock)
    if (owner === own) return undefined
    if (owner !== undefined && lives(owner)) return owner
    await clear(lock, own)
  }
  return owner ?? 'unknown'
}

/** Gives a lock back that is ours. One that is gone already is fine. @throws what the file system throws */
export async function dropLink(lock: string, steps: LinkSteps = PLAIN_STEPS): Promise<void> {
  try {
    await steps.remove(lock)
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error
  }
}

/** False when there is a lock already. */
async function make(lock: string, own: string, steps: LinkSteps): Promise<boolean> {
  try {
    await steps.make(own, lock)
    return true
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false
    throw error
  }
}

/**
 * Takes away a lock whose owner died. Only one process at a time does so, under a lock on this lock: between a look and
 * a removal without it, another could have taken the lock over, and would lose it unseen.
 */
async function clear(lock: string, own: string): Promise<void> {
  const guard = `${lock}.next`
  if ((await takeLink(guard, own)) !== undefined) return
  try {
    const owner = await ownerOf(lock)
    if (owner === undefined || !lives(owner)) await rm(lock, { force: true })
  } finally {
    await rm(guard, { force: true })
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

/** In doubt it does. */
function lives(owner: string): boolean {
  const pid = pidOf(owner)
  if (!(pid > 0)) return false
  try {
    process.kill(pid, 0)
  } catch (error) {
    if (systemCode(error) === 'ESRCH') return false
  }
  const [, started = '', boot = ''] = owner.split('.')
  const [, startedNow, bootNow] = describeProcess(pid)
  return [
    [started, startedNow],
    [boot, bootNow],
  ].every(([then, now]) => then === '' || now === '' || then === now)
}

/** Of the boot's random number, as text; enough to tell it from every other boot of the machine. */
const BOOT_CHARACTERS = 13

/** What a process that has ended, but whose parent did not ask for its status yet, has for a start. */
const ENDED = 'ended'

/**
 * Number, start and boot; the last two are empty where the system does not tell them.
 * Read in place: these files are made from memory as they are read.
 */
function describeProcess(pid: number, procDir = '/proc'): readonly [string, string, string] {
  const stat = textOf(`${procDir}/${pid}/stat`)
  // Fields 3 and 22 (proc(5)), counted behind the name, which stands in parentheses and may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const started = /^[ZXx]$/.test(fields[0] ?? '') ? ENDED : (fields[19] ?? '')
  return [String(pid), started, textOf(`${procDir}/sys/kernel/random/boot_id`).slice(0, BOOT_CHARACTERS)]
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
