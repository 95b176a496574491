/**
 * Who may in: the one place where a password, or a proof of one, is held against an account.
 *
 * The order is what keeps it safe: what stands against the address or the account is looked at first, an
 * attempt is booked as a failure before anything is verified, and it is taken back only when it was right.
 * An unknown name, a locked account and a wrong password are the same, in text and in cost.
 */
import { createHmac } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { Clock } from '../base/clock.js'
import { clientNetwork } from '../base/client-network.js'
import { GatewayError } from '../base/errors.js'
import type { Log } from '../base/log.js'
import type { Account, AccountDirectory } from '../ports/account-directory.js'
import type { Attempt, AttemptState, SignInAttempts } from '../ports/sign-in-attempts.js'
import type { HashQueue } from './hash-queue.js'
import { accountKey } from './names.js'
import type { PasswordHasher } from './password-hasher.js'
import type { SignInCache } from './sign-in-cache.js'

export interface SignInOptions {
  readonly directory: AccountDirectory
  readonly attempts: SignInAttempts
  readonly hasher: PasswordHasher
  readonly queue: HashQueue
  readonly cache: SignInCache
  /** Our mail domain, lower case: people may sign in with their whole address. */
  readonly domain: string
  /** Of this house alone, 32 octets: names are kept by it in counts, so that a password typed as a name is not. */
  readonly secret: Buffer
  readonly clock: Clock
  readonly log: Log
}

/** Somebody at an address who says to be an account. */
export interface Claim {
  readonly key: string
  /** As it was when the claim was made; what it is then is looked at again before anybody is let in. */
  readonly account: Account | undefined
  readonly attempt: Attempt
  /** Failures in a row so far. */
  readonly failures: number
}

export interface SignIn {
  /** @throws GatewayError `sign-in.*`, `store.*` */
  byPassword(name: string, password: string, address: string): Promise<Account>
  /** What is known of a name before anything is shown for it. @throws GatewayError `sign-in.limited`, `sign-in.locked` */
  claim(name: string, address: string): Promise<Claim>
  /** Lets somebody in whose proof is right. @throws GatewayError `sign-in.*` */
  byProof(claim: Claim, isRight: () => boolean): Promise<Account>
  /** What was proven of an account must hold for it as it is now. @throws GatewayError `sign-in.refused` */
  demandUnchanged(account: Account): Promise<void>
  /** The account's own names: what an authorization identity may say besides nothing. */
  isOwn(account: Account, authorizationId: string): boolean
  /** Ends failures in a row and a block. */
  forgive(key: string): Promise<void>
}

/** How long an attempt waits for others of the same account that other processes look at, and how often it asks. */
const PENDING_PATIENCE_MS = 20_000
const PENDING_RETRY_MS = 25

