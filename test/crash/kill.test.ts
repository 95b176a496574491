/** `kill -9` at random moments, again and again on one root: what was answered is there, once and whole. */

import { expect } from 'chai'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

import { REPOSITORY, type Relais, newRoot, startRelais } from '../e2e/support/relais.ts'
import { plainEnvironment } from '../e2e/support/run.ts'
import { signIn } from '../e2e/support/wire.ts'
import { type Client, readForever, sendForever } from './support/clients.ts'
import { createLedger } from './support/ledger.ts'
import { ACCOUNTS, createParcels } from './support/parcel.ts'
import { planOf } from './support/plan.ts'

/** One client sends more mail for nobody than lost/ takes from one in a day. */
const UNBOUNDED = { RELAIS_ADDRESS_LIMITS: 'off' }

describe('kill -9 at random moments', () => {
  const root = newRoot()
  const ledger = createLedger()
  let relais: Relais | undefined

  after(async () => {
    await relais?.close()
    rmSync(root, { recursive: true, force: true })
  })

  it('loses, doubles and tears nothing that was answered', async () => {
    const { rounds, draw } = planOf('kill -9', { short: 12, long: 200 })
    const newParcel = createParcels(draw)
    const told = { sent: 0, answered: 0, leftovers: 0 }
    relais = await startRelais({ root, env: UNBOUNDED })
    await relais.addAccounts(...ACCOUNTS)
    for (let round = 1; round <= rounds; round++) {
      await during(relais, round)
      if (draw.next() < 0.125) await killWhileStarting(draw.within(0, 500))
      const before = ledger.audit(root)
      relais = await startRelais({ root, env: UNBOUNDED })
      const { messages, leftovers } = ledger.audit(root)
      expect(messages, 'before and after the start').to.deep.equal(before.messages)
      told.leftovers = leftovers
      const name = draw.of(ACCOUNTS)
      expect(await countOf(relais, name), name).to.equal(messages.get(name))
      if (round % 20 === 0 || round === rounds) await empty(relais)
    }
    console.log(
      `      ${told.sent} messages sent, ${told.answered} answered, ${told.leftovers} leftovers in tmp/`,
    )
    expect(told.answered).to.be.greaterThan(rounds)

    /** Lets clients work until a drawn reply and a drawn moment after it, then kills the server. */
    async function during(server: Relais, round: number): Promise<void> {
      const stepsToGo = draw.within(1, 250)
      const delayMs = draw.next() * 10
      let steps = 0
      let due = (): void => undefined
      const moment = new Promise<void>((resolve) => (due = resolve))
      const step = (): void => void (++steps === stepsToGo && due())
      const client = (): Client => ({
        draw: draw.fork(),
        step,
        ledger: {
          ...ledger,
          sent: (parcel) => (told.sent++, ledger.sent(parcel)),
          answered: (parcel) => (told.answered++, ledger.answered(parcel)),
        },
      })
      const sender = (_: unknown, number: number): Promise<void> => {
        const own = client()
        let count = 0
        return sendForever(server.smtpPort, own, () => newParcel(`${round}-${number}-${++count}`, own.draw))
      }
      const work = [
        ...Array.from({ length: draw.within(2, 6) }, sender),
        readForever(server.pop3Port, client(), 'dave'),
      ]
      const failed = Promise.all(work).then(() => undefined)
      await Promise.race([moment, failed])
      await new Promise((resolve) => setTimeout(resolve, delayMs))
      await server.kill()
      await failed
    }
  })

  /** Messages in a maildrop, as POP3 tells. */
  async function countOf({ pop3Port }: Relais, name: string): Promise<number> {
    const wire = await signIn(pop3Port, name)
    const stat = await wire.pop3('STAT')
    await wire.pop3('QUIT')
    wire.hangUp()
    return Number(stat.split(' ')[1])
  }

  /** Fetches and removes all mail, so that the root stays small; what comes out is what the disk held. */
  async function empty({ pop3Port }: Relais): Promise<void> {
    const { messages } = ledger.audit(root)
    for (const name of ACCOUNTS) {
      const wire = await signIn(pop3Port, name)
      const ids = new Set<string>()
      for (let number = 1; number <= (messages.get(name) ?? 0); number++) {
        expect(await wire.pop3(`RETR ${number}`)).to.match(/^\+OK/)
        ids.add(ledger.open(await wire.multiline()))
        expect(await wire.pop3(`DELE ${number}`)).to.match(/^\+OK/)
      }
      expect(ids.size, name).to.equal(messages.get(name))
      expect(await wire.pop3('QUIT')).to.match(/^\+OK/)
      wire.hangUp()
      for (const part of ['new', 'cur'])
        expect(readdirSync(join(root, 'maildir', name, part))).to.deep.equal([])
      ledger.forget(name)
    }
    for (const name of readdirSync(join(root, 'lost/new'))) rmSync(join(root, 'lost/new', name))
    ledger.forget('lost')
  }

  /** The start is a moment like any other. */
  async function killWhileStarting(afterMs: number): Promise<void> {
    const args = ['dist/main.js', 'serve', '--root', root, '--smtp-port', '0', '--pop3-port', '0']
    const child = spawn(process.execPath, args, {
      cwd: REPOSITORY,
      env: { ...plainEnvironment(), ...UNBOUNDED },
      stdio: 'ignore',
    })
    const closed = once(child, 'close')
    const timer = setTimeout(() => child.kill('SIGKILL'), afterMs)
    await closed
    clearTimeout(timer)
  }
})
