/**
 * Where a recipient address leads. Pure: whether an account exists is asked beforehand.
 *
 *     address → accounts (one, or those behind a role address) · role · unknown · impossible · foreign
 */
import type { Recipient } from '../accounts/accounts.js'
import { isPlainLocalPart, parseAddress } from '../message/address.js'

export type Route =
  | { readonly kind: 'accounts'; readonly accounts: readonly Recipient[] }
  /** `postmaster` and `abuse` exist from the start (RFC 5321 §4.5.1, RFC 2142), and nobody holds them. */
  | { readonly kind: 'role' }
  /** An address of ours that names nobody. */
  | { readonly kind: 'unknown' }
  /** Of our domain, but with a local part that can never be an account: nothing of it is kept. */
  | { readonly kind: 'impossible' }
  | { readonly kind: 'foreign' }

const ROLES: ReadonlySet<string> = new Set(['postmaster', 'abuse'])

/** Finds out where mail for an address goes. `<postmaster>` without a domain is ours (RFC 5321 §4.5.1). */
export async function route(
  address: string,
  domain: string,
  find: (key: string) => Promise<readonly Recipient[]>,
): Promise<Route> {
  const isBare = address.toLowerCase() === 'postmaster'
  const parsed = parseAddress(isBare ? `${address}@${domain}` : address)
  if (parsed === undefined || parsed.domain !== domain) return { kind: 'foreign' }
  if (!isPlainLocalPart(parsed.localPart)) return { kind: 'impossible' }
  const key = parsed.localPart.toLowerCase()
  const accounts = await find(key)
  if (accounts.length > 0) return { kind: 'accounts', accounts }
  return { kind: ROLES.has(key) ? 'role' : 'unknown' }
}
