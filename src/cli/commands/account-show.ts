/** `relais account show NAME`. */
import type { CommandModule } from 'yargs'
import type { House } from '../../gateway/house.js'
import { print, type Io } from '../io.js'
import { withHouse, type Flags } from '../open.js'
import { retentionWords } from './account-set.js'

interface ShowFlags extends Flags {
  readonly name: string
  readonly json: boolean
}

export function accountShowCommand(io: Io): CommandModule<Flags, ShowFlags> {
  return {
    command: 'show <name>',
    describe: 'Show one account',
    builder: (yargs) =>
      yargs
        .positional('name', { type: 'string', demandOption: true, describe: 'The account' })
        .option('json', { type: 'boolean', default: false, describe: 'For scripts' }),
    handler: (flags) =>
      withHouse(flags, io, async (house, { domain }) => {
        const shown = await portrait(flags.name, domain, house)
        print(io, flags.json ? JSON.stringify(shown, null, 2) : inWords(shown))
      }),
  }
}

interface Portrait {
  readonly name: string
  readonly address: string
  readonly role: string
  readonly locked: boolean
  readonly createdAt: string
  readonly usedOctets: number
  /** null: as the settings say; 0: no bound. */
  readonly quotaOctets: number | null
  /** null: as the settings say; 0: for ever. */
  readonly retentionDays: number | null
  readonly roleAddresses: readonly string[]
}

/** @throws GatewayError `account.unknown`, `store.*` */
async function portrait(wanted: string, domain: string, { accounts, mailboxes }: House): Promise<Portrait> {
  const { key, name, role, locked, createdAt, quotaOctets, retentionDays } = await accounts.get(wanted)
  const aliases = (await accounts.aliases()).filter(({ members }) => members.includes(key))
  return {
    name,
    address: `${name}@${domain}`,
    role,
    locked,
    createdAt: createdAt.toISOString(),
    usedOctets: await mailboxes.usedOctets(key),
    quotaOctets: quotaOctets ?? null,
    retentionDays: retentionDays ?? null,
    roleAddresses: aliases.map((alias) => `${alias.name}@${domain}`),
  }
}

function inWords(shown: Portrait): string {
  const { quotaOctets, retentionDays, roleAddresses } = shown
  const lines = [
    ['address', shown.address],
    ['role', shown.role],
    ['sign-in', shown.locked ? 'locked' : 'allowed'],
    ['added', shown.createdAt],
    ['mailbox', `${shown.usedOctets} octets`],
    ['quota', quotaOctets === null ? 'as the settings say' : `${quotaOctets} octets`],
    ['mail kept', retentionWords(retentionDays ?? undefined)],
    ['also', roleAddresses.join(', ') || 'no role address'],
  ]
  return lines.map(([what = '', value = '']) => `${what.padEnd(10)}${value}`).join('\n')
}
