/** What both the server and the command line stand on: the accounts, the mailboxes and the mail trail. */
import { mkdir } from 'node:fs/promises'
import { createAccounts, type Accounts } from '../accounts/accounts.js'
import { GatewayError } from '../base/errors.js'
import { silentLog, type Log } from '../base/log.js'
import type { Paths } from '../config/paths.js'
import type { Settings } from '../config/schema.js'
import type { AccountDirectory } from '../ports/account-directory.js'
import type { MailTrail } from '../ports/mail-trail.js'
import type { MailboxStore } from '../ports/mailbox-store.js'
import { openMaildirMailboxStore } from '../storage/maildir/maildir-mailbox-store.js'
import { openSqliteAccountDirectory } from '../storage/sqlite/sqlite-account-directory.js'
import { openFileMailTrail } from './file-mail-trail.js'

export interface House {
  readonly accounts: Accounts
  readonly mailboxes: MailboxStore
  readonly trail: MailTrail
  close(): Promise<void>
}

/** What a house is made of; it closes them when it closes. */
export interface Engines {
  readonly directory: AccountDirectory
  readonly mailboxes: MailboxStore
  readonly trail: MailTrail
}

/** Opens the data below the root, making what is missing. @throws GatewayError `store.*`: nothing is left open */
export async function openHouse(paths: Paths, settings: Settings, log: Log = silentLog): Promise<House> {
  const closers: (() => Promise<void>)[] = []
  try {
    await makeRoot(paths.root)
    const directory = await openSqliteAccountDirectory(paths.directoryFile)
    closers.push(directory.close)
    const mailboxes = await openMaildirMailboxStore({ ...paths, log })
    closers.push(mailboxes.close)
    const trail = await openFileMailTrail(paths.trailDir, log)
    return createHouse({ directory, mailboxes, trail }, settings)
  } catch (error) {
    for (const close of closers.toReversed()) await close()
    throw error
  }
}

export function createHouse({ directory, mailboxes, trail }: Engines, settings: Settings): House {
  const { domain, passwords, quota } = settings
  return {
    accounts: createAccounts({
      directory,
      mailboxes,
      domain,
      iterations: passwords.iterations,
      quotaOctets: quota.octets,
    }),
    mailboxes,
    trail,
    async close() {
      await trail.close()
      await mailboxes.close()
      await directory.close()
    },
  }
}

async function makeRoot(root: string): Promise<void> {
  try {
    await mkdir(root, { recursive: true, mode: 0o700 })
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new GatewayError('store.cannot-create', `cannot create ${root}: ${why}`, { cause: error })
  }
}
