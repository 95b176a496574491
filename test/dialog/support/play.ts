/** Plays a dialogue against a real POP3 server, in three ways that must give the same. */

import { expect } from 'chai'
import { silentLog } from '../../../src/base/log.ts'
import type { Pop3Limits } from '../../../src/pop3/limits.ts'
import { openPop3Server } from '../../../src/pop3/server.ts'
import { connectClient, type TestClient } from './client.ts'
import type { Dialog, Turn } from './dialog.ts'
import { createFakeBackend, type FakeBackend, type Faults } from './fake-backend.ts'
import { MAILDROPS } from './maildrops.ts'

/** How the client's octets reach the server. */
export type Manner = 'turn by turn' | 'octet by octet' | 'all at once'

/** What a `given:` line sets up. */
interface Given {
  readonly faults: Faults
  readonly limits: Partial<Pop3Limits>
  readonly clearPasswords: boolean
  readonly held: readonly string[]
}

export async function play(dialog: Dialog, manner: Manner): Promise<void> {
  const given = dialog.given.reduce(withLine, { faults: {}, limits: {}, clearPasswords: true, held: [] })
  const backend = createFakeBackend(MAILDROPS, { chunkOctets: 5, faults: given.faults })
  for (const name of given.held) accountOf(backend, name).held = true
  const server = await openPop3Server({
    backend,
    log: silentLog,
    host: '127.0.0.1',
    port: 0,
    limits: given.limits,
    clearPasswords: () => given.clearPasswords,
    implementation: 'Relais-1.2.3',
    domain: 'glo2000.ca',
  })
  try {
    const client = await connectClient(server.address)
    expect(await client.line()).to.match(/^\+OK [^<>]+$/)
    await (manner === 'turn by turn' ? converse(client, dialog) : recite(client, dialog, manner))
    client.socket.destroy()
  } finally {
    await server.close(0)
  }
  for (const [name, account] of backend.accounts)
    expect(account.held, `${name}'s maildrop is free`).to.equal(given.held.includes(name))
  for (const [name, numbers] of dialog.kept)
    expect(accountOf(backend, name).messages.map(({ number }) => number)).to.deep.equal(numbers)
  expect(backend.openMessages).to.equal(0)
}

function withLine(given: Given, line: string): Given {
  const [what = '', ...rest] = line.split(' ')
  const numbers = rest.map(Number)
  switch (what) {
    case 'no-clear-passwords':
      return { ...given, clearPasswords: false }
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
    case 'wrongCommands':
    case 'failedSignIns':
      return { ...given, limits: { ...given.limits, [what]: numbers[0] ?? 0 } }
    default:
      throw new Error(`given: ${line}?`)
  }
}

/** Each side waits for the other. */
async function converse(client: TestClient, { turns }: Dialog): Promise<void> {
  for (const turn of turns) {
    if (turn.who === 'client') client.send(turn.octets)
    if (turn.who === 'client-ends') client.socket.end()
    if (turn.who === 'server') expectLine(await client.line(), turn)
  }
  await theEnd(client, turns)
}

/** The client says all it has to say without listening. */
async function recite(client: TestClient, { turns }: Dialog, manner: Manner): Promise<void> {
  const said = turns.map((turn) => (turn.who === 'client' ? turn.octets : '')).join('')
  if (manner === 'all at once') client.send(said)
  else
    for (const octet of said) {
      client.send(octet)
      await new Promise((resolve) => setImmediate(resolve))
    }
  if (turns.some(({ who }) => who === 'client-ends')) client.socket.end()
  for (const turn of turns) if (turn.who === 'server') expectLine(await client.line(), turn)
  await theEnd(client, turns)
}

/** Nothing comes that the script does not hold. */
async function theEnd(client: TestClient, turns: readonly Turn[]): Promise<void> {
  if (!turns.some(({ who }) => who === 'server-ends')) client.socket.end()
  expect(await client.rest()).to.equal('')
}

function expectLine(line: string | undefined, turn: Extract<Turn, { who: 'server' }>): void {
  if (turn.open) expect(line?.slice(0, turn.line.length)).to.equal(turn.line)
  else expect(line).to.equal(turn.line)
}

function accountOf(backend: FakeBackend, name: string) {
  const account = backend.accounts.get(name)
  if (account === undefined) throw new Error(`nobody is called ${name}`)
  return account
}
