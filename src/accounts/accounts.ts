/**
 * Accounts and sign-in: the only area that ever sees a password.
 * An account is a name, a password record and a mailbox; all three begin and end together.
 */
import { randomBytes } from 'node:crypto'
import { systemClock, type Clock } from '../base/clock.js'
import { GatewayError } from '../base/errors.js'
import { silentLog, type Log } from '../base/log.js'
import type { Account, AccountChange, AccountDirectory, Alias } from '../ports/account-directory.js'
import type { MailboxStore, MailFate } from '../ports/mailbox-store.js'
import type { SignInAttempts } from '../ports/sign-in-attempts.js'
import { createHashQueue, DEFAULT_HASH_QUEUE } from './hash-queue.js'
import { createKeyDerivation, type KeyDerivation } from './key-derivation.js'
import { createAuthentication, type Authenticate } from './authentication.js'
import { accountKey, nameProblems } from './names.js'
import { createOpenSessions, type SessionHold } from './open-sessions.js'
import { createPasswordHasher, type ImportedSecret } from './password-hasher.js'
import { passwordProblems } from './password-rules.js'
import { createSignIn } from './sign-in.js'
import { createSignInCache } from './sign-in-cache.js'
import { refusedName, refusedPassword } from './texts.js'

export interface AccountsOptions {
  readonly directory: AccountDirectory
  readonly attempts: SignInAttempts
  readonly mailboxes: MailboxStore
  /** Our mail domain, lower case: people may sign in with their whole address. */
  readonly domain: string
  /** PBKDF2 rounds for new records. */
  readonly iterations: number
  /** Of this house alone, 32 octets; random when absent, as long as the process lives. */
  readonly secret?: Buffer
  /** How long a good sign-in is remembered; 0 not at all. Ten minutes by default. */
  readonly cacheMs?: number
  /** Octets that a mailbox may hold whose account has no bound of its own; 0 for no bound, the default. */
  readonly quotaOctets?: number
  /** Where passwords are hashed; threads of its own by default. Closed with the accounts. */
  readonly derivation?: KeyDerivation
  readonly clock?: Clock
  readonly log?: Log
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
  /**
   * Adds an account of another system: the rules for new passwords do not hold.
   * @throws GatewayError `account.name-refused`, `account.password-refused` for what no record can be made of,
   * `account.exists`, `store.*`
   */
  bringIn(name: string, secret: ImportedSecret): Promise<Account>
  list(): Promise<readonly Account[]>
  /** @throws GatewayError `account.unknown` */
  get(name: string): Promise<Account>
  /**
   * The accounts that mail to this local part reaches: one, or those behind a role address; none when nobody
   * has it. Compared without case.
   */
  find(localPart: string): Promise<readonly Recipient[]>
  /**
   * Changes what an account has of its own; `undefined` for a quota or a retention: as the settings say.
   * One that is locked may not sign in, and its sessions end.
   * @throws GatewayError `account.unknown`
   */
  change(name: string, change: Omit<AccountChange, 'passwordRecord'>): Promise<void>
  /** Ends the failures in a row of a name, and a block by them. */
  forgive(name: string): Promise<void>
  /** @throws GatewayError `account.unknown`, `account.password-refused` */
  setPassword(name: string, password: string): Promise<void>
  /**
   * Removes an account and ends its sessions; answers where its mail was moved to when it was kept.
   * @throws GatewayError `account.unknown`
   */
  remove(name: string, fate: MailFate): Promise<string | undefined>

  /** Role addresses by key. */
  aliases(): Promise<readonly Alias[]>
  /**
   * Gives a role address to accounts besides those that it has.
   * @throws GatewayError `account.name-refused`, `account.exists`, `account.unknown` for a member that is none
   */
  addAlias(name: string, members: readonly string[]): Promise<void>
  /** @param members all of them when absent. @throws GatewayError `account.unknown` */
  removeAlias(name: string, members?: readonly string[]): Promise<void>

  /**
   * Checks a name (or its whole address) and password. An unknown name, a locked account and a wrong password
   * are the same, in text and in cost.
   * @param address the client's
   * @throws GatewayError `sign-in.refused`; `sign-in.refused-last` when the connection must end after it;
   * `sign-in.locked`, `sign-in.limited`, `sign-in.busy`
   */
  signIn(name: string, password: string, address: string): Promise<Account>
  /** Signs in by SASL: one exchange; fails as `signIn` does, and `sign-in.malformed` for what is no answer. */
  readonly authenticate: Authenticate
  /** Called once by the first process of a house: forgets what an earlier one left unfinished. @throws GatewayError `store.*` */
  begin(): Promise<void>
  /** For as long as a session of the account is open: tells when it must end. */
  holdSession(account: Account): SessionHold
  close(): Promise<void>
}

