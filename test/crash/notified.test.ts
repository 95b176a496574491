/** `kill -9` at random moments: whoever was answered 250 has the notification of what did not arrive. */

import { expect } from 'chai'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

import { messagesIn, newRoot } from '../e2e/support/relais.ts'
import { plainEnvironment } from '../e2e/support/run.ts'
import { planOf } from './support/plan.ts'

describe('kill -9 while notifications are written', () => {
  const root = newRoot()
  const script = fileURLToPath(new URL('./support/submitter.ts', import.meta.url))

  after(() => rmSync(root, { recursive: true, force: true }))

  it('takes none away from a sender who was answered', async () => {
    const { rounds, draw } = planOf('notified', { short: 6, long: 60 })
    for (const name of ['alice', 'bob'])
      for (const part of ['tmp', 'new', 'cur'])
        mkdirSync(join(root, 'maildir', name, part), { recursive: true })
    const answered: string[] = []
    for (let round = 1; round <= rounds; round += 1)
      answered.push(...(await submitUntil(draw.within(1, 60), draw.next() * 5, `r${round}`)))
    const texts = (folder: string): readonly string[] =>
      messagesIn(join(root, folder)).map((octets) => octets.toString('latin1'))
    const [notifications, delivered, lost] = ['maildir/alice', 'maildir/bob', 'lost'].map(texts)
    const told = countBy(notifications ?? [], /^In-Reply-To: <(\S+)@example\.org>\r$/m)
    const stored = countBy(delivered ?? [], /^Message-ID: <(\S+)@example\.org>\r$/m)
    const kept = countBy(lost ?? [], /^Message-ID: <(\S+)@example\.org>\r$/m)
    expect(answered.length).to.be.greaterThan(rounds)
    for (const subject of answered)
      for (const place of [told, stored, kept]) expect(place.get(subject), subject).to.equal(1)
    for (const text of notifications ?? []) {
      expect(text).to.match(/^Return-Path: <>\r\nFrom: Mail Delivery System /)
      expect(text).to.match(/\r\nFinal-Recipient: rfc822; nobody@glo2000\.ca\r\nAction: failed\r\n/)
      expect(text).to.match(/--\r\n$/)
    }
    console.log(`      ${answered.length} answered, ${notifications?.length} notifications`)
  })

  /** What a process was answered before it was ended, some time after so many answers. */
  async function submitUntil(answers: number, delayMs: number, name: string): Promise<readonly string[]> {
    const child = spawn(process.execPath, ['--import', 'tsx', script, root, name], {
      env: plainEnvironment(),
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const closed = once(child, 'close')
    const subjects: string[] = []
    for await (const subject of createInterface({ input: child.stdout })) {
      subjects.push(subject)
      if (subjects.length === answers) setTimeout(() => child.kill('SIGKILL'), delayMs)
    }
    await closed
    return subjects
  }
})

/** How many texts name each subject. */
function countBy(texts: readonly string[], pattern: RegExp): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const text of texts) {
    const subject = pattern.exec(text)?.[1] ?? ''
    counts.set(subject, (counts.get(subject) ?? 0) + 1)
  }
  return counts
}
