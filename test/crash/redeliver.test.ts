/** `kill -9` of `relais lost redeliver` at random moments: every message is in the mailbox or in `lost/`, whole. */

import { expect } from 'chai'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { join } from 'node:path'

import { letter } from '../e2e/support/letters.ts'
import { messagesIn, REPOSITORY, startRelais, type Relais } from '../e2e/support/relais.ts'
import { plainEnvironment } from '../e2e/support/run.ts'
import { sendMessage } from '../e2e/support/wire.ts'
import { planOf } from './support/plan.ts'

const MESSAGES = 60

describe('kill -9 while lost mail is redelivered', () => {
  let relais: Relais

  before(async () => {
    relais = await startRelais({ env: { RELAIS_ADDRESS_LIMITS: 'off' } })
  })

  after(() => relais.close())

  it('leaves each message at least once, and a double at most for each kill', async () => {
    const { rounds, draw } = planOf('redeliver', { short: 8, long: 100 })
    const letters = Array.from({ length: MESSAGES }, (_, at) => letter(`number ${at}`))
    for (const bytes of letters) await sendMessage(relais.smtpPort, { to: ['alice@glo2000.ca'], bytes })
    await relais.addAccounts('alice')
    const [mailbox, lost] = [join(relais.root, 'maildir/alice'), join(relais.root, 'lost')]
    for (let round = 1; round <= rounds; round += 1) {
      const kept = messagesIn(lost).length
      if (kept === 0) break
      await killAfter(draw.within(0, Math.min(kept, Math.ceil(MESSAGES / rounds) * 2)), draw.next() * 3)
      expectEach(letters, [...messagesIn(mailbox), ...messagesIn(lost)], round)
    }
    const { status, stderr } = await relais.cli(['lost', 'redeliver', '--recipient', 'alice'])
    expect(status, stderr).to.equal(0)
    expect(messagesIn(lost)).to.deep.equal([])
    expectEach(letters, messagesIn(mailbox), rounds)
  })

  /** Ends the command some time after it has told of so many messages. */
  async function killAfter(told: number, delayMs: number): Promise<void> {
    const args = ['dist/main.js', 'lost', 'redeliver', '--recipient', 'alice', '--root', relais.root]
    const child = spawn(process.execPath, args, {
      cwd: REPOSITORY,
      env: plainEnvironment(),
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const closed = once(child, 'close')
    let count = 0
    for await (const _ of createInterface({ input: child.stdout })) {
      count += 1
      if (count < told) continue
      // A moment inside the next message, which no output marks.
      setTimeout(() => child.kill('SIGKILL'), delayMs)
      break
    }
    child.stdout.resume()
    await closed
  }

  function expectEach(letters: readonly Buffer[], stored: readonly Buffer[], kills: number): void {
    for (const bytes of letters)
      expect(stored.some((octets) => octets.subarray(-bytes.length).equals(bytes))).to.equal(true)
    expect(stored.length).to.be.within(letters.length, letters.length + kills)
    for (const octets of stored)
      expect(letters.some((bytes) => octets.subarray(-bytes.length).equals(bytes))).to.equal(true)
  }
})