const TEN_MINUTES_MS = 600_000

/** Names that reach the accounts with the postmaster role (RFC 5321 §4.5.1, RFC 2142 §4). */
const ROLE_NAMES: ReadonlySet<string> = new Set(['postmaster', 'abuse'])

export function createAccounts(options: AccountsOptions): Accounts {
  const { directory, attempts, mailboxes, domain, iterations, quotaOctets = 0 } = options
  const { secret = randomBytes(32), cacheMs = TEN_MINUTES_MS, clock = systemClock, log = silentLog } = options
  const derivation = options.derivation ?? createKeyDerivation()
  const hasher = createPasswordHasher(iterations, derivation.derive)
  const queue = createHashQueue({ ...DEFAULT_HASH_QUEUE, atOnce: derivation.threads })
  const cache = createSignInCache(cacheMs)
  const signIn = createSignIn({ directory, attempts, hasher, queue, cache, domain, secret, clock, log })
  const sessions = createOpenSessions(directory, log)

  function demandGoodName(name: string): void {
    const problems = nameProblems(name)
    if (problems.length > 0) throw refusedName(name, problems)
  }

  async function checkNewName(name: string): Promise<void> {
    demandGoodName(name)
    const key = accountKey(name)
    const [taken] = await directory.reachedBy(key)
    if (taken === undefined) return
    const what = taken.key === key ? `an account ${taken.name}` : `a role address ${name}`
    throw new GatewayError('account.exists', `there is ${what} already`)
  }

  function checkPassword(password: string): void {
    const problems = passwordProblems(password)
    if (problems.length > 0) throw refusedPassword(problems)
  }

  async function get(name: string): Promise<Account> {
    const account = await directory.find(accountKey(name))
    if (account === undefined)
      throw new GatewayError('account.unknown', `there is no account ${JSON.stringify(name)}`)
    return account
  }

  async function create(name: string, passwordRecord: string, adopt: boolean): Promise<Account> {
    const account: Account = {
      name,
      key: accountKey(name),
      passwordRecord,
      createdAt: clock(),
      role: 'member',
      locked: false,
      quotaOctets: undefined,
      retentionDays: undefined,
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
  }

  async function reachedBy(key: string): Promise<readonly Account[]> {
    return ROLE_NAMES.has(key) ? directory.withRole('postmaster') : directory.reachedBy(key)
  }

  return {
    checkNewName,
    checkPassword,
    get,
    list: () => directory.list(),
    aliases: () => directory.aliases(),
    holdSession: sessions.hold,
    signIn: signIn.byPassword,
    authenticate: createAuthentication({ signIn, secret, iterations }),
    forgive: (name) => signIn.forgive(accountKey(name)),

    async add(name, password, { adopt = false } = {}) {
      await checkNewName(name)
      checkPassword(password)
      return create(name, await hasher.make(password), adopt)
    },

    async bringIn(name, imported) {
      await checkNewName(name)
      return create(name, await hasher.makeImported(imported), false)
    },

    async find(localPart) {
      const accounts = await reachedBy(accountKey(localPart))
      return accounts.map((account) => ({
        key: account.key,
        quotaOctets: account.quotaOctets ?? quotaOctets,
      }))
    },

    async change(name, change) {
      const { key } = await get(name)
      await directory.change(key, change)
      await sessions.check(key)
    },

    async setPassword(name, password) {
      const { key } = await get(name)
      checkPassword(password)
      await directory.change(key, { passwordRecord: await hasher.make(password) })
    },

    async remove(name, fate) {
      const { key } = await get(name)
      await directory.remove(key)
      await sessions.check(key)
      return mailboxes.retire(key, fate)
    },

    async addAlias(name, members) {
      demandGoodName(name)
      await directory.addToAlias({ name, key: accountKey(name), members: members.map(accountKey) })
    },

    removeAlias: (name, members) => directory.removeFromAlias(accountKey(name), members?.map(accountKey)),

    begin: () => attempts.forgetOrphans(),

    async close() {
      sessions.close()
      await derivation.close()
    },
  }
}
