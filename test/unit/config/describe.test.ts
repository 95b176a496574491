import { expect } from 'chai'
import { readFile } from 'node:fs/promises'
import { describeSettings } from '../../../src/config/describe.ts'
import { environmentName, flagName } from '../../../src/config/names.ts'
import { defaultSettings } from '../../../src/config/schema.ts'
import { SETTINGS } from '../../../src/config/settings.ts'
import { load } from './load-with.ts'

const text = describeSettings()
const uncommented = text.replaceAll(/^#(?=[a-z])/gm, '')

describe('the description of all settings', () => {
  it('is the committed config/relais.example.toml', async () => {
    const url = new URL('../../../config/relais.example.toml', import.meta.url)
    expect(await readFile(url, 'utf8')).to.equal(text)
  })

  it('sets nothing as it is', async () => {
    expect(await load({ file: text })).to.deep.equal({ settings: defaultSettings(), warnings: [] })
    expect(text).to.not.match(/^[^#[\n]/m)
  })

  it('gives the defaults with every setting uncommented', async () => {
    expect(uncommented.match(/^[a-z0-9_]+ = /gm)).to.have.length(Object.keys(SETTINGS).length)
    expect((await load({ file: uncommented })).settings).to.deep.equal(defaultSettings())
  })

  it('takes a changed line where it stands', async () => {
    const changed = text
      .replace('#seconds = 10', 'seconds = 0')
      .replace('#domain = "glo2000.ca"', 'domain = "a.ca"')
    const { settings } = await load({ file: changed })
    expect([settings.lockout, settings.domain]).to.deep.equal([{ attempts: 3, seconds: 0 }, 'a.ca'])
  })

  it('names every flag and variable, and what is expected', () => {
    for (const [key, { kind }] of Object.entries(SETTINGS)) {
      expect(text).to.contain(`# Also --${flagName(key)} and ${environmentName(key)}.\n`)
      expect(text.replaceAll('\n# ', ' ')).to.contain(`Expected: ${kind.expected}.`)
    }
  })

  it('says of exactly those settings that have no effect yet that they have none', () => {
    const blocks = uncommented.split('\n\n').filter((block) => /^[a-z0-9_]+ = /m.test(block))
    const silent = blocks
      .filter((block) => block.includes('# Not in effect yet'))
      .map((block) => /RELAIS_[A-Z0-9_]+(?=\.$)/m.exec(block)?.[0])
    expect(silent).to.deep.equal(['RELAIS_WORKERS', 'RELAIS_HTTP_PORT', 'RELAIS_REGISTRATION_MODE'])
  })

  it('stays within 110 columns and ends with one line end', () => {
    for (const line of text.split('\n')) expect(line.length, line).to.be.at.most(110)
    expect(text).to.match(/[^\n]\n$/)
  })
})
