/** A mailbox holds what its quota allows, and has room again once its owner fetched. */
import { expect } from 'chai'
import { letter } from './support/letters.ts'
import { type Relais, startRelais } from './support/relais.ts'
import { sendMessage, signIn } from './support/wire.ts'

describe('the quota', () => {
  let relais: Relais

  before(async () => {
    relais = await startRelais({ env: { RELAIS_QUOTA_OCTETS: '1500' } })
    await relais.addAccounts('alice', 'bob')
  })

  after(() => relais.close())

  const send = (to: readonly string[], bytes: Buffer) =>
    sendMessage(relais.smtpPort, { to: to.map((name) => `${name}@glo2000.ca`), bytes })

  it('of the settings holds for an account without one of its own', async () => {
    const bytes = Buffer.concat([letter('large'), Buffer.from(`${'x'.repeat(700)}\r\n`)])
    expect((await send(['alice'], bytes)).data).to.match(/^250 2\.0\.0 /)
    expect((await send(['alice'], bytes)).data).to.match(/^452 4\.2\.2 /)
  })

  it('of its own is set while the server runs, and taken back', async () => {
    const set = (quota: string) => relais.cli(['account', 'set', 'bob', '--quota', quota])
    expect((await set('10')).status).to.equal(0)
    expect((await send(['bob'], letter('too much'))).data).to.match(/^452 4\.2\.2 /)
    expect((await set('default')).status).to.equal(0)
    expect((await send(['bob'], letter('enough'))).data).to.match(/^250 /)
  })

  it('that is used up is told at RCPT, and there is room again after the owner deleted', async () => {
    expect((await relais.cli(['account', 'set', 'bob', '--quota', '1'])).status).to.equal(0)
    const { rcpt } = await send(['bob', 'alice'], letter('for alice alone'))
    expect(rcpt.map((reply) => reply.slice(0, 9))).to.deep.equal(['452 4.2.2', '250 2.1.5'])

    const pop3 = await signIn(relais.pop3Port, 'alice')
    expect(await pop3.pop3('DELE 1')).to.match(/^\+OK/)
    expect(await pop3.pop3('QUIT')).to.match(/^\+OK/)
    pop3.hangUp()
    const bytes = Buffer.concat([letter('fits again'), Buffer.from(`${'y'.repeat(400)}\r\n`)])
    expect((await send(['alice'], bytes)).data).to.match(/^250 /)
  })

  it('is refused when it is none, and for an account that is not there', async () => {
    expect((await relais.cli(['account', 'set', 'bob', '--quota', 'much'])).status).to.equal(64)
    expect((await relais.cli(['account', 'set', 'dave', '--quota', '1'])).status).to.equal(67)
  })
})
