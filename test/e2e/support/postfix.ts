/**
 * A Postfix of our own in front of Relais: everything of it lies in one folder, and the system's is not touched.
 * It takes mail for our domain and hands it over by LMTP; what it has to say to senders of example.org it keeps in a
 * Maildir. Its master runs as root, as every Postfix's.
 */

import { once } from 'node:events'
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

import { messagesIn, newRoot } from './relais.ts'
import { requirePrograms, run } from './run.ts'

export interface Postfix {
  readonly smtpPort: number
  /** The lines of its log that say what became of a recipient. */
  outcomes(address: string): readonly string[]
  /** What it has told senders of example.org. */
  bounces(): readonly Buffer[]
  /** The ids of what waits in its queue. */
  queue(): Promise<readonly string[]>
  /** Ends it by its own process id, and removes its folder. */
  close(): Promise<void>
}

/** Skips aloud where it cannot run. */
export function requirePostfix(test: Mocha.Context): void {
  requirePrograms(test, 'postfix', 'postconf', 'postqueue')
  if (process.getuid?.() === 0) return
  console.log('      skipped: Postfix starts as root alone')
  test.skip()
}

/** @param transport as Postfix writes it, such as `inet:127.0.0.1:24` or `unix:/run/lmtp` */
export async function startPostfix(transport: string): Promise<Postfix> {
  const folder = newRoot()
  const conf = join(folder, 'conf')
  const queue = join(folder, 'queue')
  const smtpPort = await freePort()
  chmodSync(folder, 0o755)
  for (const name of ['conf', 'queue', 'data', 'mail']) mkdirSync(join(folder, name))
  chownSync(join(folder, 'data'), await idOf('postfix', '-u'), 0)
  const [uid, gid] = [await idOf('nobody', '-u'), await idOf('nobody', '-g')]
  chownSync(join(folder, 'mail'), uid, gid)
  writeFileSync(join(conf, 'main.cf'), mainSettings(folder, transport, { uid, gid }))
  writeFileSync(join(conf, 'master.cf'), services(smtpPort))
  const { status, stdout, stderr } = await run('postfix', ['-c', conf, 'start'])
  if (status !== 0) throw new Error(`postfix start ended with ${status}: ${stdout.toString()}${stderr}`)
  const pid = Number(readFileSync(join(queue, 'pid/master.pid'), 'utf8'))
  const log = (): readonly string[] => {
    const path = join(folder, 'log')
    return existsSync(path) ? readFileSync(path, 'utf8').split('\n') : []
  }
  return {
    smtpPort,
    outcomes: (address) =>
      log().filter((line) => line.includes(`to=<${address}>`) && line.includes('status=')),
    bounces: () => messagesIn(join(folder, 'mail/senders')),
    queue: async () => {
      const listed = await run('postqueue', ['-c', conf, '-j'])
      return [...listed.stdout.toString().matchAll(/"queue_id": "(\w+)"/g)].map(([, id = '']) => id)
    },
    close: async () => {
      process.kill(pid, 'SIGTERM')
      while (isRunning(pid)) await delay(20)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function mainSettings(folder: string, transport: string, { uid, gid }: { uid: number; gid: number }): string {
  return `compatibility_level = 3.6
queue_directory = ${folder}/queue
data_directory = ${folder}/data
maillog_file = ${folder}/log
maillog_file_prefixes = ${folder}
mail_owner = postfix
setgid_group = postdrop
myhostname = mx.glo2000.ca
mydestination =
mynetworks = 127.0.0.0/8
local_header_rewrite_clients =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
alias_database =
local_recipient_maps =
relay_domains = glo2000.ca
relay_recipient_maps =
relay_transport = lmtp:${transport}
virtual_mailbox_domains = example.org
virtual_mailbox_base = ${folder}/mail
virtual_mailbox_maps = static:senders/
virtual_minimum_uid = 1
virtual_uid_maps = static:${uid}
virtual_gid_maps = static:${gid}
`
}

/** master.cf: no service in a changed root, none but these. */
function services(smtpPort: number): string {
  return `127.0.0.1:${smtpPort} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
showq unix n - n - - showq
virtual unix - n n - - virtual
lmtp unix - - n - - lmtp
smtp unix - - n - - smtp
relay unix - - n - - smtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
tlsmgr unix - - n 1000? 1 tlsmgr
postlog unix-dgram n - n - 1 postlogd
`
}

/** @param which `-u` or `-g` */
export async function idOf(user: string, which: '-u' | '-g'): Promise<number> {
  const { status, stdout } = await run('id', [which, user])
  if (status !== 0) throw new Error(`there is no user ${user}`)
  return Number(stdout.toString())
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
