/** What a command sees of the process that runs it. */

export interface Io {
  readonly stdin: NodeJS.ReadStream
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
  readonly env: NodeJS.ProcessEnv
  readonly currentDir: string
  /** How the program was called, as one would type it again: `node dist/main.js`. */
  readonly program: string
}

export function print(io: Io, text: string): void {
  io.stdout.write(`${text}\n`)
}

/** One line for the operator, beside the command's own output. */
export function warn(io: Io, text: string): void {
  io.stderr.write(`relais: ${text}\n`)
}
