import { readDialogues, testDialogues } from './support/dialogues.ts'
import { openPop3Scene } from './support/pop3-scene.ts'

const scripts = readDialogues(new URL('pop3/', import.meta.url))

describe('POP3 dialogues', () => {
  testDialogues(scripts, (dialog) => openPop3Scene(dialog))
})

describe('POP3 dialogues over messages at hand', () => {
  const reading = [...scripts].filter(([script]) => /rfc1939-[5-7]|rfc3206|pipelining/.test(script))
  testDialogues(new Map(reading), (dialog) => openPop3Scene(dialog, true))
})
