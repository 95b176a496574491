/** A POP3 server on a free port over maildrops in memory, closed when the test ends. */

import { type Log, silentLog } from '../../../src/base/log.ts'
import type { Pop3Limits } from '../../../src/pop3/limits.ts'
import { openPop3Server, type Pop3Server } from '../../../src/pop3/server.ts'
import { connectClient, type TestClient } from './client.ts'
import { createFakeBackend, type FakeBackend, type FakeBackendOptions } from './fake-backend.ts'
import { MAILDROPS } from './maildrops.ts'
import { mechanisms } from './pop3-mechanisms.ts'
import { TEST_TLS } from './pop3-tls.ts'

export interface Stage {
  readonly backend: FakeBackend
  readonly server: Pop3Server
  /** Connects and reads the greeting. */
  readonly connect: () => Promise<TestClient>
  /** Connects and signs in as alice. */
  readonly signIn: () => Promise<TestClient>
}

export interface StageOptions extends FakeBackendOptions {
  readonly limits?: Partial<Pop3Limits>
  readonly log?: Log
  /** None in clear alone. */
  readonly tls?: 'stls' | 'implicit'
  /** Alice's messages instead of the usual ones. */
  readonly messages?: readonly string[]
}

export async function withServer(
  options: StageOptions,
  test: (stage: Stage) => Promise<void>,
): Promise<void> {
  const alice = { password: 'wonder land', messages: options.messages ?? MAILDROPS.alice.messages }
  const backend = createFakeBackend({ ...MAILDROPS, alice }, options)
  const server = await openPop3Server({
    backend,
    log: options.log ?? silentLog,
    host: '127.0.0.1',
    port: 0,
    limits: options.limits ?? {},
    ...(options.tls === undefined ? {} : { tls: TEST_TLS, implicitTls: options.tls === 'implicit' }),
    clearPasswords: () => true,
    mechanisms,
    implementation: 'Relais-1.2.3',
    domain: 'glo2000.ca',
  })

  async function connect(): Promise<TestClient> {
    const client = await connectClient(server.address)
    if (options.tls === 'implicit') await client.startTls()
    await client.line()
    return client
  }

  async function signIn(): Promise<TestClient> {
    const client = await connect()
    client.send('USER alice\r\nPASS wonder land\r\n')
    await client.line()
    await client.line()
    return client
  }

  try {
    await test({ backend, server, connect, signIn })
  } finally {
    await server.close(0)
  }
}

/** A promise and its resolution, for what a test lets happen when it wants. */
export function gate(): { readonly passed: Promise<void>; readonly open: () => void } {
  let open = (): void => {}
  const passed = new Promise<void>((resolve) => {
    open = resolve
  })
  return { passed, open: () => open() }
}

/** Lets everything that is ready happen, `times` over; not a wait for time to pass. */
export async function turns(times: number): Promise<void> {
  for (let turn = 0; turn < times; turn++) await new Promise((resolve) => setImmediate(resolve))
}
