/** Runs another program to its end. Refuses to guess: no shell, no waiting by the clock. */

import { spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** How a program ended; `status` is the signal's name if a signal ended it. */
export interface Outcome {
  readonly status: number | NodeJS.Signals
  readonly stdout: Buffer
  readonly stderr: string
}

/** What a program is given besides its arguments. */
export interface Given {
  readonly stdin?: string | Buffer
  readonly env?: NodeJS.ProcessEnv
  readonly cwd?: string
}

/** Runs a program and collects what it says. */
export function run(program: string, args: readonly string[], given: Given = {}): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: given.env ?? plainEnvironment(), cwd: given.cwd })
    const stdout: Buffer[] = []
    const stderr: Buffer[] = []
    child.stdout.on('data', (octets: Buffer) => stdout.push(octets))
    child.stderr.on('data', (octets: Buffer) => stderr.push(octets))
    child.stdin.on('error', () => undefined) // a program may end before it has read everything
    child.stdin.end(given.stdin ?? '')
    child.on('error', reject)
    child.on('close', (status, signal) =>
      resolve({
        status: status ?? signal ?? 'SIGKILL',
        stdout: Buffer.concat(stdout),
        stderr: Buffer.concat(stderr).toString(),
      }),
    )
  })
}

/** Skips the suite or test aloud, naming the program that is not installed. */
export function requirePrograms(test: Mocha.Context, ...programs: readonly string[]): void {
  for (const program of programs) {
    if (isInstalled(program)) continue
    console.log(`      skipped: ${program} is not installed`)
    test.skip()
  }
}

/** The environment without Relais' own settings, in plain English. */
export function plainEnvironment(): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('RELAIS_'))
  return { ...Object.fromEntries(inherited), LC_ALL: 'C.UTF-8', LANGUAGE: 'en' }
}

function isInstalled(program: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
