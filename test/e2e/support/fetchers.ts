/**
 * The programs that people fetch mail with. Each fetches the whole maildrop, leaves it there, and gives what it then
 * holds, its LF made CRLF again; what else it changes is named here. Under TLS each checks the certificate.
 */

import { chmodSync, chownSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { PASSWORD, messagesIn } from './relais.ts'
import { type Outcome, plainEnvironment, run } from './run.ts'
import { fromUnixFile } from './trace.ts'

/** In clear, with STLS (RFC 2595 §4), or TLS from the start. */
export type Transport = 'clear' | 'stls' | 'tls'

/** alice's maildrop, and where to keep files of the program's. */
export interface Maildrop {
  readonly port: number
  readonly transport: Transport
  /** The file of the only certificate to trust, PEM; it names localhost and 127.0.0.1. */
  readonly certificate: string
  readonly messages: number
  /** Empty, and of this call alone. */
  readonly folder: string
}

export interface Fetcher {
  readonly name: string
  /** What must be installed. */
  readonly programs: readonly string[]
  readonly transports: readonly Transport[]
  /** Messages of the corpus that it does not keep as they were. */
  readonly changes: ReadonlySet<string>
  /** @throws Error with what the program said, when it ends with any other status than 0 */
  fetch(maildrop: Maildrop): Promise<readonly Buffer[]>
}

const NOTHING: ReadonlySet<string> = new Set()
const EVERY_TRANSPORT = ['clear', 'stls', 'tls'] as const

/** Reads a header that it knows before it hands a message on. */
const CHANGED_BY_FETCHMAIL = new Set([
  'dots-first-line', // leaves the dots of header lines doubled
  'empty-body-no-blank-line', // adds the blank line, here and in the next two
  'no-final-line-end-header',
  'no-header',
  'first-line-mbox-from', // takes that line away
  'line-20000', // breaks it where its buffer ends
])

/** Parses a message and writes it anew: folds what is long, ends what is open, moves what is misplaced. */
const CHANGED_BY_GETMAIL = new Set([
  'attachment-hostile-names',
  'attachment-rfc2231',
  'byte-order-mark',
  'dkim-signature',
  'empty-body-no-blank-line',
  'first-line-mbox-from',
  'header-empty',
  'header-folded',
  'header-long-references',
  'header-own-return-path',
  'header-trailing-spaces',
  'header-without-colon',
  'line-20000-header',
  'line-998-header',
  'mdn',
  'message-partial',
  'multipart-deep',
  'multipart-unclosed',
  'newsletter-inline-image',
  'no-final-line-end-header',
  'no-header',
  'vacation-reply',
])

/** Ends a line where it holds a NUL. */
const CHANGED_BY_NEOMUTT = new Set(['control-octets', 'nul-in-body'])

export const FETCHERS: readonly Fetcher[] = [
  {
    name: 'poplib',
    programs: ['python3'],
    transports: ['stls', 'tls'],
    changes: NOTHING,
    async fetch({ port, transport, certificate, folder }) {
      const script = join(import.meta.dirname, '../clients/poplib_out.py')
      const out = newFolder(folder, 'out')
      succeeded(await run('python3', [script, String(port), 'alice', PASSWORD, out, transport, certificate]))
      return filesIn(out)
    },
  },
  { name: 'curl', programs: ['curl'], transports: EVERY_TRANSPORT, changes: NOTHING, fetch: curl() },
  {
    name: 'curl by AUTH PLAIN',
    programs: ['curl'],
    transports: EVERY_TRANSPORT,
    changes: NOTHING,
    fetch: curl('--login-options', 'AUTH=PLAIN'),
  },
  { name: 'mpop', programs: ['mpop'], transports: EVERY_TRANSPORT, changes: NOTHING, fetch: mpop('user') },
  {
    name: 'mpop by AUTH PLAIN',
    programs: ['mpop'],
    transports: ['stls', 'tls'],
    changes: NOTHING,
    fetch: mpop('plain'),
  },
  {
    name: 'fetchmail',
    programs: ['fetchmail'],
    transports: EVERY_TRANSPORT,
    changes: CHANGED_BY_FETCHMAIL,
    async fetch({ port, transport, certificate, folder }) {
      const out = newFolder(folder, 'out')
      const tls = {
        clear: "sslproto ''",
        stls: `sslproto 'TLS1.2+' sslcertck sslcertfile ${certificate}`,
        tls: `ssl sslcertck sslcertfile ${certificate}`,
      }[transport]
      const settings = `set invisible
poll localhost protocol pop3 port ${port} auth password bad-header accept
  username alice password "${PASSWORD}"
  fetchall keep no rewrite no mimedecode no dropstatus pass8bits ${tls}
  mda "cat > ${out}/$(($(ls ${out} | wc -l) + 1))"
`
      const files = ['--idfile', join(folder, 'ids'), '--pidfile', join(folder, 'pid')]
      succeeded(await run('fetchmail', ['--fetchmailrc', settingsFile(folder, settings), ...files]))
      return filesIn(out).map(fromUnixFile)
    },
  },
  {
    name: 'getmail6',
    programs: ['getmail'],
    transports: ['clear', 'tls'], // it knows no STLS
    changes: CHANGED_BY_GETMAIL,
    async fetch({ port, transport, certificate, folder }) {
      const out = newMaildir(folder)
      const settings = `[retriever]
type = ${transport === 'tls' ? 'SimplePOP3SSLRetriever' : 'SimplePOP3Retriever'}
${transport === 'tls' ? `ca_certs = ${certificate}` : ''}
server = localhost
port = ${port}
username = alice
password = ${PASSWORD}
[destination]
type = Maildir
path = ${out}/
${asNobody(folder, out)}
[options]
read_all = true
delete = false
delivered_to = false
received = false
verbose = 0
`
      const args = [`--getmaildir=${folder}`, `--rcfile=${settingsFile(folder, settings)}`]
      succeeded(await run('getmail', args))
      return messagesIn(out).map(fromUnixFile)
    },
  },
  {
    name: 'neomutt',
    programs: ['neomutt', 'script'],
    transports: ['stls', 'tls'],
    changes: CHANGED_BY_NEOMUTT,
    async fetch({ port, transport, certificate, folder }) {
      const out = newMaildir(folder)
      mkdirSync(join(folder, 'Mail')) // or it asks for it, and takes the next key as the answer
      const settings = `set mbox_type=Maildir spoolfile=${out} header_cache="" sleep_time=0 wait_key=no quit=yes move=no mark_old=no
set pop_host="${transport === 'tls' ? 'pops' : 'pop'}://alice@localhost:${port}/" pop_pass="${PASSWORD}" pop_delete=no
set ssl_starttls=yes ssl_force_tls=yes certificate_file=${certificate}
`
      const command = `neomutt -n -F ${settingsFile(folder, settings)} -e 'push "<fetch-mail><quit>"'`
      const env = { ...plainEnvironment(), HOME: folder, TERM: 'xterm' }
      // It needs a terminal, which script gives it; the end of a pipe would be a key that is pressed.
      const shell = ['-c', 'exec script -qec "$1" /dev/null </dev/null', 'sh', command]
      succeeded(await run('sh', shell, { env }))
      return messagesIn(out).map(fromUnixFile)
    },
  },
]

function curl(...how: readonly string[]): Fetcher['fetch'] {
  return async ({ port, transport, certificate, messages, folder }) => {
    const url = `${transport === 'tls' ? 'pop3s' : 'pop3'}://127.0.0.1:${port}/[1-${messages}]`
    const tls = transport === 'clear' ? [] : ['--ssl-reqd', '--cacert', certificate]
    const out = newFolder(folder, 'out')
    const to = ['-o', join(out, '#1')]
    succeeded(await run('curl', ['-sS', url, '-u', `alice:${PASSWORD}`, ...tls, ...how, ...to]))
    return filesIn(out)
  }
}

function mpop(auth: 'user' | 'plain'): Fetcher['fetch'] {
  return async ({ port, transport, certificate, folder }) => {
    const out = newMaildir(folder)
    const tls =
      transport === 'clear'
        ? 'tls off'
        : `tls on\ntls_starttls ${transport === 'stls' ? 'on' : 'off'}\ntls_trust_file ${certificate}`
    const settings = `account default
host 127.0.0.1
port ${port}
${tls}
auth ${auth}
user alice
password ${PASSWORD}
keep on
received_header off
uidls_file ${join(folder, 'uidls')}
delivery maildir ${out}
`
    succeeded(await run('mpop', ['--quiet', `--file=${settingsFile(folder, settings)}`]))
    return messagesIn(out).map(fromUnixFile)
  }
}

function succeeded({ status, stdout, stderr }: Outcome): void {
  if (status !== 0) throw new Error(`ended with ${status}: ${stdout.toString()}${stderr}`)
}

function newFolder(folder: string, name: string): string {
  const path = join(folder, name)
  mkdirSync(path)
  return path
}

function newMaildir(folder: string): string {
  const path = newFolder(folder, 'out')
  for (const part of ['new', 'cur', 'tmp']) mkdirSync(join(path, part))
  return path
}

function settingsFile(folder: string, text: string): string {
  const path = join(folder, 'settings')
  writeFileSync(path, text, { mode: 0o600 })
  return path
}

/** getmail delivers to no Maildir as root, but then as another user. */
function asNobody(folder: string, maildir: string): string {
  if (process.getuid?.() !== 0) return ''
  const nobody = 65534
  for (const part of ['.', 'new', 'cur', 'tmp']) chownSync(join(maildir, part), nobody, nobody)
  for (const above of [folder, join(folder, '..')]) chmodSync(above, 0o711)
  return 'user = nobody'
}

function filesIn(folder: string): readonly Buffer[] {
  return readdirSync(folder).map((name) => readFileSync(join(folder, name)))
}
