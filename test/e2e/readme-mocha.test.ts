/** The test suite of the README, as a developer would paste it into a project that has the package. */

import { expect } from 'chai'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { REPOSITORY } from './support/relais.ts'
import { run } from './support/run.ts'

/** The first JavaScript of a section of the README. */
function codeOf(section: string): string {
  const readme = readFileSync(join(REPOSITORY, 'README.md'), 'utf8')
  const [, text = ''] = readme.split(`\n## ${section}\n`)
  const code = /^[^#]*?\n```js\n([^]*?)\n```\n/.exec(text)?.[1]
  if (code === undefined) throw new Error(`no code in "${section}"`)
  return code
}

describe('the test suite of the README', () => {
  let project: string

  before(() => {
    project = mkdtempSync(join(tmpdir(), 'relais-project-'))
    const modules = join(project, 'node_modules')
    mkdirSync(modules)
    symlinkSync(REPOSITORY, join(modules, 'relais'))
    symlinkSync(join(REPOSITORY, 'node_modules/nodemailer'), join(modules, 'nodemailer'))
    writeFileSync(join(project, 'newsletter.test.mjs'), codeOf('In a test suite'))
  })

  after(() => rmSync(project, { recursive: true, force: true }))

  it('passes, says nothing of its own, and ends by itself', async () => {
    const mocha = join(REPOSITORY, 'node_modules/mocha/bin/mocha.js')
    const args = ['--reporter', 'json', 'newsletter.test.mjs']
    const { status, stdout, stderr } = await run(process.execPath, [mocha, ...args], { cwd: project })
    expect(stderr).to.equal('')
    const report: unknown = JSON.parse(stdout.toString())
    expect(report).to.have.nested.property('stats.passes', 1)
    expect(report).to.have.nested.property('stats.failures', 0)
    expect(status).to.equal(0)
  })
})
