/** A process of its own that delivers into one Maildir: a message for each line that it is given, whose id it says. */

import { deliver, openMaildir } from 'maildir-ts'
import { createInterface } from 'node:readline'

const maildir = openMaildir(process.argv[2] ?? '')

for await (const text of createInterface({ input: process.stdin })) {
  const [outcome] = await deliver([maildir], Buffer.from(`Subject: ${text}\r\n\r\n${text}\r\n`))
  if (outcome?.stored !== true) throw new Error('not stored', { cause: outcome?.cause })
  process.stdout.write(`${outcome.entry.uid}\n`)
}
