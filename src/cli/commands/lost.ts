/** `relais lost …`: what the postmaster does with mail that reached nobody. */
import type { CommandModule } from 'yargs'
import type { Io } from '../io.js'
import type { Flags } from '../open.js'
import { lostDiscardCommand } from './lost-discard.js'
import { lostExportCommand } from './lost-export.js'
import { lostListCommand } from './lost-list.js'
import { lostRedeliverCommand } from './lost-redeliver.js'
import { lostShowCommand } from './lost-show.js'

export function lostCommand(io: Io): CommandModule<Flags, Flags> {
  return {
    command: 'lost',
    describe: 'Look after mail that reached nobody',
    builder: (yargs) =>
      yargs
        .command(lostListCommand(io))
        .command(lostShowCommand(io))
        .command(lostRedeliverCommand(io))
        .command(lostDiscardCommand(io))
        .command(lostExportCommand(io))
        .demandCommand(1, 1, 'say what to do with lost mail: list, show, redeliver, discard or export'),
    handler: () => {},
  }
}
