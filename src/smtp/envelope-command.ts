/**
 * MAIL and RCPT as our code reads them: from the octets of the command to an address and what its parameters ask
 * for, or to the reply that refuses them. Pure. Sources: RFC 5321 §4.1.1.2, §4.1.1.3, §4.1.1.11, RFC 6531 §3.5.
 */
import { isUtf8 } from 'node:buffer'
import * as parameter from './parameters.js'
import type { Parameters, ParameterTrouble, Syntax } from './parameters.js'
import { parsePath } from './path.js'
import { fitting, reply, type Reply } from './reply.js'

/** Which extensions the connection has; their parameters are unknown without them. */
export interface Extensions {
  /** Largest message that SIZE may announce. */
  readonly maxMessageOctets: number
  readonly auth: boolean
  readonly dsn: boolean
  readonly requireTls: boolean
}

export interface MailCommand {
  /** Without angle brackets; empty for the null reverse-path. */
  readonly reversePath: string
  /** What SIZE= says (RFC 1870 §6.1), 0 when it is not given. */
  readonly declaredOctets: number
  /** The message or its envelope may hold UTF-8 (RFC 6531 §3.4). */
  readonly smtpUtf8: boolean
  readonly dsn?: { readonly ret?: 'FULL' | 'HDRS'; readonly envid?: string }
}

export type Notify = 'NEVER' | 'SUCCESS' | 'FAILURE' | 'DELAY'

export interface RcptCommand {
  readonly forwardPath: string
  /** `orcpt` as `type;address`, its xtext decoded. */
  readonly dsn?: { readonly notify?: readonly Notify[]; readonly orcpt?: string }
}

export type Read<Command> =
  | { readonly kind: 'read'; readonly command: Command }
  | { readonly kind: 'refused'; readonly reply: Reply }

const BAD_SENDER = reply(501, '5.1.7', 'that is no reverse-path: MAIL FROM:<address>')
const BAD_RECIPIENT = reply(501, '5.1.3', 'that is no forward-path: RCPT TO:<address>')
/** RFC 6531 §3.5. */
const NOT_ASCII = reply(553, '5.6.7', 'an address that is not ASCII needs SMTPUTF8 at MAIL')

const MAIL_SYNTAX: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['SIZE', parameter.SIZE],
  ['BODY', parameter.BODY],
  ['SMTPUTF8', parameter.FLAG],
]
const DSN_MAIL_SYNTAX = [
  ['RET', parameter.RET],
  ['ENVID', parameter.ENVID],
] as const
const DSN_RCPT_SYNTAX: Syntax = new Map([
  ['NOTIFY', parameter.NOTIFY],
  ['ORCPT', parameter.ORCPT],
])
const NO_SYNTAX: Syntax = new Map()

export function readMail(octets: Buffer, extensions: Extensions): Read<MailCommand> {
  const path = pathOf(octets, /^MAIL FROM *: *(.*)$/is)
  if (path === undefined || path.address.toLowerCase() === 'postmaster') return refused(BAD_SENDER)
  const syntax: Syntax = new Map([
    ...MAIL_SYNTAX,
    ...(extensions.dsn ? DSN_MAIL_SYNTAX : []),
    ...(extensions.auth ? [['AUTH', parameter.AUTH] as const] : []),
    ...(extensions.requireTls ? [['REQUIRETLS', parameter.FLAG] as const] : []),
  ])
  const given = parameter.parseParameters(path.rest, syntax)
  if (isTrouble(given)) return refused(troubleReply(given))
  const declaredOctets = Number(given.get('SIZE') ?? 0)
  if (declaredOctets > extensions.maxMessageOctets)
    return refused(reply(552, '5.3.4', 'the message is larger than the SIZE announced in EHLO'))
  const smtpUtf8 = given.has('SMTPUTF8')
  if (!smtpUtf8 && !isAscii(path.address)) return refused(NOT_ASCII)
  const envid = given.get('ENVID')
  const plainEnvid = envid === undefined ? undefined : parameter.fromXtext(envid)
  if (envid !== undefined && plainEnvid === undefined)
    return refused(troubleReply({ kind: 'value', name: 'ENVID' }))
  const ret = given.get('RET')?.toUpperCase() === 'FULL' ? 'FULL' : 'HDRS'
  const dsn = {
    ...(given.has('RET') ? ({ ret } as const) : {}),
    ...(plainEnvid === undefined ? {} : { envid: plainEnvid }),
  }
  return read({
    reversePath: path.address,
    declaredOctets,
    smtpUtf8,
    ...(Object.keys(dsn).length === 0 ? {} : { dsn }),
  })
}

/** @param smtpUtf8 what MAIL of this transaction said */
export function readRcpt(octets: Buffer, { dsn }: Extensions, smtpUtf8: boolean): Read<RcptCommand> {
  const path = pathOf(octets, /^RCPT TO *: *(.*)$/is)
  if (path === undefined || path.address === '') return refused(BAD_RECIPIENT)
  const given = parameter.parseParameters(path.rest, dsn ? DSN_RCPT_SYNTAX : NO_SYNTAX)
  if (isTrouble(given)) return refused(troubleReply(given))
  if (!smtpUtf8 && !isAscii(path.address)) return refused(NOT_ASCII)
  const written = given.get('ORCPT')
  const orcpt = written === undefined ? undefined : originalRecipient(written)
  if (written !== undefined && orcpt === undefined)
    return refused(troubleReply({ kind: 'value', name: 'ORCPT' }))
  const notify = given.get('NOTIFY')?.toUpperCase().split(',').filter(isNotify)
  const asked = { ...(notify === undefined ? {} : { notify }), ...(orcpt === undefined ? {} : { orcpt }) }
  return read({ forwardPath: path.address, ...(Object.keys(asked).length === 0 ? {} : { dsn: asked }) })
}

function pathOf(octets: Buffer, pattern: RegExp): ReturnType<typeof parsePath> {
  if (!isUtf8(octets)) return undefined
  const [, behindColon] = pattern.exec(octets.toString()) ?? []
  return behindColon === undefined ? undefined : parsePath(behindColon)
}

function originalRecipient(written: string): string | undefined {
  const [type = '', ...rest] = written.split(';')
  const address = rest.join(';')
  const plain =
    type.toLowerCase() === 'utf-8' ? parameter.fromUtf8Address(address) : parameter.fromXtext(address)
  return plain === undefined ? undefined : `${type};${plain}`
}

function troubleReply(trouble: ParameterTrouble): Reply {
  switch (trouble.kind) {
    case 'malformed':
      return reply(501, '5.5.4', 'a parameter is a name, or a name, "=" and a value')
    case 'unknown':
      return reply(555, '5.5.4', fitting(`parameter ${trouble.name} is not known here`))
    case 'twice':
      return reply(501, '5.5.4', fitting(`parameter ${trouble.name} is given twice`))
    case 'value':
      return reply(501, '5.5.4', fitting(`parameter ${trouble.name} cannot have that value`))
  }
}

function isTrouble(given: Parameters | ParameterTrouble): given is ParameterTrouble {
  return 'kind' in given
}

function isNotify(word: string): word is Notify {
  return ['NEVER', 'SUCCESS', 'FAILURE', 'DELAY'].includes(word)
}

function isAscii(text: string): boolean {
  return /^[\u0000-\u007f]*$/.test(text)
}

function read<Command>(command: Command): Read<Command> {
  return { kind: 'read', command }
}

function refused(given: Reply): { readonly kind: 'refused'; readonly reply: Reply } {
  return { kind: 'refused', reply: given }
}
