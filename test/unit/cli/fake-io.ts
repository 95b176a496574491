/** A process for commands to run in: what they are typed, and what they print. */
import { PassThrough } from 'node:stream'
import { runCli } from '../../../src/cli/cli.ts'
import type { Io } from '../../../src/cli/io.ts'

export interface Run {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

export interface Given {
  /** The current folder; where nothing else is said, the root. */
  readonly currentDir: string
  /** Everything on standard input, which is no terminal. */
  readonly stdin?: string | Uint8Array
  readonly env?: Readonly<Record<string, string>>
}

/** Runs a command to its end. Passwords cost as little as settings allow. */
export async function run(
  argv: readonly string[],
  { currentDir, stdin = '', env = {} }: Given,
): Promise<Run> {
  const [input, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()]
  input.end(stdin)
  // A process has terminals where tests have plain streams; commands ask them for `isTTY` and nothing more.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const io = {
    stdin: input,
    stdout,
    stderr,
    env: { RELAIS_PASSWORDS_ITERATIONS: '10000', ...env },
    currentDir,
    program: 'relais',
  } as unknown as Io
  const status = await runCli(argv, io)
  const textOf = (stream: PassThrough): string => String(stream.read() ?? '')
  return { status, stdout: textOf(stdout), stderr: textOf(stderr) }
}
