/**
 * What the house asks of the place where accounts are kept. Types and promises only.
 * Several processes may use one directory at once; a change holds for all of them with the next call.
 */

/** An account as the directory keeps it. */
export interface Account {
  /** The name as it was given at registration, for display. */
  readonly name: string
  /** The name in lower case: the address's local part, the mailbox's key. Unique. */
  readonly key: string
  /** `SCRAM-SHA3-512$…` (RFC 5803 syntax); only `accounts/` reads it. */
  readonly passwordRecord: string
  readonly createdAt: Date
  /** Octets that its mailbox may hold, 0 for no bound; `undefined`: as the setting says. */
  readonly quotaOctets: number | undefined
}

export interface AccountDirectory {
  /** @param key lower case */
  find(key: string): Promise<Account | undefined>
  /** All accounts by key. */
  list(): Promise<readonly Account[]>
  /** @throws GatewayError `account.exists` */
  add(account: Account): Promise<void>
  /** @throws GatewayError `account.unknown` */
  setPasswordRecord(key: string, passwordRecord: string): Promise<void>
  /** @param quotaOctets `undefined`: as the setting says. @throws GatewayError `account.unknown` */
  setQuota(key: string, quotaOctets: number | undefined): Promise<void>
  /** @throws GatewayError `account.unknown` */
  remove(key: string): Promise<void>
  close(): Promise<void>
}
