/** The flags that set something, as data for whoever parses a command line. */
import { flagName } from './names.js'
import { SETTING_BY_KEY } from './schema.js'

export interface Flag {
  /** Without the hyphens in front: `smtp-port`. */
  readonly name: string
  /** One sentence. */
  readonly describe: string
  /** Always text with a value: `loadSettings` reads it, so that every source is judged by the same rule. */
  readonly type: 'string'
  readonly requiresArg: true
}

/** `--root`, which is no setting of the file, as it says where the file is; see `resolveRoot`. */
export const ROOT_FLAG: Flag = flag(
  'root',
  'Folder that holds everything Relais keeps; by default the current one.',
)

/** One flag for each setting, in the order of the table. */
export const SETTING_FLAGS: readonly Flag[] = [...SETTING_BY_KEY].map(([key, { meaning, inEffect }]) =>
  flag(flagName(key), inEffect ? meaning : `${meaning} Not in effect yet.`),
)

function flag(name: string, describe: string): Flag {
  return { name, describe, type: 'string', requiresArg: true }
}
