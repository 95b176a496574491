/** What nmap finds out about TLS on every port that has it: nothing older than 1.2, nothing weaker than its grade A. */

import { expect } from 'chai'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { type Relais, newRoot, startRelais } from './support/relais.ts'
import { requirePrograms, run } from './support/run.ts'

describe('TLS, as nmap sees it', () => {
  const folder = newRoot()
  let relais: Relais

  before(async function () {
    requirePrograms(this, 'nmap')
    relais = await startRelais()
  })

  after(async () => {
    await relais?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('has versions 1.2 and 1.3, grade A and nothing below, on all five ports', async () => {
    const ports = [
      ['smtp', relais.smtpPort],
      ['smtp', relais.submissionPort],
      ['smtps', relais.submissionsPort],
      ['pop3', relais.pop3Port],
      ['pop3s', relais.pop3sPort],
    ] as const
    // So it is told how TLS begins there, instead of having to find out by what the servers say.
    mkdirSync(join(folder, 'data'))
    const services = ports.map(([service, port]) => `${service}\t${port}/tcp\t0.5\n`)
    writeFileSync(join(folder, 'data/nmap-services'), services.join(''))
    const numbers = ports.map(([, port]) => port).join(',')
    const scan = ['-Pn', '-n', '-sT', '-p', numbers, '--script', 'ssl-enum-ciphers', '127.0.0.1']
    const { status, stdout, stderr } = await run('nmap', ['--datadir', join(folder, 'data'), ...scan])
    expect(status, stderr).to.equal(0)

    const [, ...reports] = stdout.toString().split(/^(?=\d+\/tcp )/m)
    expect(reports).to.have.length(ports.length)
    for (const report of reports) {
      expect(
        report.match(/^\| +(?:TLS|SSL)v[\d.]+/gm)?.map((line) => line.slice(1).trim()),
        report,
      ).to.deep.equal(['TLSv1.2', 'TLSv1.3'])
      const grades = [...report.matchAll(/^\| +TLS_\S+ .* - (\w)$/gm)].map(([, grade]) => grade)
      expect(grades.length, report).to.be.at.least(6)
      expect(new Set(grades), report).to.deep.equal(new Set(['A']))
      expect(report)
        .to.match(/least strength: A$/m)
        .and.not.match(/warnings:/)
    }
  })
})
