/** How the server ends: with status 0, at once, and with nobody listening any more. */

import { expect } from 'chai'

import { letter } from './support/letters.ts'
import { type Relais, isListening, startRelais } from './support/relais.ts'
import { openWire, retrieveAll, sendMessage, signIn } from './support/wire.ts'

describe('the server ends', () => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`on ${signal}`, async () => {
      await during(await startRelais(), async (relais) => {
        expect(await isListening(relais.smtpPort)).to.equal(true)
        expect(await relais.stop(signal)).to.equal(0)
        await expectSilence(relais)
      })
    })

    it(`on ${signal} while clients are connected, which are told so`, async () => {
      await during(await startRelais(), async (relais) => {
        await relais.addAccounts('alice')
        const smtp = await openWire(relais.smtpPort)
        await smtp.line()
        const pop3 = await signIn(relais.pop3Port)
        expect(await relais.stop(signal)).to.equal(0)
        expect(await smtp.line()).to.match(/^421 /)
        await Promise.all([smtp.closed(), pop3.closed()])
        await expectSilence(relais)
      })
    })
  }

  it('not on SIGHUP, which has the certificate read again', async () => {
    await during(await startRelais(), async (relais) => {
      const wire = await openWire(relais.smtpPort)
      expect(await wire.line()).to.match(/^220 /)
      process.kill(relais.pid, 'SIGHUP')
      expect(await isListening(relais.smtpPort)).to.equal(true)
      expect(await relais.stop()).to.equal(0)
      expect(await wire.line()).to.match(/^421 /)
    })
  })

  it('and starts again with what it held, on the same folder', async () => {
    await during(await startRelais(), async (relais) => {
      await relais.addAccounts('alice')
      await sendMessage(relais.smtpPort, { to: ['alice@glo2000.ca'], bytes: letter('kept') })
      const before = await retrieveAll(relais.pop3Port)
      await relais.stop()
      const again = await startRelais({ root: relais.root })
      await during(again, async () => expect(await retrieveAll(again.pop3Port)).to.deep.equal(before))
    })
  })

  it('on Ctrl-C under npm start, which reaches the whole process group', async () => {
    await during(await startRelais({ command: ['npm', 'start', '--silent', '--'] }), async (relais) => {
      // npm gets the signal as well, and some of its versions end themselves by it.
      expect(await relais.stop('SIGINT')).to.be.oneOf([0, 130, 'SIGINT'])
      expect(relais.stderr()).not.to.match(/error/i)
      await expectSilence(relais)
    })
  })
})

async function during(relais: Relais, test: (relais: Relais) => Promise<unknown>): Promise<void> {
  try {
    await test(relais)
  } finally {
    await relais.close()
  }
}

async function expectSilence({ smtpPort, pop3Port }: Relais): Promise<void> {
  for (const port of [smtpPort, pop3Port]) expect(await isListening(port)).to.equal(false)
}
