/**
 * A delivery status notification as a message: for people, for programs, and what came back (RFC 3464, RFC 6522).
 * Builds octets; delivers nothing. Where a header or an address holds UTF-8, the parts are those of RFC 6533.
 */
import { isUtf8 } from 'node:buffer'
import MimeNode from 'nodemailer/lib/mime-node'
import type { Language } from '../base/language.js'
import { chooseLanguage } from './sender-language.js'
import { mailDate } from '../message/date.js'
import { plain } from '../message/trace.js'
import { noticesOfKind, type Failure, type Notice } from './notification.js'
import { NOTIFICATION_TEXTS } from './notification-texts.js'
import type { Original } from './original.js'

export interface NotificationFacts {
  /** Our mail domain: the reporting server's name. */
  readonly domain: string
  /** The sender's own address. */
  readonly to: string
  /** Unique for ever; the left side of the notification's Message-ID. */
  readonly id: string
  readonly notices: readonly Notice[]
  readonly original: Original
  /** What the sender calls the transaction (RFC 3461 §4.4), xtext decoded. */
  readonly envid: string | undefined
  readonly receivedAt: Date
  readonly writtenAt: Date
  /** When the message itself does not tell which one its sender reads. */
  readonly language: Language
}

/** Recipients that the part for people names; the part for programs names all. */
const MOST_NAMED = 50

/** RFC 3463 §3.2, §3.3. */
const STATUS = {
  'unknown-recipient': '5.1.1',
  'mailbox-failed': '5.2.0',
  'mailbox-full': '5.2.2',
} as const satisfies Record<Failure, string>

