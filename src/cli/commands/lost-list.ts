/** `relais lost list`. */
import type { CommandModule } from 'yargs'
import { print, type Io } from '../io.js'
import { describeLost, factsOf } from '../lost-facts.js'
import { withHouse, type Flags } from '../open.js'
import { printableJson } from '../printable.js'
import { filterFrom, SELECTION, type SelectionFlags } from './lost-selection.js'

interface ListFlags extends SelectionFlags {
  readonly json: boolean
}

export function lostListCommand(io: Io): CommandModule<Flags, ListFlags> {
  return {
    command: 'list',
    describe: 'List what reached nobody, the oldest first',
    builder: (yargs) =>
      yargs.options(SELECTION).option('json', { type: 'boolean', default: false, describe: 'For scripts' }),
    handler: (flags) =>
      withHouse(flags, io, async ({ lostDesk }) => {
        const selection = await lostDesk.find(filterFrom(flags))
        const { entries } = selection
        if (flags.json) print(io, printableJson(entries.map((entry) => factsOf(entry, selection))))
        else if (entries.length === 0) print(io, 'There is no such message in lost/')
        else for (const entry of entries) print(io, describeLost(entry, selection).join('\n'))
      }),
  }
}
