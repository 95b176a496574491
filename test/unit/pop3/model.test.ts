import { expect } from 'chai'
import { array, assert, asyncProperty, constantFrom, integer, record } from 'fast-check'
import { answer } from '../../../src/pop3/commands.ts'
import type { Reply } from '../../../src/pop3/reply.ts'
import { CLOSED, type Peer, type Session, transaction } from '../../../src/pop3/session.ts'
import { ENGLISH } from '../../../src/pop3/texts.ts'
import { createFakeBackend } from '../../dialog/support/fake-backend.ts'

const peer: Peer = {
  client: { address: '127.0.0.1', port: 1 },
  transport: 'clear',
  clearPasswords: true,
  mechanisms: [],
  utf8: false,
  policy: {
    implementation: 'Relais-1.2.3',
    loginDelaySeconds: 0,
    expiry: () => ({ days: undefined, differs: false }),
  },
  texts: ENGLISH,
}

const SIZES = [3, 5, 7, 11]

/** RFC 1939 §5 in a few lines: what is left, and what each command says then. */
function createModel() {
  const deleted = new Set<number>()
  const left = (): number[] => [1, 2, 3, 4].filter((number) => !deleted.has(number))
  const size = (number: number): number => SIZES[number - 1] ?? 0

  function sayOf(command: string, number: number): string {
    if (command === 'DELE') deleted.add(number)
    if (command === 'LIST n') return `+OK ${number} ${size(number)}`
    if (command === 'UIDL n') return `+OK ${number} uid-${number}`
    return command === 'RETR' ? `+OK ${size(number)} octets` : '+OK'
  }

  function say(command: string, number: number): string {
    switch (command) {
      case 'STAT':
        return `+OK ${left().length} ${left().reduce((sum, n) => sum + size(n), 0)}`
      case 'LIST':
        return left()
          .map((n) => `${n} ${size(n)}`)
          .join()
      case 'UIDL':
        return left()
          .map((n) => `${n} uid-${n}`)
          .join()
      case 'RSET':
        deleted.clear()
        return '+OK'
      case 'NOOP':
        return '+OK'
      default:
        return left().includes(number) ? sayOf(command, number) : '-ERR'
    }
  }

  return { left, say }
}

const commands = record({
  command: constantFrom('STAT', 'LIST', 'UIDL', 'RSET', 'NOOP', 'DELE', 'RETR', 'LIST n', 'UIDL n'),
  number: integer({ min: 0, max: 5 }),
})

describe('POP3 session', () => {
  it('agrees with a small model of RFC 1939 §5, whatever the commands', async () => {
    await assert(
      asyncProperty(array(commands, { maxLength: 40 }), async (all) => {
        const messages = SIZES.map((octets) => 'x'.repeat(octets))
        const backend = createFakeBackend({ alice: { password: 'x', messages } })
        const maildrop = await backend.signIn({ name: 'alice', password: 'x' }, peer.client)
        const session: Session = transaction(peer, 'alice', maildrop)
        const model = createModel()
        for (const { command, number } of all) {
          const line = /n$|DELE|RETR/.test(command) ? `${command.slice(0, 4)} ${number}` : command
          const { reply, next } = await answer(session, line, backend)
          expect(next).to.equal(undefined)
          expect(brief(reply, command), line).to.equal(model.say(command, number))
        }
        const quit = await answer(session, 'QUIT', backend)
        expect(quit.next).to.equal(CLOSED)
        expect(backend.accounts.get('alice')?.messages.map(({ number }) => number)).to.deep.equal(
          model.left(),
        )
      }),
      { numRuns: 200 },
    )
  })
})

/** A reply as far as the model foresees it. */
function brief(reply: Reply, command: string): string {
  if (reply.kind === 'lines') return [...reply.lines].join()
  if (reply.kind === 'message') return `+OK ${reply.text}`
  if (reply.kind !== 'ok') return '-ERR'
  return /STAT|LIST n|UIDL n/.test(command) ? `+OK ${reply.text}` : '+OK'
}
