/**
 * Names of Maildir++ folders: `.PART.PART` beside `new`, each part in modified UTF-7 (RFC 3501 §5.1.3) with `.` and
 * `/` encoded as well. Source: Courier's maildir(5).
 */
import { MaildirError } from './maildir-error.js'

// Plain are 0x20 to 0x7E but `&`, `.` and `/`.
const SHIFTED = /[^ -%'-\-0-~]+|&/g
const LONE_SURROGATE = /\p{Surrogate}/u

/** The name on disk of a folder, one character an octet. @throws MaildirError `EINVAL` no part, or an empty one */
export function encodeFolderName(parts: readonly string[]): string {
  if (parts.length === 0 || parts.some((part) => part === '' || LONE_SURROGATE.test(part))) {
    throw new MaildirError('folder', parts.join('/'), 'EINVAL', 'each part of a folder name needs text')
  }
  return parts.map((part) => `.${part.replace(SHIFTED, shift)}`).join('')
}

/** The parts of a name on disk; a part that is not encoded as it should be stands as it is. */
export function decodeFolderName(name: string): string[] {
  return name.slice(1).split('.').map(decodePart)
}

function shift(text: string): string {
  if (text === '&') return '&-'
  const utf16 = Buffer.from(text, 'utf16le').swap16()
  return `&${utf16.toString('base64').replaceAll('/', ',').replace(/=+$/, '')}-`
}

function decodePart(part: string): string {
  const text = part.replaceAll(/&([A-Za-z0-9+,]*)-/g, (_, base64: string) =>
    base64 === '' ? '&' : unshift(base64),
  )
  return text !== '' && !LONE_SURROGATE.test(text) && encodeFolderName([text]) === `.${part}` ? text : part
}

function unshift(base64: string): string {
  const utf16 = Buffer.from(base64.replaceAll(',', '/'), 'base64')
  return utf16
    .subarray(0, utf16.byteLength & ~1)
    .swap16()
    .toString('utf16le')
}
