/** `relais account remove NAME`: never without saying what becomes of the mail. */
import type { CommandModule } from 'yargs'
import { GatewayError } from '../../base/errors.js'
import type { House } from '../../gateway/house.js'
import { print, type Io } from '../io.js'
import { withHouse, type Flags } from '../open.js'

interface RemoveFlags extends Flags {
  readonly name: string
  readonly 'keep-mail': boolean | undefined
  readonly 'delete-mail': boolean | undefined
}

type Aliases = Awaited<ReturnType<House['accounts']['aliases']>>

export function accountRemoveCommand(io: Io): CommandModule<Flags, RemoveFlags> {
  return {
    command: 'remove <name>',
    describe: 'Remove an account',
    builder: (yargs) =>
      yargs
        .positional('name', { type: 'string', demandOption: true, describe: 'The account' })
        // No defaults: yargs counts one as given, and the two would always conflict.
        .option('keep-mail', { type: 'boolean', describe: 'Move its mail to maildir/.removed/' })
        .option('delete-mail', { type: 'boolean', describe: 'Delete its mail for good' })
        .conflicts('keep-mail', 'delete-mail'),
    handler: (flags) =>
      withHouse(flags, io, async (house, { domain }) => {
        const { name, key } = await house.accounts.get(flags.name)
        const fate = await mailFate(flags, key, house, io)
        const before = await house.accounts.aliases()
        const movedTo = await house.accounts.remove(name, fate)
        print(
          io,
          movedTo === undefined ? `${name} is removed` : `${name} is removed; the mail is in ${movedTo}`,
        )
        for (const alias of ended(before, await house.accounts.aliases(), key))
          print(io, `${alias.name}@${domain} reached nobody else and is no more`)
      }),
  }
}

/** The role addresses that went with their last member. */
function ended(before: Aliases, after: Aliases, key: string): Aliases {
  const left = new Set(after.map((alias) => alias.key))
  return before.filter((alias) => alias.members.includes(key) && !left.has(alias.key))
}

async function mailFate(flags: RemoveFlags, key: string, house: House, io: Io): Promise<'keep' | 'delete'> {
  if (flags['keep-mail']) return 'keep'
  if (flags['delete-mail'] || (await house.mailboxes.isEmpty(key))) return 'delete'
  if (!io.stdin.isTTY) {
    throw new GatewayError(
      'usage.wrong',
      `${flags.name} has mail or other files; say --keep-mail or --delete-mail`,
    )
  }
  const { select } = await import('@inquirer/prompts')
  return select<'keep' | 'delete'>({
    message: `${flags.name} has mail or other files. What becomes of them?`,
    choices: [
      { value: 'keep', name: 'keep them, moved to maildir/.removed/' },
      { value: 'delete', name: 'delete them for good' },
    ],
  })
}
