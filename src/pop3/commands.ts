/** From a command line to its row: the one place where keywords are looked up. */

import { answerChallenge } from './authentication.js'
import { AUTHORIZATION } from './authorization.js'
import type { Pop3Backend } from './backend.js'
import type { Pop3Limits } from './limits.js'
import { type Step, wrong } from './reply.js'
import type { Authentication, Session } from './session.js'
import type { Row, Table } from './table.js'
import { TRANSACTION } from './transaction.js'

/**
 * Carries out one command line.
 *
 * @param line without its line end, each octet as one character (latin1)
 * @throws what the backend throws
 */
export function answer(session: Session, line: string, backend: Pop3Backend): Step | Promise<Step> {
  switch (session.state) {
    case 'authorization':
      return run(AUTHORIZATION, session, line, backend)
    case 'authentication':
      return answerChallenge(session, line)
    case 'transaction':
      return run(TRANSACTION, session, line, backend)
  }
}

/** How long the line may be, its line end included: a secret may be longer than a command, a response longer still. */
export function longest(session: Session, line: string, limits: Pop3Limits): number {
  if (session.state === 'authentication') return limits.responseOctets
  return rowOf(keyword(line))?.secret === true ? limits.secretOctets : limits.commandOctets
}

/** The line as the log may show it: secrets as `***`, and nothing at all of what is no command of ours. */
export function shown(session: Session, line: string): string {
  if (session.state === 'authentication') return 'response ***'
  const word = keyword(line)
  const row = rowOf(word)
  if (row === undefined) return `unknown command, ${line.length} octets`
  // Behind USER people type their passwords too, and a line of no state of its own is nobody's to read.
  const isPrivate = row.secret || AUTHORIZATION.has(word)
  return isPrivate && line.length > word.length ? `${word} ***` : line
}

function run<S extends Exclude<Session, Authentication>>(
  table: Table<S>,
  session: S,
  line: string,
  backend: Pop3Backend,
): Step | Promise<Step> {
  const word = keyword(line)
  const row = table.get(word)
  if (row === undefined) return { reply: wrong(misplaced(session, word)) }
  const args = line.length > word.length ? line.slice(word.length + 1) : undefined
  const usage = row.syntax === '' ? word : `${word} ${row.syntax}`
  return row.run(session, args, backend) ?? { reply: wrong(session.peer.texts.usage(usage)) }
}

function misplaced({ state, peer: { texts } }: Session, word: string): string {
  if (rowOf(word) === undefined) return texts.unknownCommand
  return state === 'authorization' ? texts.signInFirst : texts.signedInAlready
}

/** The keyword in upper case, or as it is when no keyword can look so (RFC 2449 §3: 3 or 4 characters). */
function keyword(line: string): string {
  const space = line.indexOf(' ')
  const word = space === -1 ? line : line.slice(0, space)
  // Letters of ASCII only: the capital of 0xDF in latin1 would be SS, and `PAß` a PASS.
  return /^[A-Za-z0-9]{3,4}$/.test(word) ? word.toUpperCase() : word
}

function rowOf(word: string): Pick<Row<Session>, 'secret'> | undefined {
  return AUTHORIZATION.get(word) ?? TRANSACTION.get(word)
}
