/** One place that can say what a setting is, and how a value from it is read or refused. */
import { GatewayError } from '../base/errors.js'
import type { Setting } from './settings.js'
import { oneLine, shown } from './shown.js'

/** A raw value with the key that it is for and the place where it was found. */
export interface Found {
  readonly key: string
  readonly setting: Setting<unknown>
  readonly value: unknown
  /** `--smtp-port`, `RELAIS_SMTP_PORT`, `config/relais.toml:3`; asked for only when the value is refused. */
  readonly where: () => string
}

/**
 * The value as its kind reads it.
 *
 * @throws GatewayError `config.invalid`, one line: where, key, what was found, what is expected
 */
export function readValue({ key, setting, value, where }: Found): unknown {
  const result = setting.kind.schema.safeParse(value)
  if (result.success) return result.data
  throw invalid(where(), `${key} is ${shown(value)}; expected ${setting.kind.expected}`)
}

/** The error of everything that is wrong in a configuration; always one line. */
export function invalid(where: string, problem: string, cause?: unknown): GatewayError {
  return new GatewayError('config.invalid', oneLine(`${where}: ${problem}`), { cause })
}
