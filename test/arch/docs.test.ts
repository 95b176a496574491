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

/** `2449 §6.5, §8.1.1` → `2449 §6.5` and `2449 §8.1.1`; `3464, 6522` → both. */
function subjectsOf(rfc: string): readonly string[] {
  let number = ''
  return rfc.split(', ').map((part) => {
    number = /^\d{4}/.exec(part)?.[0] ?? number
    return part.startsWith('§') ? `${number} ${part}` : part
  })
}

/** `2449 §6.5, §8.1.1` → `2449 0006 0005`: as text, in the order of the numbers. */
function sortKey(rfc: string): string {
  const [first = ''] = rfc.split(/,| to /)
  return [...first.matchAll(/\d+/g)].map(([digits]) => digits.padStart(4, '0')).join(' ')
}

describe('docs/rfcs.md', () => {
  const text = read('docs/rfcs.md')

  it('names only files and folders that exist', () => {
    const paths = pathsIn(text)
    expect(paths.length).to.be.greaterThan(20)
    expect(paths.filter((path) => !existsSync(join(TOP, path)))).to.deep.equal([])
  })

  /** The cells of every row, by table. */
  const tables = text
    .split(/^## /m)
    .slice(1)
    .map((group) =>
      group
        .split('\n')
        .filter((line) => /^\| \d/.test(line))
        .map((line) => line.split('|').map((cell) => cell.trim())),
    )

  it('says everything once', () => {
    const said = tables.flat().flatMap(([, rfc = '']) => subjectsOf(rfc))
    expect(said.length).to.be.greaterThan(60)
    expect(said.filter((subject, index) => said.indexOf(subject) !== index)).to.deep.equal([])
  })

  it('has its rows in the order of numbers within each group', () => {
    for (const rows of tables) {
      const numbers = rows.map(([, rfc = '']) => sortKey(rfc))
      expect(numbers).to.deep.equal(numbers.toSorted())
    }
  })

  it('says of each row how far it goes, and where and by what it is held, or no', () => {
    for (const [, rfc, about, howFar = '', where, tested] of tables.flat()) {
      expect([about, howFar], rfc).to.not.include('')
      expect(howFar, rfc).to.match(/^(?:yes|partial|no: |as far as )/)
      if (!howFar.startsWith('no: ')) expect([where, tested], rfc).to.not.include('')
    }
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
