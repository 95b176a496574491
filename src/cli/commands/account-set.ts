/** `relais account set NAME`: changes what an account has of its own. */
import type { CommandModule } from 'yargs'
import { GatewayError } from '../../base/errors.js'
import { octets } from '../../config/kinds.js'
import { print, type Io } from '../io.js'
import { withHouse, type Flags } from '../open.js'

interface SetFlags extends Flags {
  readonly name: string
  readonly quota: string
}

/** As `quota.octets` in the settings. */
const QUOTA = octets(0)

export function accountSetCommand(io: Io): CommandModule<Flags, SetFlags> {
  return {
    command: 'set <name>',
    describe: 'Change an account',
    builder: (yargs) =>
      yargs
        .positional('name', { type: 'string', demandOption: true, describe: 'The account' })
        .option('quota', {
          type: 'string',
          demandOption: true,
          requiresArg: true,
          describe:
            'How much its mailbox may hold: "500 MiB", 0 for no bound, default for what the settings say',
        }),
    handler: (flags) =>
      withHouse(flags, io, async ({ accounts }) => {
        const quota = readQuota(flags.quota)
        const { name } = await accounts.get(flags.name)
        await accounts.change(name, { quotaOctets: quota })
        print(io, `${name}: quota ${quota === undefined ? 'as the settings say' : `${quota} octets`}`)
      }),
  }
}

/** @throws GatewayError `usage.wrong` */
function readQuota(text: string): number | undefined {
  if (text.trim().toLowerCase() === 'default') return undefined
  const read = QUOTA.schema.safeParse(text)
  if (read.success) return read.data
  throw new GatewayError(
    'usage.wrong',
    `--quota is ${JSON.stringify(text)}; expected "default", or ${QUOTA.expected}`,
  )
}