/** All octets of the message but `Return-Path`, line ends CRLF. */
export async function notificationMessage(facts: NotificationFacts): Promise<Buffer> {
  const { domain, to, id, notices, original, writtenAt } = facts
  const header = original.header.toString('latin1')
  const language = languageOf(header, facts.language)
  const texts = NOTIFICATION_TEXTS[language]
  const { failed } = noticesOfKind(notices)
  const root = new MimeNode('multipart/report; report-type=delivery-status', {
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  root.setHeader([
    { key: 'From', value: { name: 'Mail Delivery System', address: `postmaster@${domain}` } },
    { key: 'To', value: to },
    { key: 'Subject', value: failed.length > 0 ? texts.failedSubject : texts.deliveredSubject },
    { key: 'Date', value: mailDate(writtenAt) },
    { key: 'Message-ID', value: `<${id}@${domain}>` },
    ...answers(header),
    // RFC 3834 §5.
    { key: 'Auto-Submitted', value: 'auto-replied' },
    { key: 'Content-Language', value: language },
  ])
  addPeoplePart(root, facts, language)
  addStatusPart(root, facts)
  addOriginalPart(root, original, failed.length > 0)
  return root.build()
}

/** What the sender's program says it writes or reads (RFC 3282 §2, §3), else what the house is set to. */
function languageOf(header: string, otherwise: Language): Language {
  const tags = [field(header, 'Accept-Language'), field(header, 'Content-Language')]
  return chooseLanguage(
    tags.flatMap((value) => value?.split(',') ?? []),
    otherwise,
  )
}

/** `In-Reply-To` and `References`, when the message has a Message-ID that can be quoted. */
function answers(header: string): { readonly key: string; readonly value: string }[] {
  const id = /^<[!-;=?-~]{1,900}>$/.exec(field(header, 'Message-ID') ?? '')?.[0]
  return id === undefined ? [] : ['In-Reply-To', 'References'].map((key) => ({ key, value: id }))
}

/** A field's first value, unfolded. */
function field(header: string, name: string): string | undefined {
  const found = new RegExp(`^${name}[ \\t]*:((?:[^\\r\\n]|\\r\\n[ \\t])*)`, 'im').exec(header)?.[1]
  return found?.replace(/\r\n/g, '').trim()
}

function addPeoplePart(root: MimeNode, facts: NotificationFacts, language: Language): void {
  const texts = NOTIFICATION_TEXTS[language]
  const { failed, delivered } = noticesOfKind(facts.notices)
  const failures = failed.map(
    ({ recipient, outcome }) =>
      `  ${plain(recipient.address)}\r\n    ${texts.reasons[outcome.failure]}; ${texts.kept(outcome.lostId)}`,
  )
  const successes = delivered.map(({ recipient }) => `  ${plain(recipient.address)}`)
  const paragraphs = [
    texts.opening(facts.domain, mailDate(facts.receivedAt)),
    ...(failed.length > 0 ? [texts.failed, shortened(failures, texts.more), texts.closing] : []),
    ...(delivered.length > 0 ? [texts.delivered, shortened(successes, texts.more)] : []),
  ]
  root.createChild('text/plain; charset=utf-8').setContent(`${paragraphs.join('\r\n\r\n')}\r\n`)
}

function shortened(lines: readonly string[], more: (count: number) => string): string {
  const rest = lines.length - MOST_NAMED
  return [...lines.slice(0, MOST_NAMED), ...(rest > 0 ? [`  ${more(rest)}`] : [])].join('\r\n')
}

/** One group of fields for the message and one for each recipient (RFC 3464 §2.1). */
function addStatusPart(root: MimeNode, { domain, envid, receivedAt, notices }: NotificationFacts): void {
  const message = [
    ...(envid === undefined ? [] : [`Original-Envelope-Id: ${plain(envid)}`]),
    `Reporting-MTA: dns; ${domain}`,
    `Arrival-Date: ${mailDate(receivedAt)}`,
  ]
  const groups = [message, ...notices.map(recipientFields)]
  const text = groups.map((fields) => fields.map((line) => `${line}\r\n`).join('')).join('\r\n')
  const type = isAscii(text) ? 'message/delivery-status' : 'message/global-delivery-status'
  addMessagePart(root, type, Buffer.from(text))
}

/** RFC 3464 §2.3. `Original-Recipient` only as the sender gave it. */
function recipientFields({ recipient: { address, dsn }, outcome }: Notice): readonly string[] {
  const original = dsn.orcpt === undefined ? [] : [`Original-Recipient: ${originalRecipient(dsn.orcpt)}`]
  const final = `Final-Recipient: ${isAscii(address) ? 'rfc822' : 'utf-8'}; ${plain(address)}`
  if (outcome.kind === 'delivered') return [...original, final, 'Action: delivered', 'Status: 2.1.5']
  return [
    ...original,
    final,
    'Action: failed',
    `Status: ${STATUS[outcome.failure]}`,
    `X-Relais-Lost-Id: ${outcome.lostId}`,
  ]
}

/** `addr-type; address`. */
function originalRecipient(orcpt: string): string {
  const end = orcpt.indexOf(';')
  return plain(
    end === -1 ? `rfc822; ${orcpt}` : `${orcpt.slice(0, end)}; ${orcpt.slice(end + 1).trimStart()}`,
  )
}

/** The whole message comes back only when something failed (RFC 3461 §4.3). */
function addOriginalPart(root: MimeNode, { header, whole }: Original, hasFailed: boolean): void {
  const isGlobal = !isAscii(header) && isUtf8(header)
  if (whole !== undefined && hasFailed)
    addMessagePart(root, isGlobal ? 'message/global' : 'message/rfc822', whole)
  else if (isGlobal) addMessagePart(root, 'message/global-headers', header)
  else if (isAscii(header)) root.createChild('text/rfc822-headers').setContent(header.toString('latin1'))
  else root.createChild('text/rfc822-headers').setContent(header)
}

function addMessagePart(root: MimeNode, type: string, octets: Buffer): void {
  const encoding = isAscii(octets) ? '7bit' : '8bit'
  root.createChild(type).setHeader('Content-Transfer-Encoding', encoding).setContent(octets)
}

function isAscii(text: string | Buffer): boolean {
  return typeof text === 'string' ? /^[\0-\x7f]*$/.test(text) : text.every((octet) => octet < 0x80)
}
