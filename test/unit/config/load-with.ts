/** `loadSettings` on a file that is only text, for the tests of this folder. */
import { GatewayError } from '../../../src/base/errors.ts'
import { loadSettings } from '../../../src/config/load.ts'
import type { Loaded } from '../../../src/config/load.ts'

export interface Given {
  /** The text of config/relais.toml; absent: there is no such file. */
  readonly file?: string | Uint8Array
  readonly env?: Readonly<Record<string, string>>
  readonly flags?: Readonly<Record<string, unknown>>
}

export async function load({ file, env = {}, flags = {} }: Given): Promise<Loaded> {
  const readFile = async (): Promise<Uint8Array> => {
    if (file === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' })
    return Buffer.from(file)
  }
  return loadSettings({ root: '.', env, flags, readFile })
}

/** The one line with which loading is refused. */
export async function refusal(given: Given): Promise<string> {
  try {
    await load(given)
  } catch (error) {
    if (error instanceof GatewayError && error.code === 'config.invalid') return error.message
    throw error
  }
  throw new Error(`accepted: ${JSON.stringify(given)}`)
}
