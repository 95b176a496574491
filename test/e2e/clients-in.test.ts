/** The corpus in through swaks. */

import { expect } from 'chai'
import { rmSync, writeFileSync } from 'node:fs'

import { type CorpusFile, corpusFiles } from './support/letters.ts'
import { type Relais, newRoot, startRelais } from './support/relais.ts'
import { requirePrograms, run } from './support/run.ts'
import { expectAllUnderTrace } from './support/trace.ts'
import { retrieveAll } from './support/wire.ts'

/**
 * swaks takes the header and the body apart, and on the way adds the blank line that these do not have; a dot that
 * begins the first line of all it does not double, so that it is taken away here (RFC 5321 §4.5.2).
 */
const CHANGED_BY_SWAKS = new Set([
  'dots-first-line',
  'empty-body-no-blank-line',
  'empty-message',
  'no-final-line-end-header',
  'no-header',
  'no-header-blank-line-first',
  'only-a-line-end',
])

describe('the corpus, in through swaks', () => {
  const folder = newRoot()
  let files: readonly CorpusFile[]
  let relais: Relais

  before(async function () {
    requirePrograms(this, 'swaks')
    files = corpusFiles(folder).filter(({ name }) => !CHANGED_BY_SWAKS.has(name))
    relais = await startRelais()
    await relais.addAccounts('alice')
  })

  after(async () => {
    await relais?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('is accepted, and comes out octet for octet', async () => {
    for (const file of files) {
      const { status, stdout } = await run('swaks', swaks(relais, withFinalDot(file)))
      expect(status, `${file.name}: ${stdout.toString('latin1').slice(-500)}`).to.equal(0)
    }
    expectAllUnderTrace(await retrieveAll(relais.pop3Port), files)
  })
})

/** swaks ends every message with CRLF and a dot; it adds no second CRLF if the file has that dot already. */
function withFinalDot({ path, afterSmtp }: CorpusFile): string {
  writeFileSync(path, Buffer.concat([afterSmtp, Buffer.from('.')]))
  return path
}

/** Without --no-strip-from, swaks takes an mbox `From ` line away; the leading dots it doubles itself. */
function swaks(relais: Relais, path: string): string[] {
  const server = ['--server', `127.0.0.1:${relais.smtpPort}`, '--helo', 'mail.example.org']
  const envelope = ['--from', 'bob@example.org', '--to', 'alice@glo2000.ca']
  return [...server, ...envelope, '--no-strip-from', '--silent', '2', '--data', `@${path}`]
}
