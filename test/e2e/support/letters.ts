/** The corpus as files that clients can send, and small letters for tests that need no more. */

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { type CorpusMessage, corpus } from '../../corpus/corpus.ts'

/** A message of the corpus and the file that holds its octets. */
export interface CorpusFile extends CorpusMessage {
  readonly path: string
}

/** Writes every message of the corpus, the generated ones too, below a folder. */
export function corpusFiles(folder: string): readonly CorpusFile[] {
  mkdirSync(folder, { recursive: true })
  return corpus().map((message) => {
    const path = join(folder, `${message.name}.eml`)
    writeFileSync(path, message.bytes)
    return { ...message, path }
  })
}

/** The plainest letter, told from others by its subject. */
export function letter(subject: string): Buffer {
  return Buffer.from(
    `From: Bob <bob@example.org>\r\nTo: alice@glo2000.ca\r\nSubject: ${subject}\r\n\r\nThis is ${subject}.\r\n`,
  )
}
