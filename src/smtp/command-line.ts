/**
 * A command line as it stands: whether it is too long, or says what no command of ours takes. Pure.
 * The library reads over such things. Sources: RFC 5321 §4.1.1, §4.5.3.1.4, RFC 1870 §3, RFC 6152 §2.
 */
import { fitting, reply, type Reply } from './reply.js'

/** RFC 5321 §4.5.3.1.4, CRLF included. */
const LINE_OCTETS = 512
/** What SIZE (RFC 1870 §3) and BODY (RFC 6152 §2) add to the length of a MAIL command. */
const MAIL_LINE_OCTETS = LINE_OCTETS + 26 + 17

/** Commands whose parameters RFC 5321 §4.1.1 would have refused; the library reads over them. */
const WITHOUT_ARGUMENT: ReadonlySet<string> = new Set(['DATA ', 'RSET ', 'QUIT '])

/** Parameters of the extensions that EHLO announces; the library takes any. */
const PARAMETERS: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['MAIL ', new Set(['SIZE', 'BODY'])],
  ['RCPT ', new Set<string>()],
])

/** What is wrong with a command before anybody looks at what it says. */
export function refusedLine(command: Buffer): Reply | undefined {
  const verb = command.toString('latin1', 0, 5).toUpperCase()
  const limit = verb === 'MAIL ' ? MAIL_LINE_OCTETS : LINE_OCTETS
  if (command.length + 2 > limit) return reply(500, '5.5.2', 'line too long')
  if (WITHOUT_ARGUMENT.has(verb) && command.toString('latin1', 5).trim() !== '')
    return reply(501, '5.5.4', `${verb.trim()} takes no argument`)
  const unknown = unknownParameter(verb, command.toString('latin1'))
  return unknown === undefined
    ? undefined
    : reply(555, '5.5.4', fitting(`parameter ${unknown} is not known here`))
}

/** The first parameter behind the path of MAIL or RCPT that no announced extension has (RFC 5321 §4.1.1.11). */
function unknownParameter(verb: string, line: string): string | undefined {
  const known = PARAMETERS.get(verb)
  if (known === undefined) return undefined
  const [, behindPath = ''] = /^[^<>]*<[^<>]*>\s+(.*)$/s.exec(line) ?? []
  const names = behindPath.split(/\s+/).map((parameter) => parameter.split('=')[0]?.toUpperCase() ?? '')
  return names.find((name) => name !== '' && !known.has(name))
}
