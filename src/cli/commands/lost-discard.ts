/** `relais lost discard`: for good. */
import type { CommandModule } from 'yargs'
import { GatewayError } from '../../base/errors.js'
import { print, type Io } from '../io.js'
import { withHouse, type Flags } from '../open.js'
import { printable, printableJson } from '../printable.js'
import { namedFilterFrom, SELECTION, type SelectionFlags } from './lost-selection.js'

interface DiscardFlags extends SelectionFlags {
  readonly ids: readonly string[]
  readonly yes: boolean
  readonly json: boolean
}

export function lostDiscardCommand(io: Io): CommandModule<Flags, DiscardFlags> {
  return {
    command: 'discard [ids..]',
    describe: 'Throw messages away for good',
    builder: (yargs) =>
      yargs
        .positional('ids', { type: 'string', array: true, default: [], describe: 'As lost list names them' })
        .options(SELECTION)
        .option('yes', { type: 'boolean', default: false, describe: 'Also when none is named by its ID' })
        .option('json', { type: 'boolean', default: false, describe: 'For scripts' }),
    handler: (flags) =>
      withHouse(flags, io, async ({ lostDesk }) => {
        const selection = await lostDesk.find(namedFilterFrom(flags, flags.ids))
        const { entries } = selection
        if (flags.ids.length === 0 && entries.length > 0 && !flags.yes)
          throw new GatewayError(
            'usage.wrong',
            `${entries.length} messages are meant; say --yes to discard them`,
          )
        await selection.discard(entries)
        const ids = entries.map(({ id }) => id)
        if (flags.json) print(io, printableJson(ids))
        else if (ids.length === 0) print(io, 'There is no such message in lost/')
        else for (const id of ids) print(io, `${printable(id)} is discarded`)
      }),
  }
}
