/** Which lost messages somebody means. Pure. */
import { parseAddress } from '../message/address.js'
import type { LostReason } from './block.js'
import type { LostEntry } from './lost-folder.js'

/** What is absent says nothing; all that is there must hold. */
export interface LostFilter {
  readonly ids?: readonly string[] | undefined
  /** An address, or its local part; any case. */
  readonly recipient?: string | undefined
  /** The reverse-path, empty for the null one; any case. */
  readonly from?: string | undefined
  readonly since?: Date | undefined
  readonly reason?: LostReason | undefined
}

/** A message of another tool, of which nothing is known, is meant only by its id or by nothing at all. */
export function isMeant({ id, circumstances }: LostEntry, filter: LostFilter): boolean {
  const { ids, recipient, from, since, reason } = filter
  if (ids !== undefined && !ids.includes(id)) return false
  if (circumstances === undefined)
    return [recipient, from, since, reason].every((wanted) => wanted === undefined)
  return (
    (recipient === undefined || circumstances.recipients.some((address) => isFor(address, recipient))) &&
    (from === undefined || circumstances.reversePath.toLowerCase() === from.toLowerCase()) &&
    (since === undefined || circumstances.receivedAt >= since) &&
    (reason === undefined || circumstances.reason === reason)
  )
}

function isFor(address: string, wanted: string): boolean {
  const name = wanted.toLowerCase()
  return address.toLowerCase() === name || parseAddress(address)?.localPart.toLowerCase() === name
}
