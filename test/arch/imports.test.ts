/** Who may import whom: the table of areas as data, and every import in `src` held against it. */
import { readdirSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'

const SRC = fileURLToPath(new URL('../../src', import.meta.url))

interface Area {
  /** Areas of `src`, besides itself. */
  readonly areas: readonly string[]
  readonly packages: readonly string[]
}

const HOUSE = ['base', 'message', 'ports'] as const

/** An area of `src` may import itself, `node:` modules, and what stands here. */
const TABLE: Readonly<Record<string, Area>> = {
  base: { areas: [], packages: [] },
  message: { areas: ['base'], packages: [] },
  ports: { areas: ['base', 'message'], packages: [] },
  sasl: { areas: ['base'], packages: [] },
  'storage/memory': { areas: [...HOUSE], packages: [] },
  'storage/sql': { areas: [...HOUSE], packages: ['kysely'] },
  'storage/sqlite': { areas: [...HOUSE, 'storage/sql'], packages: ['kysely', '@photostructure/sqlite'] },
  'storage/maildir': { areas: [...HOUSE], packages: ['maildir-ts'] },
  accounts: {
    areas: [...HOUSE, 'sasl'],
    packages: ['core', 'language-common', 'language-en', 'language-fr'].map((part) => `@zxcvbn-ts/${part}`),
  },
  lost: { areas: [...HOUSE], packages: [] },
  delivery: { areas: [...HOUSE, 'accounts', 'lost'], packages: ['nodemailer'] },
  smtp: { areas: ['base', 'message', 'accounts', 'delivery', 'sasl'], packages: ['smtp-server'] },
  pop3: { areas: ['base', 'message', 'sasl'], packages: [] },
  config: { areas: ['base'], packages: ['zod', 'smol-toml'] },
  care: { areas: [...HOUSE, 'accounts', 'delivery', 'lost'], packages: [] },
  gateway: {
    areas: [...HOUSE, 'sasl', 'accounts', 'lost', 'delivery', 'smtp', 'pop3', 'config'].concat([
      'storage/memory',
      'storage/maildir',
      'storage/sqlite',
    ]),
    packages: ['pino', 'zod', 'pkijs', 'asn1js'],
  },
  cli: {
    areas: ['base', 'message', 'config', 'gateway', 'care'],
    packages: ['yargs', 'picocolors', '@inquirer/prompts'],
  },
  'index.ts': { areas: ['config', 'gateway'], packages: [] },
  'main.ts': { areas: ['cli'], packages: [] },
}

/** The only files that know smtp-server. */
const WALL: ReadonlySet<string> = new Set(['smtp/wall.ts', 'smtp/wall-connection.ts', 'smtp/wall-parser.ts'])

interface Import {
  readonly file: string
  readonly specifier: string
}

const IMPORT = /\b(?:import|export)\b[^'"]*?\bfrom\s*'([^']+)'|\bimport\s*\(?\s*'([^']+)'/g

function importsOf(file: string): readonly Import[] {
  const text = readFileSync(join(SRC, file), 'utf8')
  return [...text.matchAll(IMPORT)].map((match) => ({ file, specifier: match[1] ?? match[2] ?? '' }))
}

function sourceFiles(): readonly string[] {
  return readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
}

function areaOf(file: string): string {
  const parts = file.split('/')
  return parts[0] === 'storage' ? parts.slice(0, 2).join('/') : (parts[0] ?? '')
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

function complaint({ file, specifier }: Import): string | undefined {
  const area = areaOf(file)
  const allowed = TABLE[area]
  if (allowed === undefined) return `${file}: ${area} is no area of the table`
  if (specifier.startsWith('node:')) return undefined
  if (!specifier.startsWith('.')) {
    if (builtinModules.includes(specifier)) return `${file}: write node:${specifier}`
    return allowed.packages.includes(packageOf(specifier))
      ? undefined
      : `${file}: may not import ${specifier}`
  }
  const target = areaOf(relative(SRC, resolve(SRC, dirname(file), specifier)))
  return target === area || allowed.areas.includes(target) ? undefined : `${file}: may not import ${target}`
}

describe('the table of areas', () => {
  const files = sourceFiles()
  const imports = files.flatMap(importsOf)

  it('finds the source and its imports', () => {
    expect(files.length).to.be.greaterThan(50)
    expect(imports.length).to.be.greaterThan(files.length)
  })

  it('holds for every import in src', () => {
    expect(imports.map(complaint).filter((line) => line !== undefined)).to.deep.equal([])
  })

  it('has no area that does not exist', () => {
    const areas = new Set(files.map(areaOf))
    expect(Object.keys(TABLE).filter((area) => !areas.has(area))).to.deep.equal([])
  })

  it('keeps smtp-server behind its wall', () => {
    const knowing = imports.filter(({ specifier }) => packageOf(specifier) === 'smtp-server')
    expect(new Set(knowing.map(({ file }) => file))).to.deep.equal(WALL)
  })

  it('complains about an import that it does not allow', () => {
    expect(complaint({ file: 'pop3/server.ts', specifier: '../ports/mailbox-store.js' })).to.contain(
      'may not import ports',
    )
    expect(complaint({ file: 'base/log.ts', specifier: 'pino' })).to.contain('may not import pino')
    expect(complaint({ file: 'attic/x.ts', specifier: './y.js' })).to.contain('no area')
  })
})
