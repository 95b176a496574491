/** What both the server and the command line stand on: the accounts, the mailboxes and the mail trail. */
import { createAccounts, type Accounts } from '../accounts/accounts.js'
import { silentLog, type Log } from '../base/log.js'
import { makeFolder } from '../base/make-folder.js'
import type { Paths } from '../config/paths.js'
import type { Settings } from '../config/schema.js'
import { createLostFolder, type LostFolder } from '../lost/lost-folder.js'
import type { AccountDirectory } from '../ports/account-directory.js'
import type { MailTrail } from '../ports/mail-trail.js'
import type { MailboxStore } from '../ports/mailbox-store.js'
import type { AttemptLimits, SignInAttempts } from '../ports/sign-in-attempts.js'
import { openMaildirMailboxStore } from '../storage/maildir/maildir-mailbox-store.js'
import { createMemorySignInAttempts } from '../storage/memory/memory-sign-in-attempts.js'
import { openSqliteAccountDirectory } from '../storage/sqlite/sqlite-account-directory.js'
import { openSqliteSignInAttempts } from '../storage/sqlite/sqlite-sign-in-attempts.js'
import { createLostDesk, type LostDesk } from './lost-desk.js'
import { lockRoot } from './root-lock.js'
import { openFileMailTrail } from './file-mail-trail.js'
import { openServerSecret } from './server-secret.js'
import { createSteadySignInAttempts } from './steady-sign-in-attempts.js'

/** What may be changed of an account by its postmaster. */
export type AccountChanges = Parameters<Accounts['change']>[1]

export interface House {
  /** Where it lies; absent in memory. */
  readonly paths?: Paths
  readonly accounts: Accounts
  readonly mailboxes: MailboxStore
  readonly trail: MailTrail
  readonly lost: LostFolder
  readonly lostDesk: LostDesk
  close(): Promise<void>
}

/** What a house is made of; it closes them when it closes. */
export interface Engines {
  readonly directory: AccountDirectory
  readonly attempts: SignInAttempts
  readonly mailboxes: MailboxStore
  readonly trail: MailTrail
  /** See `server-secret.ts`. */
  readonly secret: Buffer
}

/** Opens the data below the root, making what is missing. @throws GatewayError `store.*`: nothing is left open */
export async function openHouse(paths: Paths, settings: Settings, log: Log = silentLog): Promise<House> {
  const closers: (() => Promise<void>)[] = []
  try {
    await makeFolder(paths.root)
    const directory = await openSqliteAccountDirectory(paths.directoryFile)
    closers.push(directory.close)
    const limits = attemptLimits(settings)
    const attempts = createSteadySignInAttempts(
      await openSqliteSignInAttempts(paths.attemptsFile, limits, log),
      createMemorySignInAttempts(limits),
      log,
    )
    closers.push(attempts.close)
    const secret = await openServerSecret(paths.tlsDir)
    const mailboxes = await openMaildirMailboxStore({ ...paths, log })
    closers.push(mailboxes.close)
    const trail = await openFileMailTrail(paths.trailDir, log)
    return { ...createHouse({ directory, attempts, mailboxes, trail, secret }, settings, log), paths }
  } catch (error) {
    for (const close of closers.toReversed()) await close()
    throw error
  }
}

/** The same for a server, which has the root for itself. @throws GatewayError `root.in-use` besides */
export async function openServedHouse(paths: Paths, settings: Settings, log?: Log): Promise<House> {
  const release = await lockRoot(paths.runDir)
  try {
    const house = await openHouse(paths, settings, log)
    // Nobody else is there who could still settle what an earlier process had under way.
    await house.accounts.begin()
    return {
      ...house,
      async close() {
        try {
          await house.close()
        } finally {
          await release()
        }
      },
    }
  } catch (error) {
    await release()
    throw error
  }
}

/** Ten failures in 15 minutes of one address: DESIGN.md, "Lockout". */
const ADDRESS_FAILURES = { failures: 10, withinMs: 15 * 60_000 }

export function attemptLimits({ addressLimits, lockout }: Settings): AttemptLimits {
  return {
    perAddress: addressLimits ? ADDRESS_FAILURES : undefined,
    perAccount:
      lockout.seconds === 0 ? undefined : { failures: lockout.attempts, blockMs: lockout.seconds * 1000 },
  }
}

export function createHouse(engines: Engines, settings: Settings, log: Log = silentLog): House {
  const { directory, attempts, mailboxes, trail, secret } = engines
  const { domain, passwords, quota } = settings
  const accounts = createAccounts({
    directory,
    attempts,
    mailboxes,
    domain,
    secret,
    iterations: passwords.iterations,
    cacheMs: passwords.cacheSeconds * 1000,
    quotaOctets: quota.octets,
    log,
  })
  const lost = createLostFolder(mailboxes)
  const { separator } = settings.delivery
  return {
    accounts,
    mailboxes,
    trail,
    lost,
    lostDesk: createLostDesk({ domain, separator, accounts, mailboxes, lost, trail }),
    async close() {
      await accounts.close()
      await trail.close()
      await mailboxes.close()
      await attempts.close()
      await directory.close()
    },
  }
}
