/** What is known about a lost message, for scripts and for people. */
import type { LostEntry, LostSelection } from '../gateway/lost-desk.js'
import { printable } from './printable.js'

/** One JSON object; times as ISO 8601, `null` for what is not known. */
export function factsOf(entry: LostEntry, selection: LostSelection) {
  const { id, octets, blockOctets, circumstances } = entry
  const recipients = (circumstances?.recipients ?? []).map((address) => ({
    address,
    nearest: nearestTo(address, entry, selection),
  }))
  return {
    id,
    reason: circumstances?.reason ?? null,
    recipients,
    reversePath: circumstances?.reversePath ?? null,
    account: circumstances?.account ?? null,
    client: circumstances?.clientAddress ?? null,
    answered: circumstances?.answered ?? null,
    receivedAt: circumstances?.receivedAt.toISOString() ?? null,
    octets: octets - blockOctets,
  }
}

/** The same in some lines, with nothing in them that could act on a terminal. */
export function describeLost(entry: LostEntry, selection: LostSelection): readonly string[] {
  const { id, octets, recipients, reason, ...facts } = factsOf(entry, selection)
  const known = [
    `  ${facts.receivedAt?.slice(0, 16).replace('T', ' ') ?? ''}  ${reason ?? ''}, answered ${facts.answered}, ${octets} octets`,
    `  from ${printable(`<${facts.reversePath ?? ''}>`)}, ${sender(facts)}`,
    ...recipients.map(({ address, nearest }) => `  to ${printable(address)}${didYouMean(nearest)}`),
  ]
  return [
    printable(id),
    ...(reason === null ? [`  no reason of ours can be read on it, ${octets} octets`] : known),
  ]
}

/** Existing addresses that may have been meant by one that names nobody. */
export function nearestTo(address: string, entry: LostEntry, selection: LostSelection): readonly string[] {
  return entry.circumstances?.reason === 'unknown-recipient' ? selection.nearest(address) : []
}

export function didYouMean(nearest: readonly string[]): string {
  return nearest.length === 0 ? '' : `; did you mean ${nearest.join(' or ')}?`
}

function sender({
  account,
  client,
}: {
  readonly account: string | null
  readonly client: string | null
}): string {
  const address = `client ${printable(client ?? '')}`
  return account === null ? address : `account ${printable(account)}, ${address}`
}
