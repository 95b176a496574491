import { readDialogues, testDialogues } from './support/dialogues.ts'
import { openPop3Scene } from './support/pop3-scene.ts'

describe('POP3 dialogues', () => {
  testDialogues(readDialogues(new URL('pop3/', import.meta.url)), openPop3Scene)
})
