/** What reached nobody, and what the postmaster does with it while the server runs. */

import { expect } from 'chai'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { letter } from './support/letters.ts'
import { type Relais, messagesIn, startRelais } from './support/relais.ts'
import { expectUnderTrace } from './support/trace.ts'
import { openWire, retrieveAll, sendMessage } from './support/wire.ts'

const ENV = { RELAIS_LOST_ADDRESS_MESSAGES_PER_DAY: '3' }

describe('lost mail', () => {
  let relais: Relais

  before(async () => {
    relais = await startRelais({ env: ENV })
    await relais.addAccounts('alise')
  })

  after(() => relais.close())

  const send = (to: string, bytes: Buffer) =>
    sendMessage(relais.smtpPort, { to: [`${to}@glo2000.ca`], bytes })
  const lostIn = (): readonly Buffer[] => messagesIn(join(relais.root, 'lost'))

  /** What RCPT alone is answered. */
  async function rcpt(name: string): Promise<string> {
    const wire = await openWire(relais.smtpPort)
    await wire.line()
    await wire.smtp('EHLO mail.example.org')
    await wire.smtp('MAIL FROM:<bob@example.org>')
    const reply = await wire.smtp(`RCPT TO:<${name}@glo2000.ca>`)
    wire.hangUp()
    return reply
  }

  async function entries(...argv: readonly string[]): Promise<readonly object[]> {
    const { stdout } = await relais.cli(['lost', 'list', '--json', ...argv])
    const parsed: unknown = JSON.parse(stdout.toString())
    return Array.isArray(parsed) ? parsed.map(Object) : []
  }

  it('is listed by the id that its sender was told, with the name that was meant', async () => {
    const { data } = await send('alice', letter('astray'))
    const [, id = ''] = /the postmaster has the message as (\S+)/.exec(data) ?? []
    const [entry] = await entries()
    expect(entry).to.include({
      id,
      reason: 'unknown-recipient',
      reversePath: 'bob@example.org',
      answered: 550,
    })
    const { stdout } = await relais.cli(['lost', 'show', id])
    expect(stdout.toString()).to.contain('to alice@glo2000.ca; did you mean alise@glo2000.ca?')
    expect(stdout.toString()).to.contain('\nSubject: astray\n')
  })

  it('comes out of RETR as if it had never been lost, once it is redelivered', async () => {
    const { status, stderr } = await relais.cli([
      'lost',
      'redeliver',
      '--recipient',
      'alice',
      '--to',
      'alise',
    ])
    expect(status, stderr).to.equal(0)
    expect(lostIn()).to.deep.equal([])
    expectUnderTrace((await retrieveAll(relais.pop3Port, 'alise')).at(-1), letter('astray'))
  })

  it('from one client fills no more than a day’s bound, also after a restart', async () => {
    for (const subject of ['two', 'three']) await send('xeno', letter(subject))
    expect((await send('alise', letter('known'))).data).to.match(/^250 /)
    expect(await rcpt('xeno')).to.match(/^550 5\.1\.1 there is no mailbox xeno/)
    expect(await rcpt('alise')).to.match(/^250 2\.1\.5 /)
    const { root } = relais
    expect(await relais.stop()).to.equal(0)
    relais = await startRelais({ root, env: ENV })
    // Two lie there of the three: one was redelivered.
    expect(await rcpt('xeno')).to.match(/^250 2\.1\.0 /)
    await send('xeno', letter('four'))
    expect((await send('xeno', letter('five'))).rcpt[0]).to.match(/^550 /)
    expect(lostIn()).to.have.length(3)
  })

  it('is thrown away only by name or with --yes, and the trail says so', async () => {
    expect((await relais.cli(['lost', 'discard', '--reason', 'unknown-recipient'])).status).to.equal(64)
    expect(lostIn()).to.have.length(3)
    expect((await relais.cli(['lost', 'discard', '--since', '1h', '--yes'])).status).to.equal(0)
    expect(lostIn()).to.deep.equal([])
    const folder = join(relais.root, 'config/trail')
    const lines = readdirSync(folder).flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'))
    expect(lines.filter((line) => line.includes('"event":"discarded"'))).to.have.length(3)
    expect(lines.filter((line) => line.includes('"event":"redelivered"'))).to.have.length(1)
  })
})
