/** `relais lost redeliver`: to those who have the address by now, or to somebody else. */
import type { CommandModule } from 'yargs'
import { GatewayError } from '../../base/errors.js'
import type { LostEntry, LostSelection } from '../../gateway/lost-desk.js'
import { print, warn, type Io } from '../io.js'
import { didYouMean, nearestTo } from '../lost-facts.js'
import { withHouse, type Flags } from '../open.js'
import { printable, printableJson } from '../printable.js'
import { namedFilterFrom, SELECTION, type SelectionFlags } from './lost-selection.js'

interface RedeliverFlags extends SelectionFlags {
  readonly ids: readonly string[]
  readonly to?: string | undefined
  readonly json: boolean
}

/** What became of one message; `failure` is why it stays. */
interface Result {
  readonly id: string
  readonly to: readonly string[]
  readonly as: string | null
  /** Addresses for which it stays, in a new entry when others have it. */
  readonly rest: readonly string[]
  readonly restId: string | null
  readonly failure: GatewayError | undefined
}

export function lostRedeliverCommand(io: Io): CommandModule<Flags, RedeliverFlags> {
  return {
    command: 'redeliver [ids..]',
    describe: 'Deliver messages after all; each leaves lost/ once it is safe in the mailbox',
    builder: (yargs) =>
      yargs
        .positional('ids', { type: 'string', array: true, default: [], describe: 'As lost list names them' })
        .options(SELECTION)
        .option('to', { type: 'string', requiresArg: true, describe: 'To this account instead' })
        .option('json', { type: 'boolean', default: false, describe: 'For scripts' }),
    handler: (flags) =>
      withHouse(flags, io, async ({ lostDesk }) => {
        const selection = await lostDesk.find(namedFilterFrom(flags, flags.ids))
        const results: Result[] = []
        for (const entry of selection.entries) {
          const result = await redeliver(selection, entry, flags.to)
          results.push(result)
          if (!flags.json) tell(io, result)
        }
        if (flags.json) print(io, printableJson(results.map(asJson)))
        const [failure] = results.flatMap(({ failure }) => failure ?? [])
        if (failure !== undefined) {
          const stay = results.filter((result) => result.failure !== undefined).length
          throw new GatewayError(failure.code, `${stay} of ${results.length} messages stay in lost/`)
        }
      }),
  }
}

/** A failure of one message does not hold up the others; a bug does. */
async function redeliver(
  selection: LostSelection,
  entry: LostEntry,
  to: string | undefined,
): Promise<Result> {
  const stays = (failure: GatewayError): Result => ({
    id: entry.id,
    to: [],
    as: null,
    rest: entry.circumstances?.recipients ?? [],
    restId: null,
    failure,
  })
  try {
    const done = await selection.redeliver(entry, to)
    if (done.kind === 'nobody') return stays(new GatewayError('account.unknown', nobody(selection, entry)))
    const { id, to: keys, rest, restId } = done
    return { id: entry.id, to: keys, as: id, rest, restId: restId ?? null, failure: undefined }
  } catch (error) {
    if (error instanceof GatewayError) return stays(error)
    throw error
  }
}

function nobody(selection: LostSelection, entry: LostEntry): string {
  const addresses = (entry.circumstances?.recipients ?? []).map(
    (address) => `${printable(address)}${didYouMean(nearestTo(address, entry, selection))}`,
  )
  return `nobody has ${addresses.join(', ') || 'it by name'}; --to NAME delivers it to an account`
}

function tell(io: Io, { id, to, as, rest, restId, failure }: Result): void {
  const name = printable(id)
  if (failure !== undefined) return warn(io, `${name} stays: ${failure.message}`)
  print(io, `${name} is delivered to ${to.join(', ')} as ${as}`)
  if (rest.length > 0) print(io, `  it stays as ${restId} for ${rest.map(printable).join(', ')}`)
}

function asJson({ failure, ...result }: Result) {
  return {
    ...result,
    failure: failure === undefined ? null : { code: failure.code, message: failure.message },
  }
}
