/**
 * The package's door: Relais inside another program, as a developer wants it in a test suite.
 * It touches nothing of that program: no signal, no output, no environment variable, no configuration file.
 */
import { settingsGiven, type GivenSettings } from './config/given.js'
import { pathsBelow } from './config/paths.js'
import { invalid } from './config/source.js'
import { openGateway, type Gateway } from './gateway/gateway.js'
import { openServedHouse, type House } from './gateway/house.js'
import type { Protocol } from './gateway/listeners.js'
import { createMemoryHouse } from './gateway/memory-house.js'
import { readMailbox } from './gateway/read-mailbox.js'

export interface RelaisOptions {
  /** Everything is kept below this folder, as `relais serve` keeps it, and stays. Absent: in memory. */
  readonly root?: string | undefined
  /** The mail domain; accounts are NAME@DOMAIN. Absent: `glo2000.ca`. */
  readonly domain?: string | undefined
  /** Added before anything listens. */
  readonly accounts?: readonly NewAccount[] | undefined
  /** By key of `config/relais.toml`, such as `{ 'lost.reply': 'accept', 'max_message_octets': '1 MiB' }`. */
  readonly settings?: Omit<GivenSettings, 'domain'> | undefined
}

export interface NewAccount {
  /** Letters, digits and `. _ -`. */
  readonly name: string
  /** At least 10 characters with an upper-case letter, a lower-case letter and a digit. */
  readonly password: string
}

export interface RunningRelais {
  readonly domain: string
  readonly smtp: ListenAddress
  readonly pop3: ListenAddress
  /** Changes hold at once. Failures have a `code`: `account.exists`, `account.unknown`, `account.password-refused`. */
  readonly accounts: {
    add(name: string, password: string): Promise<void>
    setPassword(name: string, password: string): Promise<void>
    /** Its mail goes with it. */
    remove(name: string): Promise<void>
  }
  /** Every message in an account's mailbox, oldest first, with its trace headers; holds up no client. */
  messages(name: string): Promise<readonly Buffer[]>
  /** Every message that reached nobody, oldest first, with the reason on top. */
  lost(): Promise<readonly Buffer[]>
  /** Ends every listener and connection at once and lets go of everything; what was in memory is gone. */
  close(): Promise<void>
}

export interface ListenAddress {
  readonly host: string
  readonly port: number
}

/** Free ports for what a test talks to, none for the rest, and passwords that cost a test little. */
const FOR_TESTS = {
  listen: '127.0.0.1',
  'smtp.port': 0,
  'pop3.port': 0,
  'submission.port': 'off',
  'submissions.port': 'off',
  'pop3s.port': 'off',
  'http.port': 'off',
  'passwords.iterations': 10_000,
} as const satisfies GivenSettings

/**
 * Starts SMTP and POP3 on free ports of loopback; resolves when mail can be handed in and fetched.
 * Several may run in one process; they share nothing.
 *
 * @throws an error with a `code`, and nothing is left open: `config.invalid`, `account.name-refused`,
 * `account.password-refused`, `account.exists`, `listen.refused`, `store.cannot-create`
 */
export async function startRelais(options: RelaisOptions = {}): Promise<RunningRelais> {
  const { root, domain, accounts = [], settings: given } = options
  const settings = settingsGiven({ ...FOR_TESTS, ...given, domain }, 'startRelais')
  if (settings.smtp.port === 'off' || settings.pop3.port === 'off')
    throw invalid('startRelais', 'smtp.port or pop3.port is "off"; expected a port, or 0 for a free one')
  const house =
    root === undefined ? createMemoryHouse(settings) : await openServedHouse(pathsBelow(root), settings)
  try {
    for (const { name, password } of accounts) await house.accounts.add(name, password)
  } catch (error) {
    await house.close()
    throw error
  }
  return running(settings.domain, house, await openGateway(settings, house))
}

function running(domain: string, { accounts, mailboxes }: House, gateway: Gateway): RunningRelais {
  let closed: Promise<void> | undefined
  return {
    domain,
    smtp: addressOf(gateway, 'SMTP'),
    pop3: addressOf(gateway, 'POP3'),
    accounts: {
      async add(name, password) {
        await accounts.add(name, password)
      },
      setPassword: (name, password) => accounts.setPassword(name, password),
      async remove(name) {
        await accounts.remove(name, 'delete')
      },
    },
    async messages(name) {
      const { key } = await accounts.get(name)
      return readMailbox(mailboxes, { kind: 'account', key })
    },
    lost: () => readMailbox(mailboxes, { kind: 'lost' }),
    close: () => (closed ??= gateway.close(0)),
  }
}

/** Where the first listener of a protocol is. */
function addressOf({ listeners }: Gateway, wanted: Protocol): ListenAddress {
  const listener = listeners.find(({ protocol }) => protocol === wanted)
  if (listener === undefined) throw new Error(`nothing listens for ${wanted}`)
  return listener.address
}
