/** The command line changes accounts while the server runs: what it says holds at once. */

import { expect } from 'chai'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

import { messagesIn, PASSWORD, startRelais, type Relais } from './support/relais.ts'
import { openWire, sendMessage, type Wire } from './support/wire.ts'

const NEW = 'Fortitude-1812'

describe('an account that is changed while the server runs', () => {
  let relais: Relais
  beforeEach(async () => {
    relais = await startRelais()
    await relais.addAccounts('alice', 'bob')
  })
  afterEach(() => relais.close())

  async function signedIn(name: string, password = PASSWORD): Promise<Wire> {
    const wire = await openWire(relais.pop3Port)
    await wire.line()
    await wire.pop3(`USER ${name}`)
    expect(await wire.pop3(`PASS ${password}`)).to.match(/^\+OK/)
    return wire
  }

  async function refused(name: string, password: string): Promise<string> {
    const wire = await openWire(relais.pop3Port)
    await wire.line()
    await wire.pop3(`USER ${name}`)
    const reply = await wire.pop3(`PASS ${password}`)
    wire.hangUp()
    expect(reply).to.match(/^-ERR/)
    return reply
  }

  const cli = async (args: readonly string[], stdin?: string): Promise<void> => {
    const { status, stderr } = await relais.cli(args, stdin)
    expect(status, stderr).to.equal(0)
  }

  it('has the new password at once, though the old one was remembered', async () => {
    ;(await signedIn('alice')).hangUp()
    await cli(['account', 'passwd', 'alice', '--password-stdin'], `${NEW}\n`)
    expect(await refused('alice', PASSWORD)).to.match(/^-ERR \[AUTH\]/)
    ;(await signedIn('alice', NEW)).hangUp()
  })

  for (const [what, args] of [
    ['is removed', ['account', 'remove', 'alice', '--delete-mail']],
    ['is locked', ['account', 'lock', 'alice']],
  ] as const)
    it(`loses its open sessions when it ${what}, and nobody else does`, async () => {
      const [session, other] = [await signedIn('alice'), await signedIn('bob')]
      await cli(args)
      await session.closed()
      expect(await other.pop3('NOOP')).to.match(/^\+OK/)
      other.hangUp()
      expect(await refused('alice', PASSWORD)).to.match(/^-ERR \[AUTH\]/)
    })

  it('that is locked goes on receiving, and has its mail once it is unlocked', async () => {
    await cli(['account', 'lock', 'alice'])
    await sendMessage(relais.smtpPort, {
      from: 'dave@example.org',
      to: ['alice@glo2000.ca'],
      bytes: Buffer.from('Subject: x\r\n\r\n'),
    })
    await cli(['account', 'unlock', 'alice'])
    const session = await signedIn('alice')
    expect(await session.pop3('STAT')).to.match(/^\+OK 1 /)
    session.hangUp()
  })

  it('that is removed in the midst of a delivery has the message in lost/', async () => {
    const wire = await openWire(relais.smtpPort)
    await wire.reply()
    for (const command of [
      'EHLO client',
      'MAIL FROM:<dave@example.org>',
      'RCPT TO:<alice@glo2000.ca>',
      'DATA',
    ])
      await wire.smtp(command)
    wire.send('Subject: in flight\r\n\r\n')
    await cli(['account', 'remove', 'alice', '--keep-mail'])
    expect(await wire.smtp('the end\r\n.')).to.match(/^250[ -]/)
    wire.hangUp()
    const [lost] = messagesIn(join(relais.root, 'lost'))
    expect(String(lost)).to.match(/^X-Relais-Lost-Reason: mailbox-failed\r\n[^]*in flight/)
    expect(existsSync(join(relais.root, 'maildir/alice'))).to.equal(false)
    expect(readdirSync(join(relais.root, 'maildir/.removed'))).to.have.length(1)
  })

  it('that gets a role receives what is for postmaster, and shares a role address', async () => {
    await cli(['account', 'set', 'bob', '--role', 'postmaster'])
    await cli(['alias', 'add', 'info', 'alice', 'bob'])
    for (const to of ['postmaster', 'abuse@glo2000.ca', 'info@glo2000.ca'])
      await sendMessage(relais.smtpPort, {
        from: 'dave@example.org',
        to: [to],
        bytes: Buffer.from(`Subject: to ${to}\r\n\r\n`),
      })
    expect(messagesIn(join(relais.root, 'maildir/bob'))).to.have.length(3)
    expect(messagesIn(join(relais.root, 'maildir/alice'))).to.have.length(1)
    expect(messagesIn(join(relais.root, 'lost'))).to.have.length(0)
  })
})