export function createSignIn(options: SignInOptions): SignIn {
  const { directory, attempts, hasher, queue, cache, domain, secret, clock, log } = options

  /** The name that a person gave, alone or with our domain, as an account's key. */
  function keyOf(name: string): string {
    const key = accountKey(name)
    return key.endsWith(`@${domain}`) ? key.slice(0, -domain.length - 1) : key
  }

  function attemptOf(key: string, address: string): Attempt {
    const account = createHmac('sha256', secret).update(`sign-in ${key}`).digest('base64')
    return { account, address: clientNetwork(address) }
  }

  async function claim(name: string, address: string): Promise<Claim> {
    const key = keyOf(name)
    const attempt = attemptOf(key, address)
    const state = await attempts.look(attempt, clock())
    refuseUnlessFree(state)
    const failures = state.kind === 'free' ? state.failures : 0
    return { key, attempt, failures, account: await directory.find(key) }
  }

  /**
   * Books an attempt, has it verified, and settles it; answers `pending` when others of the same account must be
   * settled first.
   * @throws GatewayError `sign-in.refused`, `sign-in.refused-last`
   */
  async function settle<Right>(
    attempt: Attempt,
    verify: () => Promise<Right | undefined>,
  ): Promise<Right | 'pending'> {
    const booking = await attempts.book(attempt, clock())
    if (booking.kind !== 'booked') {
      refuseUnlessFree(booking)
      return 'pending'
    }
    const right = await verify().catch(async (error: unknown) => {
      await booking.withdraw()
      throw error
    })
    if (right !== undefined) {
      await booking.succeed()
      return right
    }
    const isLast = await booking.fail(clock())
    throw new GatewayError(isLast ? 'sign-in.refused-last' : 'sign-in.refused', 'wrong name or password')
  }

  /** Tries again while others of the same account are looked at, without keeping anybody else from his turn. */
  async function patiently<Result>(act: () => Promise<Result | 'pending'>): Promise<Result> {
    for (let waitedMs = 0; ; waitedMs += PENDING_RETRY_MS) {
      const result = await act()
      if (result !== 'pending') return result
      if (waitedMs >= PENDING_PATIENCE_MS)
        throw new GatewayError('sign-in.busy', 'too many sign-ins of one account')
      await delay(PENDING_RETRY_MS)
    }
  }

  /** The account as it is now, if it may be signed in to. */
  async function present(key: string): Promise<Account | undefined> {
    const account = await directory.find(key)
    return account?.locked === true ? undefined : account
  }

  /**
   * The account if the password is right for it as it is at the end: whoever changes a password, or locks or
   * removes an account, finds that it holds, also for those who were waiting.
   */
  async function rightFor(key: string, password: string): Promise<Account | undefined> {
    for (let tries = 0; tries < 3; tries += 1) {
      const before = await present(key)
      if (!(await hasher.verify(password, before?.passwordRecord))) return undefined
      const after = await present(key)
      if (isSameRecord(before, after)) return after
    }
    return undefined
  }

  /** Makes an older record one of today's. That this fails is no reason to send anybody away. */
  async function upgraded(account: Account, password: string): Promise<Account> {
    const { key, passwordRecord: old } = account
    if (!hasher.isOutdated(old)) return account
    try {
      const passwordRecord = await hasher.make(password)
      const isDone = await directory.change(key, { passwordRecord }, { passwordRecord: old })
      return isDone ? { ...account, passwordRecord } : account
    } catch (error) {
      log.warn({ account: key, err: error }, 'a password record could not be renewed')
      return account
    }
  }

  /** What is done when a turn at the hash has come. */
  async function verified({ attempt, key }: Claim, password: string): Promise<Account | 'pending'> {
    // Another connection of the same client may have been through meanwhile.
    const known = await present(key)
    if (known !== undefined && cache.has(known, password, clock().getTime())) return known
    const account = await settle(attempt, () => rightFor(key, password))
    if (account === 'pending') return account
    const renewed = await upgraded(account, password)
    cache.remember(renewed, password, clock().getTime())
    return renewed
  }

  /** The account, when its password is remembered. */
  async function remembered(
    { attempt, account, failures }: Claim,
    password: string,
  ): Promise<Account | undefined> {
    if (account === undefined || account.locked) return undefined
    if (!cache.renew(account, password, clock().getTime())) return undefined
    // A success that needs no hash ends failures in a row as any other; without any, nothing is written.
    if (failures > 0) await attempts.forget(attempt.account)
    return account
  }

  return {
    claim,

    async byPassword(name, password, address) {
      const claimed = await claim(name, address)
      const { attempt, key } = claimed
      const who = { address: attempt.address, account: key }
      const account =
        (await remembered(claimed, password)) ??
        (await patiently(() => queue.run(who, () => verified(claimed, password))))
      queue.prefer(attempt.address)
      return account
    },

    async byProof({ attempt, account: claimed, key }, isRight) {
      const account = await patiently(() =>
        settle(attempt, async () => {
          if (!isRight()) return undefined
          const now = await present(key)
          return isSameRecord(claimed, now) ? now : undefined
        }),
      )
      queue.prefer(attempt.address)
      return account
    },

    async demandUnchanged(account) {
      if (isSameRecord(account, await present(account.key))) return
      throw new GatewayError('sign-in.refused', 'wrong name or password')
    },

    isOwn: (account, authorizationId) => authorizationId === '' || keyOf(authorizationId) === account.key,
    forgive: (key) => attempts.forget(attemptOf(key, '').account),
  }
}

/** @throws GatewayError `sign-in.limited`, `sign-in.locked` */
function refuseUnlessFree(state: AttemptState): void {
  if (state.kind === 'limited')
    throw new GatewayError('sign-in.limited', 'too many failed sign-ins from this address')
  if (state.kind === 'locked') throw new GatewayError('sign-in.locked', 'the account is blocked for a moment')
}

/** Whether what was proven of one holds for the other: the same account, with the same record. */
function isSameRecord(one: Account | undefined, other: Account | undefined): boolean {
  return (
    one !== undefined &&
    other !== undefined &&
    one.passwordRecord === other.passwordRecord &&
    one.createdAt.getTime() === other.createdAt.getTime()
  )
}
