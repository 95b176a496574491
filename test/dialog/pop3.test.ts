import { readdirSync, readFileSync } from 'node:fs'
import { type Dialog, parseDialogs } from './support/dialog.ts'
import { type Manner, play } from './support/play.ts'

const scripts = new URL('pop3/', import.meta.url)
const MANNERS: readonly Manner[] = ['turn by turn', 'octet by octet', 'all at once']

describe('POP3 dialogues', () => {
  for (const file of readdirSync(scripts).toSorted()) {
    describe(file.replace('.dialog', ''), () => {
      for (const dialog of parseDialogs(readFileSync(new URL(file, scripts), 'utf8'))) testOf(dialog)
    })
  }
})

function testOf(dialog: Dialog): void {
  it(dialog.name, async () => {
    for (const manner of MANNERS) await play(dialog, manner)
  })
}
