/**
 * The recipients of one mail transaction and what each of them is answered. Touches nothing outside.
 *
 * From a stranger, an unknown recipient named before any known one is held: only the end of the list tells whether
 * the message reaches somebody. Named after a known one for the first time it is refused at once, and the message,
 * which comes for the others, is kept in `lost/` as well (DESIGN.md, "Undeliverable, stranger").
 */
import type { Recipient } from '../accounts/accounts.js'
import type { Route } from './route.js'

/** What the sender asks to be told of one recipient (RFC 3461 §4.1, §4.2). */
export interface RecipientDsn {
  /** Absent: of failures. `NEVER` stands alone. */
  readonly notify?: readonly ('NEVER' | 'SUCCESS' | 'FAILURE' | 'DELAY')[] | undefined
  /** `addr-type;address`, xtext decoded. */
  readonly orcpt?: string | undefined
}

export type RecipientVerdict =
  /** A mailbox will have it. */
  | { readonly kind: 'known' }
  /** Nobody of that name; the reply after DATA says what became of it. */
  | { readonly kind: 'held' }
  | { readonly kind: 'refused'; readonly reason: 'unknown' | 'foreign' }

/** One address as it was named first, with what becomes of it. */
export interface NamedRecipient {
  readonly address: string
  readonly dsn: RecipientDsn
  readonly place:
    | { readonly kind: 'accounts'; readonly accounts: readonly Recipient[] }
    /** `lost/`, for the time being. */
    | { readonly kind: 'role' }
    /** Unknown, answered with 250. */
    | { readonly kind: 'held' }
    /** Unknown, answered with 550, and the message is kept all the same. */
    | { readonly kind: 'refused' }
}

export interface RecipientList {
  add(address: string, route: Route, dsn?: RecipientDsn): RecipientVerdict
  /** Each address once, in the order named; without those of which nothing is kept. */
  readonly named: readonly NamedRecipient[]
  /** Each account once, in the order named. */
  readonly accounts: readonly Recipient[]
  /** The address by which an account was named first. */
  addressOf(key: string): string
  /** Addresses of a place other than an account, such as `held`. */
  addressesIn(place: 'role' | 'held' | 'refused'): readonly string[]
  /** Whether somebody receives it: an account, or a role whose place is `lost/` for the time being. */
  readonly reachesSomebody: boolean
  /** The address, when the sender named no more than this one. */
  readonly only: string | undefined
}

/** @param holdAll every unknown recipient is held, whatever came before it: `lost.reply = accept`, or a sender who signed in */
export function createRecipientList(holdAll: boolean): RecipientList {
  const named = new Map<string, NamedRecipient>()
  let reachesSomebody = false

  function addUnknown(address: string, dsn: RecipientDsn): RecipientVerdict {
    const hold = holdAll || !reachesSomebody || named.get(address.toLowerCase())?.place.kind === 'held'
    addOnce({ address, dsn, place: { kind: hold ? 'held' : 'refused' } })
    return hold ? { kind: 'held' } : { kind: 'refused', reason: 'unknown' }
  }

  function addKnown(recipient: NamedRecipient): RecipientVerdict {
    addOnce(recipient)
    reachesSomebody = true
    return { kind: 'known' }
  }

  function addOnce(recipient: NamedRecipient): void {
    const key = recipient.address.toLowerCase()
    if (!named.has(key)) named.set(key, recipient)
  }

  return {
    add(address, route, dsn = {}) {
      switch (route.kind) {
        case 'accounts':
          return addKnown({ address, dsn, place: route })
        case 'role':
          return addKnown({ address, dsn, place: route })
        case 'unknown':
          return addUnknown(address, dsn)
        case 'impossible':
          return { kind: 'refused', reason: 'unknown' }
        case 'foreign':
          return { kind: 'refused', reason: 'foreign' }
      }
    },
    get named() {
      return [...named.values()]
    },
    get accounts() {
      const accounts = new Map<string, Recipient>()
      for (const { place } of named.values()) {
        if (place.kind !== 'accounts') continue
        for (const account of place.accounts)
          if (!accounts.has(account.key)) accounts.set(account.key, account)
      }
      return [...accounts.values()]
    },
    addressOf(key) {
      const first = [...named.values()].find(
        ({ place }) => place.kind === 'accounts' && place.accounts.some((account) => account.key === key),
      )
      return first?.address ?? key
    },
    addressesIn: (kind) =>
      [...named.values()].flatMap(({ address, place }) => (place.kind === kind ? [address] : [])),
    get reachesSomebody() {
      return reachesSomebody
    },
    get only() {
      const [first, ...rest] = named.values()
      return rest.length === 0 ? first?.address : undefined
    },
  }
}
