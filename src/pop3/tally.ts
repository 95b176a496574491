/** What a client may do only so often on one connection, counted and judged: wrong commands, and guesses. */

import { type FailureCode, failureCode } from '../base/errors.js'
import type { Pop3Limits } from './limits.js'
import { type Reply, wrong } from './reply.js'
import type { Texts } from './texts.js'

interface Tally {
  wrongInARow: number
  failedSignIns: number
}

export function newTally(): Tally {
  return { wrongInARow: 0, failedSignIns: 0 }
}

/** What a guesser gets to hear; while an account or an address is locked, guessing goes on counting here. */
const GUESSES: ReadonlySet<FailureCode> = new Set([
  'sign-in.refused',
  'sign-in.refused-last',
  'sign-in.locked',
  'sign-in.limited',
])

/** Counts, and decides whether this reply is the last one. */
export function judge(
  reply: Reply,
  tally: Tally,
  limits: Pop3Limits,
  texts: Texts,
): { readonly reply: Reply; readonly last: boolean } {
  const code = reply.kind === 'failed' ? failureCode(reply.cause) : undefined
  if (reply.kind === 'wrong' || code === 'sign-in.malformed') {
    tally.wrongInARow += 1
    if (tally.wrongInARow < limits.wrongCommands) return { reply, last: false }
    return { reply: wrong(texts.tooManyWrongCommands), last: true }
  }
  if (reply.kind !== 'challenge') tally.wrongInARow = 0
  if (reply.kind !== 'failed') return { reply, last: false }
  if (code !== undefined && GUESSES.has(code)) tally.failedSignIns += 1
  const last = code === undefined || code === 'sign-in.refused-last'
  return { reply, last: last || tally.failedSignIns >= limits.failedSignIns }
}
