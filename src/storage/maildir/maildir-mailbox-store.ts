/**
 * Mailboxes as Maildirs: one folder for each account below `accountsDir`, named by its key, and the lost folder.
 * The Maildir is the truth at every moment; nothing is kept beside it that could not be rebuilt from it.
 */
import { lstat, mkdir, open, opendir, readdir, rename, rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import {
  createDiskPace,
  createListingCache,
  createMaildir,
  openMaildir,
  type Maildir,
  type MaildirError,
} from 'maildir-ts'
import { systemClock, type Clock } from '../../base/clock.js'
import { GatewayError, systemCode } from '../../base/errors.js'
import { silentLog, type Log } from '../../base/log.js'
import { demandWritable, makeFolder } from '../../base/make-folder.js'
import type { MailboxId, MailboxStore } from '../../ports/mailbox-store.js'
import { inStoreTerms } from './failures.js'
import { beginIncomingMessage } from './maildir-incoming-message.js'
import { openMaildirMaildrop } from './maildir-maildrop.js'
import { openMaildropLocks } from './maildrop-locks.js'
import { createUsageTracker } from './usage.js'
import { startSweeper } from './sweeper.js'

export interface MaildirStoreOptions {
  readonly accountsDir: string
  readonly lostDir: string
  /** Locks; may be deleted while nobody works on the store. */
  readonly runDir: string
  readonly log?: Log
  readonly clock?: Clock
}

/**
 * How many messages of all mailboxes together are remembered as they were listed. One takes some 270 octets of memory,
 * so that all of them take 140 MB at most; a mailbox of more is read anew at each opening.
 */
const MOST_LISTED_ENTRIES = 500_000

/** Where the mail of removed accounts is kept; no account can have this name. */
const REMOVED = '.removed'
/** How long the end of a mailbox waits for a session: one whose account is gone ends within some two seconds. */
const RETIRE_WAIT_MS = 10_000

/** We keep nothing else in a Maildir: whatever else lies there is somebody's. */
const MAILDIR_FOLDERS: readonly string[] = ['tmp', 'new', 'cur']

/** Opens the store, making its folders where they are missing. @throws GatewayError `store.cannot-create` */
export async function openMaildirMailboxStore(options: MaildirStoreOptions): Promise<MailboxStore> {
  const { accountsDir, lostDir, runDir, log = silentLog, clock = systemClock } = options
  const maildirs = new Map<string, Maildir>()
  const pace = createDiskPace()
  const listings = createListingCache(MOST_LISTED_ENTRIES)
  const usage = createUsageTracker()
  const unreadable = ({ path, code }: MaildirError): void =>
    log.error({ path, code }, 'a message cannot be read and is left out')
  const lost = await makeFolders(accountsDir, lostDir, unreadable)
  const locks = await openMaildropLocks(runDir, pace, log)
  const sweeper = startSweeper({ accountsDir, lostDir, log })

  const folderOf = (key: string): string => join(accountsDir, key)

  function accountMaildir(key: string): Maildir {
    const known = maildirs.get(key)
    if (known !== undefined) return known
    const maildir = openMaildir(folderOf(key), { unreadable, pace, listings })
    maildirs.set(key, maildir)
    return maildir
  }

  const maildirOf = (mailbox: MailboxId): Maildir =>
    mailbox.kind === 'lost' ? lost : accountMaildir(mailbox.key)

  /** Moves a folder aside under the account's name and the time, which nothing else can have. */
  async function moveAside(key: string): Promise<string> {
    const removed = join(accountsDir, REMOVED)
    const target = join(removed, `${key}-${clock().toISOString().replaceAll(':', '')}`)
    if (!(await exists(removed))) await mkdir(removed, 0o700)
    await rename(folderOf(key), target)
    await Promise.all([removed, accountsDir].map(syncFolder))
    return target
  }

  return {
    async create(key, { adopt }) {
      if (!adopt && (await exists(folderOf(key)))) {
        throw new GatewayError(
          'account.exists',
          `there is a folder ${folderOf(key)} already; --adopt takes over its mail`,
        )
      }
      await cannotCreate(folderOf(key), () => createMaildir(folderOf(key)))
    },

    async retire(key, fate) {
      // A session that still has it ends by itself once its account is gone; what it deletes, it deletes before.
      const release = await locks.hold(key, RETIRE_WAIT_MS)
      try {
        usage.forget(accountMaildir(key))
        maildirs.delete(key)
        if (!(await exists(folderOf(key)))) return undefined
        if (fate === 'keep') return await inStoreTerms(() => moveAside(key))
        await inStoreTerms(async () => {
          await rm(folderOf(key), { recursive: true })
          await syncFolder(accountsDir)
        })
        return undefined
      } finally {
        await release()
      }
    },

    async isEmpty(key) {
      if (!(await exists(folderOf(key)))) return true
      return inStoreTerms(() => isBareMaildir(folderOf(key)))
    },

    begin: (targets) =>
      beginIncomingMessage(
        targets.map((target) => ({ target, maildir: maildirOf(target) })),
        usage,
      ),

    usedOctets: (key) => usage.octets(accountMaildir(key)),

    async openMaildrop(key, { waitMs }) {
      const release = await locks.hold(key, waitMs)
      try {
        return await openMaildirMaildrop(accountMaildir(key), usage, release)
      } catch (error) {
        await release()
        throw error
      }
    },

    view: (mailbox) => openMaildirMaildrop(maildirOf(mailbox), usage, async () => {}),

    async freeOctets() {
      const { bavail, blocks, bsize } = await inStoreTerms(() => statfs(accountsDir))
      return { free: bavail * bsize, total: blocks * bsize }
    },

    async close() {
      maildirs.clear()
      await sweeper.close()
    },
  }
}

async function makeFolders(
  accountsDir: string,
  lostDir: string,
  unreadable: (error: MaildirError) => void,
): Promise<Maildir> {
  await makeFolder(accountsDir)
  const lost = await cannotCreate(lostDir, () => createMaildir(lostDir, { unreadable }))
  // What nobody can receive must find its place there: better no start than a promise that cannot be kept.
  for (const folder of MAILDIR_FOLDERS) await demandWritable(join(lostDir, folder))
  return lost
}

async function cannotCreate<Result>(folder: string, make: () => Promise<Result>): Promise<Result> {
  try {
    return await make()
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new GatewayError('store.cannot-create', `cannot create ${folder}: ${why}`, { cause: error })
  }
}

/** Whether nothing lies in it but the three folders that make it a Maildir, and nothing in them. */
async function isBareMaildir(path: string): Promise<boolean> {
  for (const entry of await readdir(path, { withFileTypes: true })) {
    if (!entry.isDirectory() || !MAILDIR_FOLDERS.includes(entry.name)) return false
    if (!(await isEmptyFolder(join(path, entry.name)))) return false
  }
  return true
}

async function isEmptyFolder(path: string): Promise<boolean> {
  const folder = await opendir(path)
  try {
    return (await folder.read()) === null
  } finally {
    await folder.close()
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path)
    return true
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false
    throw new GatewayError('store.unavailable', `cannot look at ${path}`, { cause: error })
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
