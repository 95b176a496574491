/** `relais account passwd NAME`. */
import type { CommandModule } from 'yargs'
import { strengthWarning } from '../../gateway/password-strength.js'
import { print, type Io } from '../io.js'
import { withHouse, type Flags } from '../open.js'
import { newPassword } from '../passwords.js'

interface PasswdFlags extends Flags {
  readonly name: string
  readonly 'password-stdin': boolean
}

export function accountPasswdCommand(io: Io): CommandModule<Flags, PasswdFlags> {
  return {
    command: 'passwd <name>',
    describe: 'Set a new password; asks for it',
    builder: (yargs) =>
      yargs
        .positional('name', { type: 'string', demandOption: true, describe: 'The account' })
        .option('password-stdin', {
          type: 'boolean',
          default: false,
          describe: 'Read the password from standard input',
        }),
    handler: (flags) =>
      withHouse(flags, io, async ({ accounts }, settings) => {
        const { name } = await accounts.get(flags.name)
        const password = await newPassword(io, flags['password-stdin'], async (typed) => {
          accounts.checkPassword(typed)
          return strengthWarning(typed, { name, domain: settings.domain }, settings)
        })
        await accounts.setPassword(name, password)
        print(io, `${name} has a new password`)
      }),
  }
}
