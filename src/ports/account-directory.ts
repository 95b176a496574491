/**
 * What the house asks of the place where accounts and role addresses are kept. Types and promises only.
 * Several processes may use one directory at once; a change holds for all of them with the next call.
 */

/** What an account may do besides sending and receiving; mail for `postmaster` reaches those of that role. */
export type Role = 'member' | 'postmaster'

/** An account as the directory keeps it. */
export interface Account {
  /** The name as it was given at registration, for display. */
  readonly name: string
  /** The name in lower case: the address's local part, the mailbox's key. Unique among accounts and role addresses. */
  readonly key: string
  /** `SCRAM-SHA3-512$…` (RFC 5803 syntax) or a wrapped legacy digest; only `accounts/` reads it. */
  readonly passwordRecord: string
  readonly createdAt: Date
  readonly role: Role
  /** Receives mail, but nobody may sign in. */
  readonly locked: boolean
  /** Octets that its mailbox may hold, 0 for no bound; `undefined`: as the setting says. */
  readonly quotaOctets: number | undefined
  /** Days after which its messages are removed, 0 for never; `undefined`: as the setting says. */
  readonly retentionDays: number | undefined
}

/** What may be changed of an account; what is not named stays. */
export type AccountChange = Partial<
  Pick<Account, 'passwordRecord' | 'role' | 'locked' | 'quotaOctets' | 'retentionDays'>
>

/** A role address, such as `info`: mail to it reaches its members, each once. */
export interface Alias {
  readonly name: string
  /** The name in lower case. Unique among accounts and role addresses. */
  readonly key: string
  /** Keys of accounts, in order, at least one. */
  readonly members: readonly string[]
}

export interface AccountDirectory {
  /** @param key lower case */
  find(key: string): Promise<Account | undefined>
  /** All accounts by key. */
  list(): Promise<readonly Account[]>
  /** @throws GatewayError `account.exists`, also for a role address of that key */
  add(account: Account): Promise<void>
  /**
   * @param onlyIf change nothing unless the record is still this one; answers whether it was
   * @throws GatewayError `account.unknown`
   */
  change(key: string, change: AccountChange, onlyIf?: { readonly passwordRecord: string }): Promise<boolean>
  /** Takes it out of every role address as well; one without members is gone. @throws GatewayError `account.unknown` */
  remove(key: string): Promise<void>

  /** The accounts that a local part reaches: itself, the members of a role address, or nobody. @param key lower case */
  reachedBy(key: string): Promise<readonly Account[]>
  /** The accounts of a role, by key. */
  withRole(role: Role): Promise<readonly Account[]>
  /** All role addresses by key. */
  aliases(): Promise<readonly Alias[]>
  /**
   * Adds members to a role address, making it when there is none.
   * @throws GatewayError `account.exists` when an account has that key, `account.unknown` for a member that is none
   */
  addToAlias(alias: Alias): Promise<void>
  /**
   * Takes members out of a role address; without members named, all of it.
   * @throws GatewayError `account.unknown` when there is no such role address, or one of them is no member
   */
  removeFromAlias(key: string, members?: readonly string[]): Promise<void>

  /** Answers something else when another process may have changed the directory since; cheap enough to ask each second. */
  changeMark(): Promise<number>
  close(): Promise<void>
}
