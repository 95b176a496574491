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

export interface RouteOptions {
  /** Our mail domain, lower case. */
  readonly domain: string
  /** What stands between a name and what its owner puts behind it (`alice+list`); empty: nothing may. */
  readonly separator: string
  /** Who has this local part, lower case. */
  readonly find: (key: string) => Promise<readonly Recipient[]>
}

/**
 * Finds out where mail for an address goes. `<postmaster>` without a domain is ours (RFC 5321 §4.5.1). A sub-address
 * (RFC 5233 §1) leads where the name before its first separator leads, unless somebody has that very name.
 */
export async function route(address: string, { domain, separator, find }: RouteOptions): Promise<Route> {
  const isBare = address.toLowerCase() === 'postmaster'
  const parsed = parseAddress(isBare ? `${address}@${domain}` : address)
  if (parsed === undefined || parsed.domain !== domain) return { kind: 'foreign' }
  if (!isPlainLocalPart(parsed.localPart)) return { kind: 'impossible' }
  const key = parsed.localPart.toLowerCase()
  for (const name of new Set([key, baseName(key, separator)])) {
    const accounts = await find(name)
    if (accounts.length > 0) return { kind: 'accounts', accounts }
    if (ROLES.has(name)) return { kind: 'role' }
  }
  return { kind: 'unknown' }
}

/** What stands before the first separator; all of it when there is none, or nothing before it. */
export function baseName(localPart: string, separator: string): string {
  const end = separator === '' ? -1 : localPart.indexOf(separator)
  return end > 0 ? localPart.slice(0, end) : localPart
}
