/** Somebody holds the write lock of the directory for seconds, as a slow tool may: mail is not held up by it. */

import { DatabaseSync } from '@photostructure/sqlite'
import { expect } from 'chai'
import { join } from 'node:path'

import { messagesIn, PASSWORD, startRelais, type Relais } from './support/relais.ts'
import { openWire } from './support/wire.ts'

/** As long as the lock is held: long enough for a statement that waits in the driver to be seen. */
const HELD_MS = 3000
/** What one delivery may take beside it. */
const LONGEST_MS = 100

describe('while another process holds the write lock of the directory', () => {
  let relais: Relais
  before(async () => {
    relais = await startRelais()
    await relais.addAccounts('alice')
  })
  after(() => relais.close())

  it('deliveries and sign-ins go on, and a change waits its turn', async function () {
    this.timeout(30_000)
    const wire = await openWire(relais.smtpPort)
    await wire.reply()
    await wire.smtp('EHLO client')
    const other = new DatabaseSync(join(relais.root, 'config/directory.sqlite'))
    other.exec('BEGIN IMMEDIATE')
    const change = relais.cli(['account', 'set', 'alice', '--quota', '0'])

    const tookMs: number[] = []
    for (const end = performance.now() + HELD_MS; performance.now() < end;) {
      const start = performance.now()
      await wire.smtp('MAIL FROM:<dave@example.org>')
      await wire.smtp('RCPT TO:<alice@glo2000.ca>')
      await wire.smtp('DATA')
      expect(await wire.smtp('Subject: x\r\n\r\n.')).to.match(/^250 /)
      tookMs.push(performance.now() - start)
    }
    const pop3 = await openWire(relais.pop3Port)
    await pop3.line()
    await pop3.pop3('USER alice')
    expect(await pop3.pop3(`PASS ${PASSWORD}`)).to.match(/^\+OK/)
    pop3.hangUp()

    other.exec('ROLLBACK')
    other.close()
    expect((await change).status).to.equal(0)
    wire.hangUp()
    expect(messagesIn(join(relais.root, 'maildir/alice'))).to.have.length(tookMs.length)
    const sorted = tookMs.toSorted((one, another) => one - another)
    expect(sorted[Math.floor(sorted.length * 0.99)]).to.be.below(LONGEST_MS)
  })
})
