import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { inspect } from 'node:util'
import { expect } from 'chai'
import { tempFolder } from './support/temp-folder.js'

const README = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const DOOR = new URL('../src/index.ts', import.meta.url).href

describe('README', () => {
  const temp = tempFolder()
  const home = process.cwd()
  const log = console.log
  afterEach(() => {
    process.chdir(home)
    console.log = log
  })

  it('has examples that print what they say', async () => {
    const program = [...README.matchAll(/```ts\n([^]*?)```/g)].map((match) => match[1]).join('\n')
    const promised = [...program.matchAll(/\/\/ → (.*?)(?= \/\/ → |$)/gm)].map((match) => match[1])
    expect(promised.length).to.be.greaterThan(20)
    const folder = temp()
    mkdirSync(folder)
    writeFileSync(`${folder}/program.mts`, program.replace("'maildir-ts'", `'${DOOR}'`))
    const printed: string[] = []
    process.chdir(folder)
    console.log = (...values: unknown[]) => {
      printed.push(values.map((value) => (typeof value === 'string' ? value : inspect(value))).join(' '))
    }
    await import(pathToFileURL(`${folder}/program.mts`).href)
    expect(printed).to.deep.equal(promised)
  })
})
