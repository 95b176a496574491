import { expect } from 'chai'
import type { Dialog } from './support/dialog.ts'
import { readDialogues, testDialogues } from './support/dialogues.ts'
import { openSmtpScene } from './support/smtp-scene.ts'

const scripts = readDialogues(new URL('smtp/', import.meta.url))

describe('SMTP dialogues', () => {
  testDialogues(scripts, openSmtpScene)

  it('show an enhanced status code of its class on every line but the greeting, HELO, 334 and 354', () => {
    for (const dialog of [...scripts.values()].flat())
      for (const line of repliesOf(dialog))
        expect(line, dialog.name).to.match(/^([245])\d\d[ -]\1\.\d{1,3}\.\d{1,3} /)
  })
})

/** What the server says that must carry an enhanced status code (RFC 2034 §4). */
function repliesOf({ turns }: Dialog): readonly string[] {
  let hello = false
  return turns.flatMap((turn) => {
    if (turn.who === 'client') hello = /^(HELO|EHLO|LHLO)\b/i.test(turn.octets)
    return turn.who === 'server' && !hello && !/^(220|334|354) /.test(turn.line) ? [turn.line] : []
  })
}
