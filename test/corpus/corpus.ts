/**
 * The messages of this folder, and two too large to keep here, as exact octets.
 * Every line end in them is CRLF: a bare CR or LF never passes SMTP and is tested elsewhere.
 */

import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'

/** One message: its octets as a file, and as they stand after a way through SMTP. */
export interface CorpusMessage {
  readonly name: string
  readonly bytes: Buffer
  readonly afterSmtp: Buffer
}

/** Every message, by name: the files first, then the generated ones, which are built anew on each call. */
export function corpus(): readonly CorpusMessage[] {
  return [...files(), ...generated()].map(({ name, bytes }) => ({ name, bytes, afterSmtp: afterSmtp(bytes) }))
}

interface Source {
  readonly name: string
  readonly bytes: Buffer
}

function files(): Source[] {
  return readdirSync(import.meta.dirname)
    .filter((file) => file.endsWith('.eml'))
    .toSorted()
    .map((file) => ({ name: file.slice(0, -'.eml'.length), bytes: readFileSync(`${import.meta.dirname}/${file}`) }))
}

function generated(): Source[] {
  return [
    { name: 'attachment-1-mib', bytes: withAttachment('1 MiB', 2 ** 20) },
    { name: 'attachment-10-mib', bytes: withAttachment('10 MiB', 10 * 2 ** 20) },
  ]
}

/** RFC 5321 §4.1.1.4: the final dot stands on a line of its own, so a sender ends the last line if the file does not. */
function afterSmtp(bytes: Buffer): Buffer {
  return bytes.subarray(-2).toString('latin1') === '\r\n' ? bytes : Buffer.concat([bytes, Buffer.from('\r\n')])
}

/** A message with one attachment of so many octets, which look random and are always the same. */
function withAttachment(size: string, octets: number): Buffer {
  const attachment = createHash('shake256', { outputLength: octets }).update(size).digest('base64')
  const lines = [
    'From: Bob <bob@example.org>',
    'To: Alice <alice@glo2000.ca>',
    `Subject: ${size}`,
    'Date: Tue, 01 Oct 2024 09:30:07 -0400',
    `Message-ID: <attachment.${octets}@mail.example.org>`,
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary="large"',
    '',
    '--large',
    'Content-Type: text/plain; charset=us-ascii',
    '',
    `An attachment of ${size} is with this letter.`,
    '--large',
    'Content-Type: application/octet-stream; name="large.bin"',
    'Content-Disposition: attachment; filename="large.bin"',
    'Content-Transfer-Encoding: base64',
    '',
    ...(attachment.match(/.{1,76}/g) ?? []),
    '--large--',
    '',
  ]
  return Buffer.from(lines.join('\r\n'), 'latin1')
}
