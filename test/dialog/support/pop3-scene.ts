/**
 * A POP3 server over maildrops in memory, as a dialogue's `given` lines want it.
 * `kept: NAME NUMBER...` names all messages that an account has in the end.
 */

import { expect } from 'chai'
import type { FailureCode } from '../../../src/base/errors.ts'
import { silentLog } from '../../../src/base/log.ts'
import type { Expiry } from '../../../src/pop3/session.ts'
import type { Pop3Limits } from '../../../src/pop3/limits.ts'
import { openPop3Server } from '../../../src/pop3/server.ts'
import type { Dialog } from './dialog.ts'
import { mechanisms } from './pop3-mechanisms.ts'
import { TEST_TLS } from './pop3-tls.ts'
import { createFakeBackend, type FakeBackend, type Faults } from './fake-backend.ts'
import { MAILDROPS } from './maildrops.ts'
import type { Scene } from './play.ts'

/** What a `given:` line sets up. */
interface Given {
  readonly faults: Faults
  readonly limits: Partial<Pop3Limits>
  readonly clearPasswords: boolean
  readonly sasl: boolean
  readonly policy: { readonly expiry?: () => Expiry; readonly loginDelaySeconds?: number }
  readonly account: { readonly expireDays?: number }
  readonly tls: 'none' | 'stls' | 'implicit'
  readonly held: readonly string[]
}

const USUAL: Given = {
  faults: {},
  limits: {},
  clearPasswords: true,
  sasl: false,
  policy: {},
  account: {},
  tls: 'none',
  held: [],
}

export async function openPop3Scene(dialog: Dialog, atHand = false): Promise<Scene> {
  const given = dialog.given.reduce(withLine, USUAL)
  const backend = createFakeBackend(MAILDROPS, {
    chunkOctets: 5,
    atHand,
    faults: given.faults,
    ...given.account,
  })
  for (const name of given.held) accountOf(backend, name).held = true
  const server = await openPop3Server({
    backend,
    log: silentLog,
    host: '127.0.0.1',
    port: 0,
    limits: given.limits,
    ...(given.tls === 'none' ? {} : { tls: TEST_TLS, implicitTls: given.tls === 'implicit' }),
    clearPasswords: () => given.clearPasswords,
    ...given.policy,
    ...(given.sasl ? { mechanisms } : {}),
    implementation: 'Relais-1.2.3',
    domain: 'glo2000.ca',
  })
  return {
    address: server.address,
    implicitTls: given.tls === 'implicit',
    greeting: /^\+OK [^<>]+$/,
    close: () => server.close(0),
    check() {
      for (const [name, account] of backend.accounts)
        expect(account.held, `${name}'s maildrop is free`).to.equal(given.held.includes(name))
      for (const { text } of dialog.stored) {
        const [name = '', ...numbers] = text.split(' ')
        const kept = accountOf(backend, name).messages.map(({ number }) => number)
        expect(kept).to.deep.equal(numbers.map(Number))
      }
      expect(backend.openMessages).to.equal(0)
    },
  }
}

function withLine(given: Given, line: string): Given {
  const [what = '', ...rest] = line.split(' ')
  const numbers = rest.map(Number)
  switch (what) {
    case 'no-clear-passwords':
      return { ...given, clearPasswords: false }
    case 'expire': {
      const expiry = { days: rest[0] === 'NEVER' ? undefined : numbers[0], differs: rest[1] === 'USER' }
      return { ...given, policy: { ...given.policy, expiry: () => expiry } }
    }
    case 'account-expires':
      return { ...given, account: { expireDays: numbers[0] ?? 0 } }
    case 'login-delay':
      return { ...given, policy: { ...given.policy, loginDelaySeconds: numbers[0] ?? 0 } }
    case 'sasl':
      return { ...given, sasl: true }
    case 'stls':
    case 'implicit':
      return { ...given, tls: what }
    case 'held':
      return { ...given, held: rest }
    case 'gone':
    case 'stuck':
    case 'unreadable':
      return { ...given, faults: { ...given.faults, [what]: numbers } }
    case 'storeDown':
    case 'signInBug':
    case 'busy':
    case 'closeFails':
      return { ...given, faults: { ...given.faults, [what]: true } }
    case 'signIn':
      return { ...given, faults: { ...given.faults, signIn: refusal(rest[0]) } }
    case 'wrongCommands':
    case 'failedSignIns':
      return { ...given, limits: { ...given.limits, [what]: numbers[0] ?? 0 } }
    default:
      throw new Error(`given: ${line}?`)
  }
}

function refusal(code: string | undefined): FailureCode {
  const found = REFUSALS.find((refused) => refused === code)
  if (found === undefined) throw new Error(`${code} is no refusal of a sign-in`)
  return found
}

const REFUSALS = [
  'sign-in.busy',
  'sign-in.limited',
  'sign-in.locked',
  'sign-in.refused-last',
  'sign-in.too-soon',
] as const

function accountOf(backend: FakeBackend, name: string) {
  const account = backend.accounts.get(name)
  if (account === undefined) throw new Error(`nobody is called ${name}`)
  return account
}
