/** `relais account add NAME`. */
import type { CommandModule } from 'yargs'
import { strengthWarning } from '../../gateway/password-strength.js'
import { print, type Io } from '../io.js'
import { withHouse, type Flags } from '../open.js'
import { newPassword } from '../passwords.js'

interface AddFlags extends Flags {
  readonly name: string
  readonly 'password-stdin': boolean
  readonly adopt: boolean
}

export function accountAddCommand(io: Io): CommandModule<Flags, AddFlags> {
  return {
    command: 'add <name>',
    describe: 'Add an account; asks for its password',
    builder: (yargs) =>
      yargs
        .positional('name', { type: 'string', demandOption: true, describe: 'Letters, digits and . _ -' })
        .option('password-stdin', {
          type: 'boolean',
          default: false,
          describe: 'Read the password from standard input',
        })
        .option('adopt', {
          type: 'boolean',
          default: false,
          describe: 'Take over a mailbox folder that exists already',
        }),
    handler: (flags) =>
      withHouse(flags, io, async ({ accounts }, settings) => {
        const { domain } = settings
        await accounts.checkNewName(flags.name)
        const password = await newPassword(io, flags['password-stdin'], async (typed) => {
          accounts.checkPassword(typed)
          return strengthWarning(typed, { name: flags.name, domain }, settings)
        })
        const account = await accounts.add(flags.name, password, { adopt: flags.adopt })
        print(io, `${account.name}@${domain} can receive mail now`)
      }),
  }
}
