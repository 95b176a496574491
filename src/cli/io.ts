/** What a command sees of the process that runs it. */

import { relative } from 'node:path'
import type { Paths } from '../config/paths.js'

export interface Io {
  readonly stdin: NodeJS.ReadStream
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
  readonly env: NodeJS.ProcessEnv
  readonly currentDir: string
  /** How the program was called, as one would type it again: `node dist/main.js`. */
  readonly program: string
}

/** The command that adds an account on this root, as one would type it here. */
export function addCommand(io: Io, { root }: Pick<Paths, 'root'>): string {
  const where = relative(io.currentDir, root) === '' ? '' : ` --root ${root}`
  return `${io.program} account add NAME${where}`
}

export function print(io: Io, text: string): void {
  io.stdout.write(`${text}\n`)
}

/** One line for the operator, beside the command's own output. */
export function warn(io: Io, text: string): void {
  io.stderr.write(`relais: ${text}\n`)
}
