/** No password, and nothing that could stand in for one, is in any octet that the server writes. */

import { expect } from 'chai'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

import { PASSWORD, startRelais, type Relais } from './support/relais.ts'
import { openWire } from './support/wire.ts'

const WRONG = 'Perseverance-1903'
/** What a person types where the name belongs. */
const AS_NAME = 'Temperance-1777'
const NEW = 'Fortitude-1812'

/** The forms in which a password might be found. */
function formsOf(secret: string): readonly Buffer[] {
  const hashes = ['md5', 'sha1', 'sha256', 'sha512', 'sha3-512'].map((algorithm) =>
    createHash(algorithm).update(secret).digest(),
  )
  const texts = [secret, ...hashes.map((hash) => hash.toString('hex'))]
  const encoded = [Buffer.from(secret), Buffer.from(`\0alice\0${secret}`), ...hashes].map((octets) =>
    octets.toString('base64').replace(/=+$/, ''),
  )
  return [...texts, ...encoded].map((text) => Buffer.from(text)).concat(hashes)
}

function everyFile(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
}

describe('what the server writes', () => {
  let relais: Relais
  before(async () => {
    relais = await startRelais({ env: { RELAIS_LOG_LEVEL: 'debug', RELAIS_ADDRESS_LIMITS: 'off' } })
    await relais.addAccounts('alice', 'bob')
  })
  after(() => relais.close())

  /** One POP3 session of these lines; the connection may be closed before the last. */
  async function pop3(...lines: readonly string[]): Promise<void> {
    const wire = await openWire(relais.pop3Port)
    await wire.line()
    for (const line of lines) await wire.pop3(line).catch(() => '')
    wire.hangUp()
  }

  const plain = (name: string, password: string): string =>
    Buffer.from(`\0${name}\0${password}`).toString('base64')

  it('holds no password, however it was sent and whatever became of it', async () => {
    await pop3('USER alice', `PASS ${PASSWORD}`, 'QUIT')
    await pop3('USER alice', `PASS ${WRONG}`, `PASS ${WRONG}`, `USER ${AS_NAME}`, `PASS ${WRONG}`)
    await pop3(`USER ${AS_NAME}`, 'PASS alice')
    await pop3(`AUTH PLAIN ${plain('alice', PASSWORD)}`, 'QUIT')
    await pop3('AUTH PLAIN', plain('bob', WRONG), `AUTH PLAIN ${plain('bob', WRONG)}x`)
    await pop3(`PASS ${WRONG}`, WRONG, `XYZ ${WRONG}`, `USER alice ${WRONG}`, `pass  ${WRONG}`)
    await relais.cli(['account', 'passwd', 'bob', '--password-stdin'], `${NEW}\n`)
    await relais.cli(['account', 'passwd', 'bob', '--password-stdin'], `short${NEW}\u0007\n`)
    await pop3('USER bob', `PASS ${NEW}`, 'QUIT')
    await relais.stop()

    const files = everyFile(relais.root)
    expect(files.filter((path) => path.endsWith('.sqlite'))).to.have.length(2)
    const written = [
      ...files.map((path) => readFileSync(path)),
      Buffer.from(relais.greeting + relais.stderr()),
    ]
    expect(relais.stderr()).to.contain('USER')
    for (const secret of [PASSWORD, WRONG, AS_NAME, NEW])
      for (const form of formsOf(secret))
        for (const [index, octets] of written.entries())
          expect(
            octets.includes(form),
            `${secret} as ${form.toString('latin1')} in ${files[index] ?? 'the log'}`,
          ).to.equal(false)
  })
})
