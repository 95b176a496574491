/** Whom mail is accepted for, what becomes of the rest, and what the sender learns of it. */

import { expect } from 'chai'
import { join } from 'node:path'

import { letter } from './support/letters.ts'
import { type Relais, messagesIn, startRelais } from './support/relais.ts'
import { openWire, retrieveAll, sendMessage } from './support/wire.ts'

const ALICE = 'alice@glo2000.ca'
const NOBODY = 'nobody@glo2000.ca'

describe('recipients', () => {
  let relais: Relais

  before(async () => {
    relais = await startRelais()
    await relais.addAccounts('alice', 'bob')
  })

  after(() => relais.close())

  /** In how many copies a letter lies in `maildir/NAME` or `lost`. */
  const copies = (folder: string, bytes: Buffer): number =>
    messagesIn(join(relais.root, folder)).filter((kept) => kept.subarray(-bytes.length).equals(bytes)).length

  it('one message for two accounts is in both', async () => {
    const bytes = letter('for two')
    await sendMessage(relais.smtpPort, { to: [ALICE, 'bob@glo2000.ca'], bytes })
    for (const name of ['alice', 'bob'])
      expect((await retrieveAll(relais.pop3Port, name)).at(-1)?.toString()).to.include(bytes.toString())
    expect(copies('lost', bytes)).to.equal(0)
  })

  it('an account is found however its address is written', async () => {
    const bytes = letter('loud')
    await sendMessage(relais.smtpPort, { to: ['ALICE@Glo2000.CA'], bytes })
    expect(copies('maildir/alice', bytes)).to.equal(1)
  })

  it('the same account named twice gets one copy', async () => {
    const bytes = letter('twice')
    await sendMessage(relais.smtpPort, { to: [ALICE, 'Alice@glo2000.ca'], bytes })
    expect(copies('maildir/alice', bytes)).to.equal(1)
  })

  it('an unknown one alone is answered 550 5.1.1 after DATA, and the message is in lost/', async () => {
    const bytes = letter('for nobody')
    const { rcpt, data } = await sendMessage(relais.smtpPort, { to: [NOBODY], bytes })
    expect(rcpt[0]).to.match(/^250 /)
    expect(data).to.match(/^550 5\.1\.1 /)
    expect(copies('lost', bytes)).to.equal(1)
  })

  it('an unknown one before a known one is named in the 250 after DATA, and a copy is in lost/', async () => {
    const bytes = letter('for nobody and alice')
    const { rcpt, data } = await sendMessage(relais.smtpPort, { to: [NOBODY, ALICE], bytes })
    expect(rcpt[0]).to.match(/^250 /)
    expect(rcpt[1]).to.match(/^250 /)
    expect(data).to.match(/^250[ -]/)
    expect(data).to.include('nobody')
    expect(copies('maildir/alice', bytes)).to.equal(1)
    expect(copies('lost', bytes)).to.equal(1)
  })

  it('an unknown one after a known one is refused at RCPT, and a copy is in lost/', async () => {
    const bytes = letter('for alice and nobody')
    const { rcpt, data } = await sendMessage(relais.smtpPort, { to: [ALICE, NOBODY], bytes })
    expect(rcpt[0]).to.match(/^250 /)
    expect(rcpt[1]).to.match(/^550 5\.1\.1 /)
    expect(data).to.match(/^250 /)
    expect(copies('maildir/alice', bytes)).to.equal(1)
    expect(copies('lost', bytes)).to.equal(1)
  })

  it('one of another domain is refused with 550 5.7.1, and nothing is kept', async () => {
    const bytes = letter('far')
    const { rcpt, data } = await sendMessage(relais.smtpPort, { to: ['dave@example.org'], bytes })
    expect(rcpt[0]).to.match(/^550 5\.7\.1 /)
    expect(data).to.match(/^5/)
    expect(copies('lost', bytes)).to.equal(0)
  })

  for (const route of [
    'dave%example.org@glo2000.ca',
    '"dave@example.org"@glo2000.ca',
    '@glo2000.ca:dave@example.org',
  ])
    it(`a route through the house, ${route}, leads nowhere`, async () => {
      const { data } = await sendMessage(relais.smtpPort, { to: [route], bytes: letter('relayed') })
      expect(data).to.match(/^5/)
    })

  it('a stranger who claims to be a member is refused with 530 5.7.0', async () => {
    const wire = await openWire(relais.smtpPort)
    await wire.line()
    await wire.smtp('EHLO mail.example.org')
    expect(await wire.smtp('MAIL FROM:<bob@glo2000.ca>')).to.match(/^530 5\.7\.0 /)
    expect(await wire.smtp('MAIL FROM:<bob@example.org>')).to.match(/^250 /)
    wire.hangUp()
  })

  it('an account is known as soon as it is added, and unknown as soon as it is removed', async () => {
    const to = ['carol@glo2000.ca']
    await relais.addAccounts('carol')
    expect((await sendMessage(relais.smtpPort, { to, bytes: letter('welcome') })).data).to.match(/^250 /)
    const { status, stderr } = await relais.cli(['account', 'remove', 'carol', '--keep-mail'])
    expect(status, stderr).to.equal(0)
    expect((await sendMessage(relais.smtpPort, { to, bytes: letter('too late') })).data).to.match(
      /^550 5\.1\.1 /,
    )
  })
})
