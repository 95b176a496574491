/** The limits of POP3 as the settings have them. */
import type { Settings } from '../config/schema.js'
import { DEFAULT_LIMITS, type Pop3Limits } from '../pop3/limits.js'

export function pop3Limits({ pop3, addressLimits }: Pick<Settings, 'pop3' | 'addressLimits'>): Pop3Limits {
  return {
    ...DEFAULT_LIMITS,
    idleMs: pop3.idleSeconds * 1000,
    connections: pop3.connections,
    connectionsPerAddress: addressLimits ? pop3.connectionsPerAddress : Infinity,
    wrongCommands: pop3.wrongCommands,
    failedSignIns: pop3.failedSignIns,
  }
}
