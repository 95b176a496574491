/** How every `relais lost` command is told which messages are meant. */
import { GatewayError } from '../../base/errors.js'
import { LOST_REASONS, type LostFilter } from '../../gateway/lost-desk.js'
import type { Flags } from '../open.js'

export interface SelectionFlags extends Flags {
  readonly recipient?: string | undefined
  readonly from?: string | undefined
  readonly since?: string | undefined
  readonly reason?: string | undefined
}

/** Options for yargs. */
export const SELECTION = {
  recipient: { type: 'string', requiresArg: true, describe: 'Meant for this address or name' },
  from: { type: 'string', requiresArg: true, describe: 'Sent under this reverse-path; <> for the null one' },
  since: {
    type: 'string',
    requiresArg: true,
    describe: 'Arrived since a day or time (2026-11-21, 2026-11-21T08:00Z), or in the last 30m, 12h, 7d, 2w',
  },
  reason: {
    type: 'string',
    requiresArg: true,
    describe: `Why nobody received it: ${LOST_REASONS.join(', ')}`,
  },
} as const

const UNIT_MS: ReadonlyMap<string, number> = new Map([
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
  ['w', 7 * 86_400_000],
])

/** @throws GatewayError `usage.wrong` */
export function filterFrom(flags: SelectionFlags, ids?: readonly string[], now = new Date()): LostFilter {
  const { recipient, from, since, reason } = flags
  return {
    ids: ids === undefined || ids.length === 0 ? undefined : ids,
    recipient,
    from: from?.replace(/^<(.*)>$/s, '$1'),
    since: since === undefined ? undefined : sinceTime(since, now),
    reason: reason === undefined ? undefined : knownReason(reason),
  }
}

/**
 * The same for commands that change something, which must be told what they change.
 * @throws GatewayError `usage.wrong`
 */
export function namedFilterFrom(flags: SelectionFlags, ids: readonly string[]): LostFilter {
  const filter = filterFrom(flags, ids)
  if (Object.values(filter).every((wanted) => wanted === undefined))
    throw new GatewayError(
      'usage.wrong',
      'say which messages: by ID, or by --recipient, --from, --since or --reason',
    )
  return filter
}

function knownReason(text: string): LostFilter['reason'] {
  const reason = LOST_REASONS.find((known) => known === text)
  if (reason !== undefined) return reason
  throw new GatewayError(
    'usage.wrong',
    `--reason is ${JSON.stringify(text)}; expected ${LOST_REASONS.join(', ')}`,
  )
}

function sinceTime(text: string, now: Date): Date {
  const { amount, unit } = /^(?<amount>\d{1,6})(?<unit>[mhdw])$/.exec(text)?.groups ?? {}
  const time =
    amount === undefined ? dateOf(text) : now.getTime() - Number(amount) * (UNIT_MS.get(unit ?? '') ?? 0)
  if (!Number.isNaN(time)) return new Date(time)
  throw new GatewayError(
    'usage.wrong',
    `--since is ${JSON.stringify(text)}; expected a day or time such as 2026-11-21 or 2026-11-21T08:00Z, or 30m, 12h, 7d, 2w`,
  )
}

/** ISO 8601 alone: what else `Date` understands differs from machine to machine. */
function dateOf(text: string): number {
  return /^\d{4}-\d{2}-\d{2}(?:T[\d:.]+(?:Z|[+-]\d{2}:\d{2})?)?$/.test(text) ? Date.parse(text) : Number.NaN
}
