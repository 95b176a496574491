/**
 * Accounts and sign-in: the only area that ever sees a password.
 * An account is a name, a password record and a mailbox; all three begin and end together.
 */
import { availableParallelism } from 'node:os'
import { systemClock, type Clock } from '../base/clock.js'
import { GatewayError } from '../base/errors.js'
import type { Account, AccountDirectory } from '../ports/account-directory.js'
import type { MailboxStore, MailFate } from '../ports/mailbox-store.js'
import { accountKey, describeNameProblems, nameProblems } from './names.js'
import {
  formatPasswordRecord,
  makePasswordRecord,
  parsePasswordRecord,
  verifyPassword,
  type PasswordRecord,
} from './password-record.js'
import { describePasswordProblems, passwordProblems } from './password-rules.js'
import { createTurnstile } from './turnstile.js'

export interface AccountsOptions {
  readonly directory: AccountDirectory
  readonly mailboxes: MailboxStore
  /** Our mail domain, lower case: people may sign in with their whole address. */
  readonly domain: string
  /** PBKDF2 rounds for new records. */
  readonly iterations: number
  /** Octets that a mailbox may hold whose account has no bound of its own; 0 for no bound, the default. */
  readonly quotaOctets?: number
  readonly clock?: Clock
}

/** An account as delivery sees it. */
export interface Recipient {
  readonly key: string
  /** Octets that its mailbox may hold; 0 for no bound. */
  readonly quotaOctets: number
}

export interface Accounts {
  /**
   * Adds an account with its empty mailbox.
   * @param adopt take over a mailbox folder that exists already
   * @throws GatewayError `account.name-refused`, `account.password-refused`, `account.exists`, `store.*`
   */
  add(name: string, password: string, options?: { readonly adopt?: boolean }): Promise<Account>
  /** @throws GatewayError `account.name-refused`, `account.exists`: what `add` would say of the name */
  checkNewName(name: string): Promise<void>
  /** @throws GatewayError `account.password-refused`: what setting it would say, every broken rule at once */
  checkPassword(password: string): void
  list(): Promise<readonly Account[]>
  /** @throws GatewayError `account.unknown` */
  get(name: string): Promise<Account>
  /**
   * The accounts that mail to this local part reaches: one, or those behind a role address; none when nobody
   * has it. Compared without case.
   */
  find(localPart: string): Promise<readonly Recipient[]>
  /** @param octets 0 for no bound; `undefined`: as the setting says. @throws GatewayError `account.unknown` */
  setQuota(name: string, octets: number | undefined): Promise<void>
  /** @throws GatewayError `account.unknown`, `account.password-refused` */
  setPassword(name: string, password: string): Promise<void>
  /**
   * Removes an account; answers where its mail was moved to when it was kept.
   * @throws GatewayError `account.unknown`
   */
  remove(name: string, fate: MailFate): Promise<string | undefined>
  /**
   * Checks a name (or its whole address) and password. An unknown name and a wrong password are the same, in text and in cost.
   * @throws GatewayError `sign-in.refused`, `sign-in.busy`
   */
  signIn(name: string, password: string): Promise<Account>
}

/** Waiting sign-ins past which newcomers are told to come back: about 20 s of hashing on one core. */
const MOST_WAITING = 100

export function createAccounts(options: AccountsOptions): Accounts {
  const { directory, mailboxes, domain, iterations, quotaOctets = 0, clock = systemClock } = options
  const turnstile = createTurnstile(Math.max(1, availableParallelism() - 1), MOST_WAITING)
  const nobody = unmatchableRecord(iterations)

  function signInKey(name: string): string {
    const key = accountKey(name)
    return key.endsWith(`@${domain}`) ? key.slice(0, -domain.length - 1) : key
  }

  async function checkNewName(name: string): Promise<void> {
    const problems = nameProblems(name)
    if (problems.length > 0) {
      throw new GatewayError(
        'account.name-refused',
        `name ${JSON.stringify(name)} is refused: ${describeNameProblems(problems)}`,
      )
    }
    const taken = await directory.find(accountKey(name))
    if (taken !== undefined)
      throw new GatewayError('account.exists', `there is an account ${taken.name} already`)
  }

  function checkPassword(password: string): void {
    const problems = passwordProblems(password)
    if (problems.length === 0) return
    throw new GatewayError(
      'account.password-refused',
      `password is refused; it needs: ${describePasswordProblems(problems)}`,
    )
  }

  async function recordOf(password: string): Promise<string> {
    checkPassword(password)
    return formatPasswordRecord(await turnstile.pass(() => makePasswordRecord(password, iterations)))
  }

  async function get(name: string): Promise<Account> {
    const account = await directory.find(accountKey(name))
    if (account === undefined)
      throw new GatewayError('account.unknown', `there is no account ${JSON.stringify(name)}`)
    return account
  }

  return {
    checkNewName,
    checkPassword,
    get,
    list: () => directory.list(),

    async add(name, password, { adopt = false } = {}) {
      await checkNewName(name)
      const account: Account = {
        name,
        key: accountKey(name),
        passwordRecord: await recordOf(password),
        createdAt: clock(),
        quotaOctets: undefined,
      }
      await mailboxes.create(account.key, { adopt })
      try {
        await directory.add(account)
      } catch (error) {
        if (!adopt && (await directory.find(account.key)) === undefined)
          await mailboxes.retire(account.key, 'delete')
        throw error
      }
      return account
    },

    async find(localPart) {
      const account = await directory.find(accountKey(localPart))
      return account === undefined
        ? []
        : [{ key: account.key, quotaOctets: account.quotaOctets ?? quotaOctets }]
    },

    async setQuota(name, octets) {
      await directory.setQuota((await get(name)).key, octets)
    },

    async setPassword(name, password) {
      const account = await get(name)
      await directory.setPasswordRecord(account.key, await recordOf(password))
    },

    async remove(name, fate) {
      const account = await get(name)
      await directory.remove(account.key)
      return mailboxes.retire(account.key, fate)
    },

    async signIn(name, password) {
      const account = await directory.find(signInKey(name))
      const record = account === undefined ? nobody : parsePasswordRecord(account.passwordRecord)
      const right = await turnstile.pass(() => verifyPassword(password, record))
      if (account === undefined || !right) throw new GatewayError('sign-in.refused', 'wrong name or password')
      return account
    },
  }
}

/** A record that no password matches, verified when there is no account, so that it costs the same. */
function unmatchableRecord(iterations: number): PasswordRecord {
  return { iterations, salt: Buffer.alloc(16), storedKey: Buffer.alloc(64), serverKey: Buffer.alloc(64) }
}
