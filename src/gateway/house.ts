/** What both the server and the command line stand on: the directory, the mailboxes and the accounts. */
import { mkdir } from 'node:fs/promises'
import { createAccounts, type Accounts } from '../accounts/accounts.js'
import { GatewayError } from '../base/errors.js'
import { silentLog, type Log } from '../base/log.js'
import type { Paths } from '../config/paths.js'
import type { Settings } from '../config/schema.js'
import type { MailboxStore } from '../ports/mailbox-store.js'
import { openMaildirMailboxStore } from '../storage/maildir/maildir-mailbox-store.js'
import { openSqliteAccountDirectory } from '../storage/sqlite/sqlite-account-directory.js'

export interface House {
  readonly accounts: Accounts
  readonly mailboxes: MailboxStore
  close(): Promise<void>
}

/** Opens the data below the root, making what is missing. @throws GatewayError `store.*` */
export async function openHouse(paths: Paths, settings: Settings, log: Log = silentLog): Promise<House> {
  await makeRoot(paths.root)
  const directory = await openSqliteAccountDirectory(paths.directoryFile)
  try {
    const mailboxes = await openMaildirMailboxStore({ ...paths, log })
    const { domain, passwords, quota } = settings
    const accounts = createAccounts({
      directory,
      mailboxes,
      domain,
      iterations: passwords.iterations,
      quotaOctets: quota.octets,
    })
    return {
      accounts,
      mailboxes,
      async close() {
        await mailboxes.close()
        await directory.close()
      },
    }
  } catch (error) {
    await directory.close()
    throw error
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
