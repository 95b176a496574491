/** `relais config describe`: every setting with unit, default and reason, as a file to start from. */
import type { CommandModule } from 'yargs'
import { describeSettings } from '../../config/describe.js'
import type { Io } from '../io.js'
import type { Flags } from '../open.js'

export function configCommand(io: Io): CommandModule<Flags, Flags> {
  return {
    command: 'config',
    describe: 'Show what can be set',
    builder: (yargs) =>
      yargs
        .command({
          command: 'describe',
          describe: 'Print config/relais.toml with every setting explained',
          handler: () => void io.stdout.write(describeSettings()),
        })
        .demandCommand(1, 1, 'say what to do with the configuration: describe'),
    handler: () => {},
  }
}
