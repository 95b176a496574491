/** The settings from values that another program hands in; no file and no environment variable is read. */
import { nearest } from './nearest.js'
import { SETTING_BY_KEY, settingsFrom, type SettingKey, type Settings } from './schema.js'
import { shown } from './shown.js'
import { invalid, readValue } from './source.js'

/** By key of `config/relais.toml` (`lost.reply`), each value as one would write it there; absent: the default. */
export type GivenSettings = { readonly [K in SettingKey]?: string | number | boolean | undefined }

/**
 * @param where names the giver in errors
 * @throws GatewayError `config.invalid`, one line, for the first wrong value or unknown key
 */
export function settingsGiven(given: GivenSettings, where: string): Settings {
  const values = new Map<string, unknown>()
  for (const [key, value] of Object.entries(given)) {
    const setting = SETTING_BY_KEY.get(key)
    if (setting === undefined) throw invalid(where, `${shown(key)} is no setting${hint(key)}`)
    if (value !== undefined) values.set(key, readValue({ key, setting, value, where: () => where }))
  }
  return settingsFrom(values)
}

function hint(key: string): string {
  const meant = nearest(key, [...SETTING_BY_KEY.keys()])
  return meant === undefined ? '' : `; did you mean ${meant}?`
}
