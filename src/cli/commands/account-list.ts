/** `relais account list`. */
import type { CommandModule } from 'yargs'
import { addCommand, print, type Io } from '../io.js'
import { withHouse, type Flags } from '../open.js'

interface ListFlags extends Flags {
  readonly json: boolean
}

export function accountListCommand(io: Io): CommandModule<Flags, ListFlags> {
  return {
    command: 'list',
    describe: 'List all accounts',
    builder: (yargs) => yargs.option('json', { type: 'boolean', default: false, describe: 'For scripts' }),
    handler: (flags) =>
      withHouse(flags, io, async ({ accounts }, { domain }, paths) => {
        const rows = (await accounts.list()).map(
          ({ name, createdAt, role, locked, quotaOctets, retentionDays }) => ({
            name,
            address: `${name}@${domain}`,
            createdAt: createdAt.toISOString(),
            role,
            locked,
            quotaOctets: quotaOctets ?? null,
            retentionDays: retentionDays ?? null,
          }),
        )
        if (flags.json) print(io, JSON.stringify(rows, null, 2))
        else if (rows.length === 0) print(io, `There is no account yet: ${addCommand(io, paths)}`)
        else for (const row of rows) print(io, `${row.createdAt.slice(0, 10)}  ${row.address}${remarks(row)}`)
      }),
  }
}

/** What is unusual about an account. */
function remarks({ role, locked }: { readonly role: string; readonly locked: boolean }): string {
  const said = [...(role === 'member' ? [] : [role]), ...(locked ? ['locked'] : [])]
  return said.length === 0 ? '' : `  (${said.join(', ')})`
}
