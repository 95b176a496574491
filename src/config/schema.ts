/** The settings as the house reads them, `settings.smtp.port`, with types that follow from the table. */
import type { Kind } from './kinds.js'
import { SETTINGS } from './settings.js'
import type { Setting } from './settings.js'

/** A key as `config/relais.toml` has it: `domain`, `auth.clear_from`. */
export type SettingKey = keyof typeof SETTINGS

type ValueOf<K extends SettingKey> = (typeof SETTINGS)[K] extends { readonly kind: Kind<infer T> } ? T : never
type Camel<S extends string> = S extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<Camel<Tail>>}`
  : S
type TopKey = Exclude<SettingKey, `${string}.${string}`>
type TableName = SettingKey extends infer K ? (K extends `${infer T}.${string}` ? T : never) : never
type Table<T extends TableName> = {
  readonly [K in SettingKey as K extends `${T}.${infer Name}` ? Camel<Name> : never]: ValueOf<K>
}

/** Every setting with its value: `settings.maxMessageOctets`, `settings.auth.clearFrom`. */
export type Settings = { readonly [K in TopKey as Camel<K>]: ValueOf<K> } & {
  readonly [T in TableName]: Table<T>
}

/** The table of settings for lookups by input, in the order of the table. */
export const SETTING_BY_KEY: ReadonlyMap<string, Setting<unknown>> = new Map(Object.entries(SETTINGS))

/** The settings when no source says anything. */
export function defaultSettings(): Settings {
  return settingsFrom(new Map())
}

/**
 * The settings from values that their kinds have already read, with the default for each key that is absent.
 *
 * @param values by key of `SETTING_BY_KEY`
 */
export function settingsFrom(values: ReadonlyMap<string, unknown>): Settings {
  const settings: Record<string, unknown> = {}
  const tables = new Map<string, Record<string, unknown>>()
  for (const [key, { kind, default: fallback }] of SETTING_BY_KEY) {
    const [name = '', table] = key.split('.').toReversed()
    const value = values.has(key) ? values.get(key) : kind.schema.parse(fallback)
    if (table === undefined) settings[camel(name)] = value
    else tables.set(table, { ...tables.get(table), [camel(name)]: value })
  }
  // The same walk over the table as the type makes, which the compiler cannot follow.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return { ...settings, ...Object.fromEntries(tables) } as Settings
}

function camel(name: string): string {
  return name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
