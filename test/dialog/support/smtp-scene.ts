/**
 * An SMTP server with the real delivery over mailboxes in memory, as a dialogue's `given` lines want it.
 * alice, bob and carol have accounts. A case says all that is stored in the end, by account and in order:
 *
 *     kept: NAME OCTETS                         a message behind its trace
 *     lost: REASON CODE <ADDRESS>... OCTETS     one in lost/ behind its block and its trace
 *     trace: LINE                               a line of the trace of everything stored
 */

import { expect } from 'chai'
import { GatewayError } from '../../../src/base/errors.ts'
import { silentLog } from '../../../src/base/log.ts'
import { createDelivery } from '../../../src/delivery/delivery.ts'
import { createLostFolder } from '../../../src/lost/lost-folder.ts'
import { openSmtpServer, type SmtpServerOptions } from '../../../src/smtp/smtp-server.ts'
import { DEFAULT_SMTP_LIMITS, type SmtpLimits } from '../../../src/smtp/traffic.ts'
import { type FakeStore, fakeStore, type StoreScript } from '../../unit/delivery/fake-store.ts'
import type { Dialog } from './dialog.ts'
import type { Scene } from './play.ts'
import { TEST_TLS } from './pop3-tls.ts'
import { createFakeAccounts } from './smtp-accounts.ts'

/** What a `given:` line sets up. */
interface Given {
  readonly store: StoreScript
  readonly lostReply: 'refuse' | 'accept'
  readonly diskFull: boolean
  readonly directoryDown: boolean
  readonly limits: Partial<SmtpLimits>
  readonly server: Partial<SmtpServerOptions>
}

const USUAL: Given = {
  store: {},
  lostReply: 'refuse',
  diskFull: false,
  directoryDown: false,
  limits: {},
  server: {},
}
const ACCOUNTS: ReadonlySet<string> = new Set(['alice', 'bob', 'carol'])

export async function openSmtpScene(dialog: Dialog): Promise<Scene> {
  const given = dialog.given.reduce(withLine, USUAL)
  const store = fakeStore(given.store)
  const delivery = createDelivery({
    domain: 'glo2000.ca',
    accounts: {
      async find(key) {
        if (given.directoryDown) throw new GatewayError('store.unavailable', 'the directory is away')
        return ACCOUNTS.has(key) ? [{ key, quotaOctets: 0 }] : []
      },
    },
    mailboxes: store.mailboxes,
    lost: createLostFolder(store.mailboxes),
    trail: { record: () => {}, close: async () => {} },
    reserve: {
      async check() {
        if (given.diskFull) throw new GatewayError('store.full', 'the disk is down to its reserve')
      },
    },
    lostReply: given.lostReply,
    clock: () => new Date('2026-11-21T03:04:05Z'),
  })
  const server = await openSmtpServer({
    host: '127.0.0.1',
    port: 0,
    domain: 'glo2000.ca',
    delivery,
    log: silentLog,
    maxMessageOctets: 1000,
    limits: given.limits,
    clock: () => new Date('2026-11-21T03:04:05Z'),
    newId: () => 'id1',
    ...given.server,
  })
  return {
    address: server.address,
    implicitTls: given.server.implicitTls === true,
    greeting: /^220 glo2000\.ca [EL]S?MTP /,
    close: () => server.close(1),
    check: () => expectStored(store, dialog),
  }
}

function withLine(given: Given, line: string): Given {
  const [what = '', value = ''] = line.split(' ')
  switch (what) {
    case 'lost.reply':
      return { ...given, lostReply: value === 'accept' ? 'accept' : 'refuse' }
    case 'disk-full':
      return { ...given, diskFull: true }
    case 'directory-down':
      return { ...given, directoryDown: true }
    case 'starttls':
      return withServer(given, { tls: TEST_TLS })
    case 'implicit-tls':
      return withServer(given, { tls: TEST_TLS, implicitTls: true })
    case 'auth':
      return withServer(given, { auth: createFakeAccounts() })
    case 'clear-passwords':
      return withServer(given, { auth: createFakeAccounts(), clearPasswords: () => true })
    case 'submission':
    case 'lmtp':
      return withServer(given, { service: what })
    case 'trusted':
      return withServer(given, { trusted: () => true })
    case 'from-allowed':
      return withServer(given, { fromAllowed: () => true })
    case 'normalise':
      return withServer(given, { bareLineEnds: 'normalise' })
    case 'no-address-limits':
      return withServer(given, { addressLimits: false })
    case 'big-messages':
      return withServer(given, { maxMessageOctets: 100_000 })
    default:
      if (what in DEFAULT_SMTP_LIMITS) return { ...given, limits: { ...given.limits, [what]: Number(value) } }
      return { ...given, store: { ...given.store, ...storeScript(line) } }
  }
}

function withServer(given: Given, server: Partial<SmtpServerOptions>): Given {
  return { ...given, server: { ...given.server, ...server } }
}

/** `accounts.write store.full`: that step fails so; `accounts.failing alice bob`: those mailboxes do. */
function storeScript(line: string): StoreScript {
  const [, kind = '', failing, step = '', code] =
    /^(accounts|lost)\.(?:failing (.+)|(begin|write|commit) (store\.full|store\.unavailable))$/.exec(line) ??
    []
  if (kind === '') throw new Error(`given: ${line}?`)
  if (failing !== undefined) return { [kind]: { failing: failing.split(' ') } }
  const failure = code === 'store.full' ? 'store.full' : 'store.unavailable'
  return { [kind]: { [step]: new GatewayError(failure, 'the script wants it') } }
}

function expectStored(store: FakeStore, { stored }: Dialog): void {
  const lines = stored.map(({ what, text }) => `${what}: ${text}`)
  const found = Object.entries(store.stored()).flatMap(([name, messages]) =>
    messages.map((message) => (name === 'lost' ? lostLine(message) : `kept: ${name} ${split(message).rest}`)),
  )
  const isTrace = (line: string): boolean => line.startsWith('trace: ')
  expect(found.toSorted()).to.deep.equal(lines.filter((line) => !isTrace(line)).toSorted())
  for (const message of Object.values(store.stored()).flat())
    expect(split(message).trace).to.include.members(lines.filter(isTrace).map((line) => line.slice(7)))
  expect(store.open(), 'messages neither committed nor aborted').to.equal(0)
}

function lostLine(message: string): string {
  const { trace, rest } = split(message)
  const values = (name: string): string =>
    trace.flatMap((line) => (line.startsWith(`${name}: `) ? [line.slice(name.length + 2)] : [])).join(' ')
  const [reason, answered, recipients] = ['Reason', 'Answered', 'Recipient'].map((name) =>
    values(`X-Relais-Lost-${name}`),
  )
  return `lost: ${reason} ${answered} ${recipients} ${rest}`
}

/** The lines up to the date of `Received`, which ends the trace, and the octets after it. */
function split(message: string): { readonly trace: readonly string[]; readonly rest: string } {
  const end = /\r\n\tSat, 21 Nov 2026 03:04:05 \+0000\r\n/.exec(message)
  if (end === null) throw new Error(`no trace: ${JSON.stringify(message)}`)
  const at = end.index + end[0].length
  return { trace: message.slice(0, at).split('\r\n'), rest: message.slice(at) }
}
