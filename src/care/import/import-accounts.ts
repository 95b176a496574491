/**
 * Brings the accounts of a source into the house. Run again, it changes nothing: an account that is there already
 * is skipped, whatever its password has become.
 */
import { accountKey, nameProblems } from '../../accounts/names.js'
import { preparationProblems } from '../../accounts/password-rules.js'
import { failureCode, GatewayError } from '../../base/errors.js'
import type { Found, Place, Reason, Secret } from './found.js'

/** What an import asks of the accounts; hashing takes turns there. */
export interface AccountsToFill {
  /** @throws GatewayError `account.unknown` */
  get(name: string): Promise<{ readonly name: string }>
  /** @throws GatewayError `account.exists` for what has the name's place */
  checkNewName(name: string): Promise<void>
  /** @throws GatewayError `account.exists`, `store.*` */
  bringIn(name: string, secret: Secret): Promise<unknown>
}

/** `name`: a legal one, or `undefined`. What is none may be a part of a password, and nobody is told of it. */
export type Outcome = { readonly place: Place; readonly name: string | undefined } & Result

/** `created` in a trial: it would be. */
type Result =
  | { readonly result: 'created' | 'skipped' }
  | { readonly result: 'refused'; readonly reason: Reason }

/** Enough that no core idles while another account's folder is synced; no more are in memory. */
const AT_ONCE = 16

/**
 * Answers what became of each, in the order of the source; nothing happens until it is asked for.
 *
 * @throws GatewayError `store.*`: what was told is done, and the rest is not begun
 */
export async function* importAccounts(
  source: Iterable<Found> | AsyncIterable<Found>,
  accounts: AccountsToFill,
  { dryRun }: { readonly dryRun: boolean },
): AsyncGenerator<Outcome> {
  const seen = new Map<string, Place>()
  const underWay: Promise<Outcome>[] = []
  try {
    for await (const found of source) {
      const outcome = settle(found, seen, accounts, dryRun)
      // Heard when its turn comes, or not at all when one before it fails.
      outcome.catch(() => {})
      underWay.push(outcome)
      if (underWay.length === AT_ONCE) yield* underWay.splice(0, 1)
    }
    for (const outcome of underWay) yield outcome
  } finally {
    await Promise.allSettled(underWay)
  }
}

/** Names are told apart before the first wait, so that of two alike it is always the second that is refused. */
async function settle(
  { place, name, secret }: Found,
  seen: Map<string, Place>,
  accounts: AccountsToFill,
  dryRun: boolean,
): Promise<Outcome> {
  const usable = usableAccount(name, secret, seen)
  if ('reason' in usable) {
    const told = usable.reason.kind === 'bad-name' ? undefined : name
    return { place, name: told, result: 'refused', reason: usable.reason }
  }
  seen.set(accountKey(usable.name), place)
  return { place, name, ...(await fill(usable, accounts, dryRun)) }
}

interface Usable {
  readonly name: string
  readonly secret: Secret
}

function usableAccount(
  name: string | undefined,
  secret: Secret | Reason,
  seen: ReadonlyMap<string, Place>,
): Usable | { readonly reason: Reason } {
  const problems = name === undefined ? [] : nameProblems(name)
  if (problems.length > 0) return { reason: { kind: 'bad-name', problems } }
  if (!isSecret(secret)) return { reason: secret }
  if (name === undefined) return { reason: { kind: 'bad-name', problems: ['empty'] } }
  const before = seen.get(accountKey(name))
  if (before !== undefined) return { reason: { kind: 'double', first: before } }
  const broken = secret.kind === 'password' ? preparationProblems(secret.password) : []
  return broken.length > 0 ? { reason: { kind: 'bad-password', problems: broken } } : { name, secret }
}

function isSecret(secret: Secret | Reason): secret is Secret {
  return secret.kind === 'password' || secret.kind === 'digest'
}

async function fill({ name, secret }: Usable, accounts: AccountsToFill, dryRun: boolean): Promise<Result> {
  const there = await accountNow(name, accounts)
  if (there !== undefined) return there
  try {
    await (dryRun ? accounts.checkNewName(name) : accounts.bringIn(name, secret))
    return { result: 'created' }
  } catch (error) {
    if (!(error instanceof GatewayError) || error.code !== 'account.exists') throw error
    const occupied = { kind: 'occupied', why: error.message } as const
    return (await accountNow(name, accounts)) ?? { result: 'refused', reason: occupied }
  }
}

/** What to say of an account of that name; `undefined` when there is none. */
async function accountNow(name: string, accounts: AccountsToFill): Promise<Result | undefined> {
  try {
    const { name: by } = await accounts.get(name)
    return by === name ? { result: 'skipped' } : { result: 'refused', reason: { kind: 'taken', by } }
  } catch (error) {
    if (failureCode(error) === 'account.unknown') return undefined
    throw error
  }
}
