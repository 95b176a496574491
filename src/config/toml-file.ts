/**
 * `config/relais.toml` as raw values of known keys. A missing file is an empty one; anything unknown in it
 * is refused, so that a typing error cannot leave a default in force unnoticed.
 * Source: TOML 1.1.0.
 */
import { parse, TomlDate, TomlError } from 'smol-toml'
import { systemCode } from '../base/errors.js'
import { nearest } from './nearest.js'
import { SETTING_BY_KEY } from './schema.js'
import { shown } from './shown.js'
import { invalid } from './source.js'
import type { Found } from './source.js'

/** Answers the bytes of a file, or fails as `node:fs` does. */
export type ReadFile = (path: string) => Promise<Uint8Array>

/** In longer files an error names no line: finding it parses the file once for each line. */
const MAX_LINES_SEARCHED = 1000

const TABLES: ReadonlySet<string> = new Set(
  [...SETTING_BY_KEY.keys()].filter((key) => key.includes('.')).map((key) => key.slice(0, key.indexOf('.'))),
)

/** The name of a value in the file, part by part: a key at the top, or table and key. */
type Path = readonly string[]

/**
 * Every value of the file at `path`, in the order of the file.
 *
 * @throws GatewayError `config.invalid`: unreadable, not UTF-8, no TOML, or with a key that is no setting
 */
export async function readTomlFile(path: string, readFile: ReadFile): Promise<readonly Found[]> {
  const text = await textOf(path, readFile)
  return text === undefined ? [] : valuesIn(text, path)
}

/** The values in `text`; `file` is its name in errors. */
function valuesIn(text: string, file: string): readonly Found[] {
  return entriesOf(parsed(text, file)).map(({ path, value }) => {
    const where = () => placeOf(path, text, file)
    const key = nameOf(path)
    const setting = SETTING_BY_KEY.get(key)
    if (setting !== undefined) return { key, setting, value, where }
    throw invalid(where(), problemOf(path, value))
  })
}

/** The leaves of a document: settings are at most one table deep, so what lies deeper is a value. */
function entriesOf(document: object): { path: Path; value: unknown }[] {
  return Object.entries(document).flatMap(([first, value]: [string, unknown]) => {
    if (SETTING_BY_KEY.has(first) || !isTable(value)) return [{ path: [first], value }]
    const inner = Object.entries(value)
    if (inner.length === 0 && !TABLES.has(first)) return [{ path: [first], value }]
    return inner.map(([second, leaf]) => ({ path: [first, second], value: leaf }))
  })
}

function problemOf(path: Path, value: unknown): string {
  const name = nameOf(path)
  if (TABLES.has(name)) return `${name} is ${shown(value)}; expected a table, [${name}]`
  const meant = nearest(path.join('.'), [...SETTING_BY_KEY.keys()])
  const hint = meant === undefined ? '"relais config describe" lists them all' : `did you mean ${meant}?`
  return `${name} is no setting of Relais; ${hint}`
}

function placeOf(path: Path, text: string, file: string): string {
  const line = lineOf(text, path)
  return line === undefined ? file : `${file}:${line}`
}

/**
 * The number of the line that sets `path`, counted from 1: the line after the longest beginning of the file
 * that parses and does not have it yet.
 */
function lineOf(text: string, path: Path): number | undefined {
  const lines = text.split(/(?<=\n)/)
  let before = 0
  for (let count = 1; count <= Math.min(lines.length, MAX_LINES_SEARCHED); count++) {
    const document = parsedOrNothing(lines.slice(0, count).join(''))
    if (document === undefined) continue
    if (entriesOf(document).some((entry) => nameOf(entry.path) === nameOf(path))) return before + 1
    before = count
  }
  return undefined
}

async function textOf(path: string, readFile: ReadFile): Promise<string | undefined> {
  try {
    return decoded(await readFile(path), path)
  } catch (error) {
    const code = systemCode(error)
    if (code === undefined) throw error
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    const problem = code === 'EISDIR' ? 'is a folder' : `cannot be read (${code})`
    throw invalid(path, `${problem}; expected a readable TOML file, or none`, error)
  }
}

function decoded(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (error) {
    throw invalid(file, 'is not UTF-8; expected a TOML file', error)
  }
}

function parsed(text: string, file: string): object {
  try {
    // Integers beyond what a number holds become BigInt here, so that they are refused with their key.
    return parse(text, { integersAsBigInt: 'asNeeded' })
  } catch (error) {
    if (!(error instanceof TomlError)) throw error
    const reason =
      /^Invalid TOML document: (?<reason>.+)/.exec(error.message)?.groups?.['reason'] ?? 'unreadable'
    throw invalid(`${file}:${error.line}:${error.column}`, `not valid TOML: ${reason}`, error)
  }
}

function parsedOrNothing(text: string): object | undefined {
  try {
    return parse(text, { integersAsBigInt: 'asNeeded' })
  } catch {
    return undefined
  }
}

function isTable(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof TomlDate)
}

/** `smtp.port`; a part that is no bare key is quoted, as it must be in the file. */
function nameOf(path: Path): string {
  return path.map((part) => (/^[A-Za-z0-9_-]+$/.test(part) ? part : shown(part))).join('.')
}
