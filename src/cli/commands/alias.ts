/** `relais alias …`: role addresses, such as info@, that reach one or several accounts. */
import type { CommandModule } from 'yargs'
import { print, type Io } from '../io.js'
import { withHouse, type Flags } from '../open.js'

interface MemberFlags extends Flags {
  readonly name: string
  readonly members: readonly string[] | undefined
}

interface ListFlags extends Flags {
  readonly json: boolean
}

export function aliasCommand(io: Io): CommandModule<Flags, Flags> {
  return {
    command: 'alias',
    describe: 'Give role addresses to accounts',
    builder: (yargs) =>
      yargs
        .command(aliasAddCommand(io))
        .command(aliasListCommand(io))
        .command(aliasRemoveCommand(io))
        .demandCommand(1, 1, 'say what to do with role addresses: add, list or remove'),
    handler: () => {},
  }
}

function aliasAddCommand(io: Io): CommandModule<Flags, MemberFlags> {
  return {
    command: 'add <name> <members..>',
    describe: 'Let a role address reach these accounts, besides those that it reaches',
    builder: (yargs) =>
      yargs
        .positional('name', { type: 'string', demandOption: true, describe: 'Such as info' })
        .positional('members', { type: 'string', array: true, demandOption: true, describe: 'Accounts' }),
    handler: (flags) =>
      withHouse(flags, io, async ({ accounts }, { domain }) => {
        await accounts.addAlias(flags.name, flags.members ?? [])
        const alias = (await accounts.aliases()).find(({ key }) => key === flags.name.toLowerCase())
        print(io, `${flags.name}@${domain} reaches ${alias?.members.join(', ')}`)
      }),
  }
}

function aliasListCommand(io: Io): CommandModule<Flags, ListFlags> {
  return {
    command: 'list',
    describe: 'List role addresses and whom they reach',
    builder: (yargs) => yargs.option('json', { type: 'boolean', default: false, describe: 'For scripts' }),
    handler: (flags) =>
      withHouse(flags, io, async ({ accounts }, { domain }) => {
        const rows = (await accounts.aliases()).map(({ name, members }) => ({
          name,
          address: `${name}@${domain}`,
          members,
        }))
        if (flags.json) print(io, JSON.stringify(rows, null, 2))
        else for (const row of rows) print(io, `${row.address}: ${row.members.join(', ')}`)
      }),
  }
}

function aliasRemoveCommand(io: Io): CommandModule<Flags, MemberFlags> {
  return {
    command: 'remove <name> [members..]',
    describe: 'Take accounts out of a role address; without accounts, end it',
    builder: (yargs) =>
      yargs
        .positional('name', { type: 'string', demandOption: true, describe: 'Such as info' })
        .positional('members', { type: 'string', array: true, describe: 'Accounts; none for all of it' }),
    handler: (flags) =>
      withHouse(flags, io, async ({ accounts }, { domain }) => {
        const members = flags.members ?? []
        await accounts.removeAlias(flags.name, members.length === 0 ? undefined : members)
        const left = (await accounts.aliases()).find(({ key }) => key === flags.name.toLowerCase())
        const address = `${flags.name}@${domain}`
        print(
          io,
          left === undefined ? `${address} is no more` : `${address} reaches ${left.members.join(', ')}`,
        )
      }),
  }
}
