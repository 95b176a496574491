/**
 * The built program, run as its user runs it: in a folder of its own, on free ports, on loopback.
 * Ends only what it has started.
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { type Given, type Outcome, plainEnvironment, run } from './run.ts'

/** The folder that holds `dist/`. */
export const REPOSITORY = join(import.meta.dirname, '../../..')

/** A password that keeps every rule. */
export const PASSWORD = 'Diligence-1840'

/** A server that is ready for mail. */
export interface Relais {
  readonly root: string
  /** The process that was started; it leads a group of its own. */
  readonly pid: number
  readonly smtpPort: number
  /** With STARTTLS. */
  readonly submissionPort: number
  /** TLS from the first octet on, as `pop3sPort`. */
  readonly submissionsPort: number
  readonly pop3Port: number
  readonly pop3sPort: number
  /** The file of its own certificate, PEM, which names localhost and 127.0.0.1. */
  readonly certificate: string
  /** What it printed until it was ready. */
  readonly greeting: string
  /** What it has said on stderr so far. */
  stderr(): string
  /** Runs another command on the same root. */
  cli(args: readonly string[], stdin?: string): Promise<Outcome>
  /** Adds accounts with `PASSWORD`. */
  addAccounts(...names: readonly string[]): Promise<void>
  /** Asks it to end and gives its exit status. */
  stop(signal?: 'SIGTERM' | 'SIGINT'): Promise<number | NodeJS.Signals>
  /** Ends it as a power cut would; the root stays. */
  kill(): Promise<void>
  /** Ends it if it still runs, and removes the root. */
  close(): Promise<void>
}

const FREE_PORTS = ['smtp', 'submission', 'submissions', 'pop3', 'pop3s'].flatMap((name) => [
  `--${name}-port`,
  '0',
])

/** What differs from the usual start. */
export interface StartOptions {
  /** A root that is there already; otherwise a new one. */
  readonly root?: string
  readonly env?: NodeJS.ProcessEnv
  /** The program and its arguments in front of `--root`; otherwise `node dist/main.js serve`. */
  readonly command?: readonly [string, ...string[]]
}

/** Starts the server and waits until it listens. */
export async function startRelais(options: StartOptions = {}): Promise<Relais> {
  const root = options.root ?? newRoot()
  const [program, ...args] = options.command ?? [process.execPath, 'dist/main.js', 'serve']
  const child = spawn(program, [...args, '--root', root, ...FREE_PORTS], {
    cwd: REPOSITORY,
    env: { ...environment(), ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // a process group of its own, as a terminal would give it
  })
  const said = listen(child)
  const greeting = await ready(child, said)
  return server(child, said, { root, greeting })
}

/** Runs one command of the built program, without a server of ours. */
export function relais(args: readonly string[], given: Given = {}): Promise<Outcome> {
  const env = { ...environment(), ...given.env }
  return run(process.execPath, [join(REPOSITORY, 'dist/main.js'), ...args], { ...given, env })
}

/** A new empty folder below the system's temporary one. */
export function newRoot(): string {
  return mkdtempSync(join(tmpdir(), 'relais-e2e-'))
}

/** The messages that lie in one Maildir, also those that were marked as read, as octets. */
export function messagesIn(maildir: string): Buffer[] {
  return ['new', 'cur']
    .map((part) => join(maildir, part))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).map((name) => ({ name, path: join(folder, name) })))
    .toSorted((one, other) => (one.name < other.name ? -1 : 1))
    .map(({ path }) => readFileSync(path))
}

/** Whether anybody answers on a port of loopback. */
export async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

interface Said {
  stdout: string
  stderr: string
}

function listen(child: ChildProcess): Said {
  const said = { stdout: '', stderr: '' }
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (said.stdout += text))
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (said.stderr += text))
  return said
}

/** Its last lines come in one piece with those before. */
const READY = /^ {2}data .*\n/m

/** The port that a protocol has in the greeting. */
function portOf(greeting: string, protocol: string): number {
  const ports = [...greeting.matchAll(/^ {2}(\S+) +127\.0\.0\.1:(\d+)$/gm)]
  return Number(ports.find(([, name]) => name === protocol)?.[2])
}

function ready(child: ChildProcess, said: Said): Promise<string> {
  return new Promise((resolve, reject) => {
    child.stdout?.on('data', () => READY.test(said.stdout) && resolve(said.stdout))
    child.on('error', reject)
    child.on('close', (status) =>
      reject(new Error(`ended with ${status} before it was ready: ${said.stderr}${said.stdout}`)),
    )
  })
}

function server(
  child: ChildProcess,
  said: Said,
  { root, greeting }: Pick<Relais, 'root' | 'greeting'>,
): Relais {
  let isClosed = false
  const ended = new Promise<number | NodeJS.Signals>((resolve) =>
    child.on('close', (status, signal) => ((isClosed = true), resolve(status ?? signal ?? 'SIGKILL'))),
  )
  const signalGroup = (signal: NodeJS.Signals): void => {
    if (!isClosed && child.pid !== undefined) process.kill(-child.pid, signal)
  }
  const cli: Relais['cli'] = (args, stdin = '') => relais([...args, '--root', root], { stdin })
  const stop: Relais['stop'] = (signal = 'SIGTERM') => {
    signalGroup(signal)
    return ended
  }
  const kill = async (): Promise<void> => {
    signalGroup('SIGKILL')
    await ended
  }
  return {
    root,
    pid: child.pid ?? 0,
    greeting,
    smtpPort: portOf(greeting, 'SMTP'),
    submissionPort: portOf(greeting, 'SUBMISSION'),
    submissionsPort: portOf(greeting, 'SUBMISSIONS'),
    pop3Port: portOf(greeting, 'POP3'),
    pop3sPort: portOf(greeting, 'POP3S'),
    certificate: join(root, 'config/tls/cert.pem'),
    stderr: () => said.stderr,
    cli,
    addAccounts: (...names) => addAccounts(cli, names),
    stop,
    kill,
    close: async () => {
      await kill()
      rmSync(root, { recursive: true, force: true })
    },
  }
}

async function addAccounts(cli: Relais['cli'], names: readonly string[]): Promise<void> {
  for (const name of names) {
    const { status, stderr } = await cli(['account', 'add', name, '--password-stdin'], `${PASSWORD}\n`)
    if (status !== 0) throw new Error(`account add ${name} ended with ${status}: ${stderr}`)
  }
}

/** Hashing a password takes 0.3 s on purpose; here it need not. */
function environment(): NodeJS.ProcessEnv {
  return { ...plainEnvironment(), RELAIS_PASSWORDS_ITERATIONS: '10000' }
}
