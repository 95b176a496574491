/**
 * The recipients of one mail transaction and what each of them is answered. Touches nothing outside.
 *
 * An unknown recipient named before any known one is held: only the end of the list tells whether the
 * message reaches somebody. Named after a known one for the first time it is refused at once, and the
 * message, which comes for the others, is kept in `lost/` as well (DESIGN.md, "Undeliverable, stranger").
 */
import type { Recipient } from '../accounts/accounts.js'
import type { Route } from './route.js'

export type RecipientVerdict =
  /** A mailbox will have it. */
  | { readonly kind: 'known' }
  /** Nobody of that name; the reply after DATA says what became of it. */
  | { readonly kind: 'held' }
  | { readonly kind: 'refused'; readonly reason: 'unknown' | 'foreign' }

export interface RecipientList {
  add(address: string, route: Route): RecipientVerdict
  /** Each once, in the order named. */
  readonly accounts: readonly Recipient[]
  /** The address by which an account was named first. */
  addressOf(key: string): string
  /** Addresses of `postmaster` and `abuse`. */
  readonly roles: readonly string[]
  /** Unknown addresses answered with 250. */
  readonly held: readonly string[]
  /** Unknown addresses answered with 550 whose message is kept all the same. */
  readonly refused: readonly string[]
  /** Whether somebody receives it: an account, or a role whose place is `lost/` for the time being. */
  readonly reachesSomebody: boolean
  /** The address, when the sender named no more than this one. */
  readonly only: string | undefined
}

/** @param acceptAll `lost.reply = accept`: every unknown recipient is held, whatever came before it */
export function createRecipientList(acceptAll: boolean): RecipientList {
  const accounts = new Map<string, { readonly account: Recipient; readonly address: string }>()
  const roles = new Map<string, string>()
  const held = new Map<string, string>()
  const refused = new Map<string, string>()

  const reachesSomebody = (): boolean => accounts.size + roles.size > 0

  function addUnknown(address: string): RecipientVerdict {
    const key = address.toLowerCase()
    const hold = acceptAll || held.has(key) || !reachesSomebody()
    addOnce(hold ? held : refused, key, address)
    return hold ? { kind: 'held' } : { kind: 'refused', reason: 'unknown' }
  }

  return {
    add(address, route) {
      switch (route.kind) {
        case 'accounts':
          for (const account of route.accounts) addOnce(accounts, account.key, { account, address })
          return { kind: 'known' }
        case 'role':
          addOnce(roles, address.toLowerCase(), address)
          return { kind: 'known' }
        case 'unknown':
          return addUnknown(address)
        case 'impossible':
          return { kind: 'refused', reason: 'unknown' }
        case 'foreign':
          return { kind: 'refused', reason: 'foreign' }
      }
    },
    get accounts() {
      return [...accounts.values()].map(({ account }) => account)
    },
    addressOf: (key) => accounts.get(key)?.address ?? key,
    get roles() {
      return [...roles.values()]
    },
    get held() {
      return [...held.values()]
    },
    get refused() {
      return [...refused.values()]
    },
    get reachesSomebody() {
      return reachesSomebody()
    },
    get only() {
      const known = [...accounts.values()].map(({ address }) => address)
      const others = [roles, held, refused].flatMap((addresses) => [...addresses.values()])
      const [first, ...rest] = new Set([...known, ...others])
      return rest.length === 0 ? first : undefined
    },
  }
}

function addOnce<Value>(named: Map<string, Value>, key: string, value: Value): void {
  if (!named.has(key)) named.set(key, value)
}
