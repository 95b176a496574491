/** `relais account lock NAME` and `relais account unlock NAME`. */
import type { CommandModule } from 'yargs'
import { print, type Io } from '../io.js'
import { withHouse, type Flags } from '../open.js'

interface NameFlags extends Flags {
  readonly name: string
}

export function accountLockCommand(io: Io): CommandModule<Flags, NameFlags> {
  return {
    command: 'lock <name>',
    describe: 'Let nobody sign in as an account; it goes on receiving mail',
    builder: (yargs) =>
      yargs.positional('name', { type: 'string', demandOption: true, describe: 'The account' }),
    handler: (flags) =>
      withHouse(flags, io, async ({ accounts }) => {
        const { name } = await accounts.get(flags.name)
        await accounts.change(name, { locked: true })
        print(io, `${name} is locked: nobody can sign in, and open sessions end`)
      }),
  }
}

export function accountUnlockCommand(io: Io): CommandModule<Flags, NameFlags> {
  return {
    command: 'unlock <name>',
    describe: 'Let an account sign in again, also after too many wrong passwords',
    builder: (yargs) =>
      yargs.positional('name', { type: 'string', demandOption: true, describe: 'The account' }),
    handler: (flags) =>
      withHouse(flags, io, async ({ accounts }) => {
        const { name } = await accounts.get(flags.name)
        await accounts.change(name, { locked: false })
        await accounts.forgive(name)
        print(io, `${name} can sign in`)
      }),
  }
}
