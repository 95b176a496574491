/**
 * The corpus out through the clients that people use, in clear, with STLS and over TLS. What a client then holds is
 * what a bare socket reads, trace headers included, but for what the client itself changes (`support/fetchers.ts`).
 */

import { expect } from 'chai'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

import { corpus } from '../corpus/corpus.ts'
import { FETCHERS, type Transport } from './support/fetchers.ts'
import { type Relais, newRoot, startRelais } from './support/relais.ts'
import { requirePrograms } from './support/run.ts'
import { expectAllUnderTrace } from './support/trace.ts'
import { retrieveAll, sendMessage } from './support/wire.ts'

const OVER = { clear: 'in clear', stls: 'with STLS', tls: 'over TLS' } as const satisfies Record<
  Transport,
  string
>

describe('the corpus, out through', () => {
  const messages = corpus()
  const folder = newRoot()
  let relais: Relais
  let stored: readonly Buffer[]

  before(async () => {
    relais = await startRelais()
    await relais.addAccounts('alice')
    for (const { afterSmtp } of messages)
      await sendMessage(relais.smtpPort, { to: ['alice@glo2000.ca'], bytes: afterSmtp })
    stored = await retrieveAll(relais.pop3Port)
    expectAllUnderTrace(stored, messages)
  })

  after(async () => {
    await relais?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  for (const { name, programs, transports, changes, fetch } of FETCHERS)
    for (const transport of transports)
      it(`${name} ${OVER[transport]}, octet for octet`, async function () {
        requirePrograms(this, ...programs)
        const own = join(folder, `${name.replaceAll(' ', '-')}-${transport}`)
        mkdirSync(own)
        const received = await fetch({
          port: transport === 'tls' ? relais.pop3sPort : relais.pop3Port,
          transport,
          certificate: relais.certificate,
          messages: messages.length,
          folder: own,
        })
        expectStored(received, changes)
        rmSync(own, { recursive: true })
      })

  function expectStored(received: readonly Buffer[], changed: ReadonlySet<string>): void {
    expect(received).to.have.length(stored.length)
    const there = new Set(received.map((octets) => octets.toString('latin1')))
    const missing = messages.filter((_, index) => !there.has(stored[index]?.toString('latin1') ?? ''))
    expect(missing.map(({ name }) => name).filter((name) => !changed.has(name))).to.deep.equal([])
  }
})
