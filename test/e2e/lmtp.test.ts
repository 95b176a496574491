/** LMTP (RFC 2033): Postfix stands in front and hands over, and the corpus comes through. */

import { expect } from 'chai'
import { chownSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

import { corpus } from '../corpus/corpus.ts'
import { letter } from './support/letters.ts'
import { type Postfix, idOf, requirePostfix, startPostfix } from './support/postfix.ts'
import { type Relais, messagesIn, newRoot, startRelais } from './support/relais.ts'
import { expectAllUnderTrace } from './support/trace.ts'
import { openWire, retrieveAll, sendData, sendMessage } from './support/wire.ts'

/** How long Postfix may take for what it does at once. */
const PATIENCE_MS = 20_000

const lmtpPort = ({ greeting }: Relais): number =>
  Number(/^ {2}LMTP +127\.0\.0\.1:(\d+)$/m.exec(greeting)?.[1])

for (const how of ['a port', 'a Unix socket'] as const)
  describe(`Postfix in front, by LMTP over ${how}`, () => {
    let relais: Relais
    let postfix: Postfix
    let socket = ''

    before(async function () {
      requirePostfix(this)
      const root = newRoot()
      socket = `${root}.lmtp`
      relais = await startRelais({
        root,
        env: how === 'a port' ? { RELAIS_LMTP_PORT: '0' } : { RELAIS_LMTP_SOCKET: socket },
      })
      await relais.addAccounts('alice', 'bob')
      // It is for its owner and its group; Postfix is neither root nor of its group.
      if (how === 'a Unix socket') chownSync(socket, 0, await idOf('postfix', '-g'))
      postfix = await startPostfix(how === 'a port' ? `inet:127.0.0.1:${lmtpPort(relais)}` : `unix:${socket}`)
    })

    after(async () => {
      await postfix?.close()
      await relais?.close()
      rmSync(socket, { force: true })
    })

    const mailOf = (name: string): readonly Buffer[] => messagesIn(join(relais.root, 'maildir', name))

    it('two members have the message, and the sender is told of the unknown one', async () => {
      const sent = letter('by LMTP')
      const to = ['alice@glo2000.ca', 'nobody@glo2000.ca', 'bob@glo2000.ca']
      const { rcpt, data } = await sendMessage(postfix.smtpPort, {
        from: 'dave@example.org',
        to,
        bytes: sent,
      })
      expect([...rcpt, data].map((reply) => reply.slice(0, 3))).to.deep.equal(['250', '250', '250', '250'])

      await until(() => postfix.bounces().length > 0 && to.every((name) => postfix.outcomes(name).length > 0))
      for (const member of ['alice', 'bob']) {
        const [outcome, ...more] = postfix.outcomes(`${member}@glo2000.ca`)
        expect(more).to.deep.equal([])
        expect(outcome).to.match(/ dsn=2\.0\.0, status=sent \(250 2\.0\.0 stored as /)
        const [copy] = mailOf(member)
        expect(String(copy)).to.match(
          /^Return-Path: <dave@example\.org>\r\nReceived: from mx\.glo2000\.ca [^]*? with LMTP /,
        )
        expect(copy?.subarray(-sent.length).equals(sent)).to.equal(true)
      }
      const [outcome, ...more] = postfix.outcomes('nobody@glo2000.ca')
      expect(more).to.deep.equal([])
      expect(outcome).to.match(
        / dsn=5\.1\.1, status=bounced \(.* said: 550 5\.1\.1 there is no mailbox nobody@/,
      )

      const [bounce, ...others] = postfix.bounces()
      expect(others).to.deep.equal([])
      expect(String(bounce))
        .to.match(
          /^Final-Recipient: rfc822; nobody@glo2000\.ca\r?\n(?:.*\r?\n)*?Action: failed\r?\nStatus: 5\.1\.1\r?$/m,
        )
        .and.match(/^To: dave@example\.org\r?$/m)
      await until(async () => (await postfix.queue()).length === 0)
    })

    it('a member who sends to an unknown one is told by Postfix alone, who hands it in', async () => {
      const sent = letter('from a colleague')
      const to = ['bob@glo2000.ca', 'nemo@glo2000.ca']
      await sendMessage(postfix.smtpPort, { from: 'alice@glo2000.ca', to, bytes: sent })
      await until(() => postfix.outcomes('alice@glo2000.ca').length > 1)
      expect(mailOf('bob').filter((octets) => octets.includes('Subject: from a colleague'))).to.have.length(1)
      const told = mailOf('alice').filter((octets) => octets.includes('nemo@glo2000.ca'))
      expect(told).to.have.length(1)
      expect(String(told[0])).to.match(/^Return-Path: <>\r\n[^]*^From: .*MAILER-DAEMON/m)
    })

    it('what cannot be taken now waits in Postfix’s queue', async () => {
      const quota = await relais.cli(['account', 'set', 'bob', '--quota', '1'])
      expect(quota.status, quota.stderr).to.equal(0)
      const to = ['bob@glo2000.ca', 'alice@glo2000.ca']
      await sendMessage(postfix.smtpPort, { from: 'dave@example.org', to, bytes: letter('too much') })
      await until(() => postfix.outcomes('bob@glo2000.ca').some((line) => line.includes('status=deferred')))
      expect(postfix.outcomes('bob@glo2000.ca').at(-1)).to.match(
        / dsn=4\.2\.2, status=deferred \(.* 452 4\.2\.2 /,
      )
      await until(async () => (await postfix.queue()).length === 1)
      await until(() => mailOf('alice').some((octets) => octets.includes('Subject: too much')))
    })
  })

describe('the corpus, in by LMTP', () => {
  let relais: Relais

  before(async () => {
    relais = await startRelais({ env: { RELAIS_LMTP_PORT: '0' } })
    await relais.addAccounts('alice')
  })

  after(() => relais?.close())

  it('comes out octet for octet, and each recipient has a reply', async () => {
    const messages = corpus()
    const wire = await openWire(lmtpPort(relais))
    await wire.reply()
    expect(await wire.smtp('LHLO relay.example.org')).to.match(/^250-/)
    for (const { afterSmtp, name } of messages) {
      await wire.smtp('MAIL FROM:<bob@example.org>')
      await wire.smtp('RCPT TO:<alice@glo2000.ca>')
      expect(await sendData(wire, afterSmtp), name).to.match(/^250 2\.0\.0 stored as /)
    }
    wire.hangUp()
    expectAllUnderTrace(await retrieveAll(relais.pop3Port), messages)
  })
})

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (const deadline = performance.now() + PATIENCE_MS; !(await isSo()); await delay(50))
    if (performance.now() > deadline) throw new Error('it did not come about')
}
