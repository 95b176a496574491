/** What was answered 250 outlives the death of the server, and what was not leaves no trace. */

import { expect } from 'chai'
import { rmSync } from 'node:fs'
import { join } from 'node:path'

import { letter } from './support/letters.ts'
import { messagesIn, type Relais, newRoot, startRelais } from './support/relais.ts'
import { expectUnderTrace } from './support/trace.ts'
import { openWire, retrieveAll, sendMessage, signIn } from './support/wire.ts'

const COUNT = 20

describe('kill -9', () => {
  const root = newRoot()
  const letters = Array.from({ length: COUNT }, (_, index) => letter(`number ${index + 1}`))
  let relais: Relais

  before(async () => {
    relais = await startRelais({ root })
    await relais.addAccounts('alice')
  })

  after(async () => {
    await relais.close()
    rmSync(root, { recursive: true, force: true })
  })

  it(`with a session of each kind open, after ${COUNT} messages were answered 250`, async () => {
    for (const bytes of letters)
      expect((await sendMessage(relais.smtpPort, { to: ['alice@glo2000.ca'], bytes })).data).to.match(/^250 /)
    const reader = await signIn(relais.pop3Port)
    await reader.pop3('DELE 1')
    const sender = await openWire(relais.smtpPort)
    await sender.line()
    for (const command of [
      'EHLO a.example.org',
      'MAIL FROM:<bob@example.org>',
      'RCPT TO:<alice@glo2000.ca>',
      'DATA',
    ])
      await sender.smtp(command)
    await new Promise((resolve) => sender.socket.write('Subject: half\r\n\r\n', resolve))
    await relais.kill()
    await Promise.all([reader.closed(), sender.closed()])
  })

  it('starts again on the same folder', async () => {
    relais = await startRelais({ root })
  })

  it('holds each of them, once, in their order, octet for octet, and no half message', async () => {
    const received = await retrieveAll(relais.pop3Port)
    expect(received).to.have.length(COUNT)
    for (const [index, bytes] of letters.entries()) expectUnderTrace(received[index], bytes)
  })

  it('serves on', async () => {
    expect(
      (await sendMessage(relais.smtpPort, { to: ['alice@glo2000.ca'], bytes: letter('after') })).data,
    ).to.match(/^250 /)
    expect(await retrieveAll(relais.pop3Port)).to.have.length(COUNT + 1)
    expect(messagesIn(join(root, 'maildir/alice'))).to.have.length(COUNT + 1)
  })

  it('while four clients send loses nothing that was answered', async () => {
    const answered: string[] = []
    const senders = [1, 2, 3, 4].map(async (sender) => {
      for (let number = 1; ; number++) {
        const bytes = letter(`number ${number} of sender ${sender}`)
        const { data } = await sendMessage(relais.smtpPort, { to: ['alice@glo2000.ca'], bytes })
        if (data.startsWith('250 ')) answered.push(bytes.toString())
        if (answered.length === COUNT) await relais.kill()
      }
    })
    await Promise.allSettled(senders)
    relais = await startRelais({ root })
    const received = (await retrieveAll(relais.pop3Port)).map((octets) => octets.toString())
    expect(answered).to.have.length.greaterThanOrEqual(COUNT)
    for (const bytes of answered)
      expect(received.filter((octets) => octets.endsWith(bytes))).to.have.length(1)
  })
})
