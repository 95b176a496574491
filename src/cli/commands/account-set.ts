/** `relais account set NAME`: changes what an account has of its own. */
import type { CommandModule } from 'yargs'
import { GatewayError } from '../../base/errors.js'
import { octets } from '../../config/kinds.js'
import type { AccountChanges } from '../../gateway/house.js'
import { print, type Io } from '../io.js'
import { withHouse, type Flags } from '../open.js'

interface SetFlags extends Flags {
  readonly name: string
  readonly role: 'member' | 'postmaster' | undefined
  readonly quota: string | undefined
  readonly retention: string | undefined
}

/** As `quota.octets` in the settings. */
const QUOTA = octets(0)
/** A hundred years. */
const MOST_DAYS = 36_500

export function accountSetCommand(io: Io): CommandModule<Flags, SetFlags> {
  return {
    command: 'set <name>',
    describe: 'Change an account: its role, its quota, how long its mail is kept',
    builder: (yargs) =>
      yargs
        .positional('name', { type: 'string', demandOption: true, describe: 'The account' })
        .option('role', {
          choices: ['member', 'postmaster'] as const,
          requiresArg: true,
          describe: 'Mail for postmaster and abuse reaches those of that role',
        })
        .option('quota', {
          type: 'string',
          requiresArg: true,
          describe:
            'How much its mailbox may hold: "500 MiB", 0 for no bound, default for what the settings say',
        })
        .option('retention', {
          type: 'string',
          requiresArg: true,
          describe: 'Days after which its messages are removed, never, or default for what the settings say',
        }),
    handler: (flags) =>
      withHouse(flags, io, async ({ accounts }) => {
        const changes = readChanges(flags)
        const { name } = await accounts.get(flags.name)
        await accounts.change(name, changes)
        for (const line of told(changes)) print(io, `${name}: ${line}`)
      }),
  }
}

/** @throws GatewayError `usage.wrong` */
function readChanges({ role, quota, retention }: SetFlags): AccountChanges {
  if (role === undefined && quota === undefined && retention === undefined)
    throw new GatewayError('usage.wrong', 'say what to change: --role, --quota or --retention')
  return {
    ...(role !== undefined && { role }),
    ...(quota !== undefined && { quotaOctets: readQuota(quota) }),
    ...(retention !== undefined && { retentionDays: readRetention(retention) }),
  }
}

function readQuota(text: string): number | undefined {
  if (isDefault(text)) return undefined
  const read = QUOTA.schema.safeParse(text)
  if (read.success) return read.data
  throw new GatewayError(
    'usage.wrong',
    `--quota is ${JSON.stringify(text)}; expected "default", or ${QUOTA.expected}`,
  )
}

function readRetention(text: string): number | undefined {
  if (isDefault(text)) return undefined
  if (text.trim().toLowerCase() === 'never') return 0
  const days = /^[1-9]\d{0,4}$/.test(text) ? Number(text) : Infinity
  if (days <= MOST_DAYS) return days
  throw new GatewayError(
    'usage.wrong',
    `--retention is ${JSON.stringify(text)}; expected "default", "never", or days from 1 to ${MOST_DAYS}`,
  )
}

function isDefault(text: string): boolean {
  return text.trim().toLowerCase() === 'default'
}

function told(changes: AccountChanges): readonly string[] {
  const { role, quotaOctets, retentionDays } = changes
  return [
    ...('role' in changes ? [`role ${role}`] : []),
    ...('quotaOctets' in changes
      ? [`quota ${quotaOctets === undefined ? 'as the settings say' : `${quotaOctets} octets`}`]
      : []),
    ...('retentionDays' in changes ? [`mail is kept ${retentionWords(retentionDays)}`] : []),
  ]
}

/** How long mail is kept, in words. */
export function retentionWords(days: number | undefined): string {
  if (days === undefined) return 'as the settings say'
  return days === 0 ? 'for ever' : `${days} days`
}
