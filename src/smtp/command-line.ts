/**
 * A command line as it stands: whether it is too long, or has an argument that no command of ours takes. Pure.
 * Sources: RFC 5321 §4.1.1, §4.5.3.1.4; what extensions add is at each.
 */
import type { Extensions } from './envelope-command.js'
import { reply, type Reply } from './reply.js'

/** RFC 5321 §4.5.3.1.4, CRLF included. */
const LINE_OCTETS = 512

/** RFC 4954 §4, for AUTH and for each line of its exchange, CRLF included. */
export const AUTH_LINE_OCTETS = 12_288

/** Commands whose parameters RFC 5321 §4.1.1 would have refused; the library reads over them. */
const WITHOUT_ARGUMENT: ReadonlySet<string> = new Set(['DATA', 'RSET', 'QUIT', 'STARTTLS'])

/** The first line of a request that a web page can be made to send here, or that of its header. */
const HTTP = /^(?:(?:CONNECT|DELETE|GET|HEAD|OPTIONS|PATCH|POST|PRI|PUT|TRACE) .*HTTP\/\d|Host *:)/i
const NO_HTTP = reply(421, '4.7.0', 'this is no web server')

/** What is wrong with a command before anybody looks at what it says. */
export function refusedLine(command: Buffer, extensions: Extensions): Reply | undefined {
  if (HTTP.test(command.toString('latin1'))) return NO_HTTP
  const verb = verbOf(command)
  const limit = verb === 'AUTH' ? AUTH_LINE_OCTETS : LINE_OCTETS + moreOctets(verb, extensions)
  if (command.length + 2 > limit)
    return verb === 'AUTH' ? reply(500, '5.5.6', 'line too long') : reply(500, '5.5.2', 'line too long')
  if (WITHOUT_ARGUMENT.has(verb) && command.toString('latin1', verb.length).trim() !== '')
    return reply(501, '5.5.4', `${verb} takes no argument`)
  return undefined
}

/**
 * What the parameters of extensions add to the length of a command: SIZE (RFC 1870 §3), BODY (RFC 6152 §2),
 * SMTPUTF8 (RFC 6531 §3.1), AUTH (RFC 4954 §3), REQUIRETLS (RFC 8689 §2), RET, ENVID, NOTIFY and ORCPT (RFC 3461 §4).
 */
function moreOctets(verb: string, { auth, dsn, requireTls }: Extensions): number {
  switch (verb) {
    case 'MAIL':
      return 26 + 17 + 10 + (auth ? 500 : 0) + (requireTls ? 11 : 0) + (dsn ? 9 + 107 : 0)
    case 'RCPT':
      return dsn ? 29 + 507 : 0
    default:
      return 0
  }
}

/** Upper case. */
function verbOf(command: Buffer): string {
  const [verb = ''] = command.toString('latin1', 0, 10).split(' ', 1)
  return verb.toUpperCase()
}
