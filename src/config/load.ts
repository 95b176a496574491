/**
 * The settings from everything that may set them: flag, environment, `ROOT/config/relais.toml`, default,
 * in this order. Every source is checked, also where a stronger one overrides it.
 * Reads one file; changes nothing.
 */
import { readFile, stat } from 'node:fs/promises'
import { environmentName, flagName } from './names.js'
import { nearest } from './nearest.js'
import { pathsBelow } from './paths.js'
import { SETTING_BY_KEY, settingsFrom } from './schema.js'
import type { Settings } from './schema.js'
import { oneLine } from './shown.js'
import { readValue } from './source.js'
import type { Found } from './source.js'
import { readTomlFile } from './toml-file.js'
import type { ReadFile } from './toml-file.js'

/** What a caller hands in; nothing is taken from the process by itself. */
export interface LoadOptions {
  /** The root folder; errors name the file below it as it is given here. */
  readonly root: string
  /** By flag name without hyphens in front (`smtp-port`); an absent or undefined flag sets nothing. */
  readonly flags: Readonly<Record<string, unknown>>
  /** A setting's variable that is there but blank is a wrong value: somebody meant to say something by it. */
  readonly env: NodeJS.ProcessEnv
  readonly readFile?: ReadFile
}

export interface Loaded {
  readonly settings: Settings
  /** One line each, for the operator: variables that look like settings and are none. */
  readonly warnings: readonly string[]
}

/** `RELAIS_*` variables that are read elsewhere: by the root (`paths.ts`) and by the member's commands. */
const OTHER_VARIABLES: ReadonlySet<string> = new Set(['RELAIS_ROOT', 'RELAIS_PASSWORD'])

const KEY_BY_VARIABLE: ReadonlyMap<string, string> = new Map(
  [...SETTING_BY_KEY.keys()].map((key) => [environmentName(key), key]),
)

/**
 * Reads, checks and merges all sources.
 *
 * @throws GatewayError `config.invalid`, one line, for the first wrong value, unknown key or unreadable file;
 * flags are looked at first, then the environment, then the file
 */
export async function loadSettings(options: LoadOptions): Promise<Loaded> {
  const flags = values(flagsFound(options.flags))
  const environment = values(variablesFound(options.env))
  const { configFile } = pathsBelow(options.root)
  const file = values(await readTomlFile(configFile, options.readFile ?? readWithoutWaiting))
  return {
    settings: settingsFrom(new Map([...file, ...environment, ...flags])),
    warnings: unknownVariables(options.env).map(warning),
  }
}

/** A pipe in the place of the file would be waited for without end. */
async function readWithoutWaiting(path: string): Promise<Uint8Array> {
  const facts = await stat(path)
  if (facts.isFile() || facts.isDirectory()) return readFile(path)
  throw Object.assign(new Error(`${path} is no file`), { code: 'EINVAL' })
}

function values(found: readonly Found[]): ReadonlyMap<string, unknown> {
  return new Map(found.map((entry) => [entry.key, readValue(entry)]))
}

function flagsFound(flags: LoadOptions['flags']): readonly Found[] {
  const given = new Map(Object.entries(flags))
  return [...SETTING_BY_KEY].flatMap(([key, setting]) => {
    const value = given.get(flagName(key))
    return value === undefined ? [] : [{ key, setting, value, where: () => `--${flagName(key)}` }]
  })
}

function variablesFound(env: NodeJS.ProcessEnv): readonly Found[] {
  return [...SETTING_BY_KEY].flatMap(([key, setting]) => {
    const value = env[environmentName(key)]
    return value === undefined ? [] : [{ key, setting, value, where: () => environmentName(key) }]
  })
}

function unknownVariables(env: NodeJS.ProcessEnv): readonly string[] {
  return Object.keys(env)
    .filter((name) => name.startsWith('RELAIS_') && !KEY_BY_VARIABLE.has(name) && !OTHER_VARIABLES.has(name))
    .toSorted()
}

function warning(variable: string): string {
  const meant = nearest(variable, [...KEY_BY_VARIABLE.keys()])
  const hint = meant === undefined ? '' : `; did you mean ${meant}?`
  return oneLine(`${variable} is no setting of Relais and was ignored${hint}`)
}
