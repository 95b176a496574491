/** The documents tell the truth about the tree: paths exist, RFCs that the source cites are listed. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'

const TOP = fileURLToPath(new URL('../..', import.meta.url))

function read(path: string): string {
  return readFileSync(join(TOP, path), 'utf8')
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(join(TOP, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(folder, file))
}

/** What stands in backticks and looks like a path of the tree. */
function pathsIn(text: string): readonly string[] {
  return [...text.matchAll(/`((?:src|test|packages|docs|bench|config)\/[^`\s]*)`/g)].map(
    (match) => match[1] ?? '',
  )
}

describe('docs/rfcs.md', () => {
  const text = read('docs/rfcs.md')

  it('names only files and folders that exist', () => {
    const paths = pathsIn(text)
    expect(paths.length).to.be.greaterThan(20)
    expect(paths.filter((path) => !existsSync(join(TOP, path)))).to.deep.equal([])
  })

  it('lists every RFC that the source cites', () => {
    const listed = new Set(text.match(/\b\d{4}\b/g))
    const cited = [...filesBelow('src'), ...filesBelow('packages/maildir-ts/src')].flatMap((file) =>
      [...read(file).matchAll(/RFC (\d{3,4})/g)].map((match) => match[1] ?? ''),
    )
    expect(cited.length).to.be.greaterThan(50)
    expect([...new Set(cited)].filter((number) => !listed.has(number))).to.deep.equal([])
  })
})

describe('docs/flows.md', () => {
  it('names only source files that exist', () => {
    const names = [...read('docs/flows.md').matchAll(/`([a-z0-9]+(?:\/[a-z0-9-]+)+\.ts)`/g)].map(
      (match) => match[1] ?? '',
    )
    expect(names.length).to.be.greaterThan(20)
    expect(names.filter((name) => !existsSync(join(TOP, 'src', name)))).to.deep.equal([])
  })
})

describe('the README', () => {
  it('links only to what exists', () => {
    const links = [...read('README.md').matchAll(/\]\(([^)#:]+)\)/g)].map((match) => match[1] ?? '')
    expect(links.length).to.be.greaterThan(5)
    expect(links.filter((link) => !existsSync(join(TOP, link)))).to.deep.equal([])
  })

  it('opens with the two commands that set it up', () => {
    const [, ...lines] = read('README.md')
      .split('\n')
      .filter((line) => line !== '')
    expect(lines.slice(0, 2)).to.deep.equal([
      '    npm ci && npm start',
      '    node dist/main.js account add alice',
    ])
  })
})
