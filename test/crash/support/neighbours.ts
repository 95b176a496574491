/** Other mail programs that use an account's Maildir. Messages are named by their subjects. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

import { plainEnvironment, requirePrograms, run } from '../../e2e/support/run.ts'

/** One program at work on one Maildir. */
export interface Neighbour {
  /** The subjects of all messages, sorted. */
  list(): Promise<readonly string[]>
  /** Marks every message as read. */
  see(): Promise<void>
  /** Gives a message the flag F. */
  flag(subject: string): Promise<void>
  remove(subject: string): Promise<void>
  add(message: string): Promise<void>
  close(): Promise<void>
}

export interface NeighbourKind {
  readonly name: string
  /** Skips the suite aloud where the program cannot be had. */
  require(test: Mocha.Context): Promise<void>
  open(maildir: string): Promise<Neighbour>
}

export const NEIGHBOURS: readonly NeighbourKind[] = [
  {
    name: 'python’s mailbox.Maildir',
    require: async (test) => requirePrograms(test, 'python3'),
    open: async (maildir) => openPython(maildir),
  },
  {
    name: 'neomutt',
    require: async (test) => requirePrograms(test, 'neomutt', 'script'),
    open: async (maildir) => openNeomutt(maildir),
  },
  { name: 'Dovecot', require: requireDovecot, open: async (maildir) => openDovecot(maildir) },
]

function openPython(maildir: string): Neighbour {
  const script = join(import.meta.dirname, 'neighbour.py')
  const child = spawn('python3', [script, maildir], { stdio: ['pipe', 'pipe', 'inherit'] })
  const closed = once(child, 'close')
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  async function ask(...command: readonly string[]): Promise<unknown> {
    child.stdin.write(`${JSON.stringify(command)}\n`)
    const line = await lines.next()
    if (line.done === true) throw new Error('python has ended')
    return JSON.parse(line.value)
  }
  return {
    list: async () => {
      const subjects = await ask('list')
      return Array.isArray(subjects) ? subjects.map(String) : []
    },
    see: async () => void (await ask('see')),
    flag: async (subject) => void (await ask('flag', subject)),
    remove: async (subject) => void (await ask('remove', subject)),
    add: async (message) => void (await ask('add', message)),
    async close() {
      child.stdin.end()
      await closed
    },
  }
}

const NEOMUTT = `set mbox_type=Maildir copy=no confirmappend=no delete=yes quit=yes mark_old=no move=no
set header_cache="" sleep_time=0 wait_key=no maildir_trash=no auto_tag=no`

function openNeomutt(maildir: string): Neighbour {
  const home = mkdtempSync(join(tmpdir(), 'relais-neomutt-'))
  const settings = join(home, 'neomuttrc')
  const into = join(home, 'messages')
  writeFileSync(settings, NEOMUTT)
  mkdirSync(join(home, 'Mail')) // or it asks for it, and takes the next key as the answer
  const env = { ...plainEnvironment(), HOME: home, TERM: 'xterm' }
  /** It needs a terminal, which script gives it; the end of a pipe would be a key that is pressed. */
  async function neomutt(args: string): Promise<void> {
    const command = `neomutt -n -F ${settings} ${args}`
    const shell = ['-c', 'exec script -qec "$1" /dev/null </dev/null', 'sh', command]
    const { status, stdout } = await run('sh', shell, { env })
    if (status !== 0) throw new Error(`neomutt ended with ${status}: ${stdout.toString()}`)
  }
  const press = (keys: string): Promise<void> =>
    neomutt(`-f ${maildir} -e 'push "${keys}<sync-mailbox><quit>"'`)
  return {
    async list() {
      await press(`<tag-pattern>~A<enter><tag-prefix><pipe-message>cat>${into}<enter>`)
      const lines = readFileSync(into, 'utf8').split('\n')
      return lines.flatMap((line) => /^Subject: (.*?)\r?$/.exec(line)?.[1] ?? []).toSorted()
    },
    see: () => press('<tag-pattern>~A<enter><tag-prefix><clear-flag>N<untag-pattern>~A<enter>'),
    flag: (subject) => press(`<limit>~s \\"^${subject}$\\"<enter><flag-message><limit>all<enter>`),
    remove: (subject) => press(`<limit>~s \\"^${subject}$\\"<enter><delete-message><limit>all<enter>`),
    async add(message) {
      const mbox = join(home, 'mbox')
      writeFileSync(mbox, `From bob@example.org Sat Nov 21 12:00:00 2026\n${message}`)
      await neomutt(`-m mbox -f ${mbox} -e 'push "<save-message>${maildir}<enter><quit>"'`)
    },
    close: async () => rmSync(home, { recursive: true, force: true }),
  }
}

/** Dovecot never opens mail as root: there, it runs as a user of a namespace of its own. */
const AS_USER = ['unshare', '--user', '--map-user=1000', '--map-group=1000'] as const

async function requireDovecot(test: Mocha.Context): Promise<void> {
  requirePrograms(test, 'doveadm')
  if (userInfo().uid !== 0) return
  const [program, ...args] = AS_USER
  if ((await run(program, [...args, 'true'])).status === 0) return
  console.log('      skipped: Dovecot does not run as root, and user namespaces are not allowed')
  test.skip()
}

function openDovecot(maildir: string): Neighbour {
  const home = mkdtempSync(join(tmpdir(), 'relais-dovecot-'))
  const config = join(home, 'dovecot.conf')
  const isRoot = userInfo().uid === 0
  const uid = isRoot ? 1000 : userInfo().uid
  const gid = isRoot ? 1000 : userInfo().gid
  mkdirSync(join(home, 'run'))
  writeFileSync(
    config,
    `base_dir = ${home}/run
log_path = /dev/stderr
ssl = no
protocols =
mail_location = maildir:${maildir}
mail_uid = ${uid}
mail_gid = ${gid}
first_valid_uid = ${uid}
first_valid_gid = ${gid}
`,
  )
  const env = { ...plainEnvironment(), USER: 'alice', HOME: home }
  async function doveadm(args: readonly string[], stdin = ''): Promise<string> {
    const command = ['doveadm', '-c', config, ...args]
    const [program = '', ...rest] = isRoot ? [...AS_USER, ...command] : command
    const { status, stdout, stderr } = await run(program, rest, { env, stdin })
    if (status !== 0 || stderr !== '') throw new Error(`doveadm ended with ${status}: ${stderr}`)
    return stdout.toString()
  }
  const inbox = (subject: string): string[] => ['mailbox', 'INBOX', 'header', 'Subject', subject]
  return {
    async list() {
      const text = await doveadm(['-f', 'tab', 'fetch', 'hdr.subject', 'mailbox', 'INBOX', 'all'])
      return text.trimEnd().split('\n').slice(1).toSorted()
    },
    see: async () => void (await doveadm(['flags', 'add', String.raw`\Seen`, 'mailbox', 'INBOX', 'all'])),
    flag: async (subject) => void (await doveadm(['flags', 'add', String.raw`\Flagged`, ...inbox(subject)])),
    remove: async (subject) => void (await doveadm(['expunge', ...inbox(subject)])),
    add: async (message) => void (await doveadm(['save', '-m', 'INBOX'], message)),
    close: async () => rmSync(home, { recursive: true, force: true }),
  }
}
