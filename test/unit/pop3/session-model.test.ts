import { expect } from 'chai'
import { array, assert, asyncProperty, boolean, constantFrom, integer } from 'fast-check'
import { answer } from '../../../src/pop3/commands.ts'
import {
  authorization,
  type Closed,
  type Handshake,
  type Peer,
  type Session,
} from '../../../src/pop3/session.ts'
import { ENGLISH, FRENCH } from '../../../src/pop3/texts.ts'
import { createFakeBackend } from '../../dialog/support/fake-backend.ts'
import { turns, withServer } from '../../dialog/support/serve.ts'

const encoded = (text: string): string => Buffer.from(text).toString('base64')

const RIGHT = encoded('\0alice\0x')
const WRONG = encoded('\0alice\0y')

/** Legal and illegal, in any order. */
const LINES = [
  'USER alice',
  'PASS x',
  'PASS y',
  'AUTH',
  'AUTH PLAIN',
  `AUTH PLAIN ${RIGHT}`,
  `AUTH PLAIN ${WRONG}`,
  'AUTH LOGIN',
  RIGHT,
  WRONG,
  '*',
  '!',
  'UTF8',
  'LANG',
  'LANG fr',
  'LANG en',
  'LANG xx',
  'STLS',
  'CAPA',
  'STAT',
  'DELE 1',
  'RSET',
  'NOOP',
  'QUIT',
  'hello',
] as const
type SentLine = (typeof LINES)[number]

type Expected = 'ok' | 'err' | 'challenge' | 'lines'

/** RFC 1939 §4, RFC 2595 §4, RFC 5034 §4 and RFC 6856 in a few lines. */
interface Model {
  state: 'authorization' | 'exchange' | 'transaction' | 'closed' | 'handshake'
  named: boolean
  french: boolean
  utf8: boolean
  deleted: boolean
}

function foresee(model: Model, line: SentLine): Expected {
  if (model.state === 'exchange') return exchange(model, line)
  switch (line) {
    case 'LANG':
    case 'CAPA':
      return 'lines'
    case 'LANG fr':
    case 'LANG en':
      model.french = line === 'LANG fr'
      return 'ok'
    case 'QUIT':
      model.state = 'closed'
      return 'ok'
    case 'LANG xx':
      return 'err'
    default:
      return model.state === 'authorization' ? beforeSignIn(model, line) : afterSignIn(model, line)
  }
}

function exchange(model: Model, line: SentLine): Expected {
  model.state = line === RIGHT ? 'transaction' : 'authorization'
  return line === RIGHT ? 'ok' : 'err'
}

function beforeSignIn(model: Model, line: SentLine): Expected {
  const { named } = model
  switch (line) {
    case 'USER alice':
      model.named = true
      return 'ok'
    case 'PASS x':
    case 'PASS y':
      model.named = false
      if (!named || line === 'PASS y') return 'err'
      model.state = 'transaction'
      return 'ok'
    case 'AUTH PLAIN':
      model.state = 'exchange'
      return 'challenge'
    case `AUTH PLAIN ${RIGHT}`:
      model.state = 'transaction'
      return 'ok'
    case 'UTF8':
      model.utf8 = true
      return 'ok'
    case 'STLS':
      if (model.utf8) return 'err'
      model.state = 'handshake'
      return 'ok'
    default:
      return 'err'
  }
}

function afterSignIn(model: Model, line: SentLine): Expected {
  switch (line) {
    case 'STAT':
    case 'NOOP':
      return 'ok'
    case 'DELE 1': {
      const was = model.deleted
      model.deleted = true
      return was ? 'err' : 'ok'
    }
    case 'RSET':
      model.deleted = false
      return 'ok'
    default:
      return 'err'
  }
}

const PEER: Peer = {
  client: { address: '127.0.0.1', port: 1 },
  transport: 'stls',
  clearPasswords: true,
  mechanisms: ['PLAIN'],
  utf8: false,
  policy: {
    implementation: 'Relais-1.2.3',
    loginDelaySeconds: 0,
    expiry: () => ({ days: undefined, differs: false }),
  },
  texts: ENGLISH,
}

const STATES = {
  authorization: 'authorization',
  exchange: 'authentication',
  transaction: 'transaction',
  closed: 'closed',
  handshake: 'handshake',
} as const

describe('POP3 states', () => {
  it('agree with a small model, whatever the lines', async () => {
    await assert(
      asyncProperty(array(constantFrom(...LINES), { maxLength: 30 }), async (all) => {
        const backend = createFakeBackend({ alice: { password: 'x', messages: ['m'] } })
        const model: Model = {
          state: 'authorization',
          named: false,
          french: false,
          utf8: false,
          deleted: false,
        }
        let session: Session | Handshake | Closed = authorization(PEER)
        for (const line of all) {
          if (session.state === 'closed' || session.state === 'handshake') break
          const before: Session = session
          const { reply, next } = await answer(before, line, backend)
          session = next ?? before
          const kind =
            reply.kind === 'refused' || reply.kind === 'wrong' || reply.kind === 'failed' ? 'err' : reply.kind
          expect(kind, line).to.equal(foresee(model, line))
          expect(session.state, line).to.equal(STATES[model.state])
          if ('peer' in session) expect(session.peer.texts).to.equal(model.french ? FRENCH : ENGLISH)
        }
        const deleted = model.state === 'closed' && model.deleted
        expect(backend.accounts.get('alice')?.messages).to.have.length(deleted ? 0 : 1)
      }),
      { numRuns: 1000 },
    )
  })

  it('delete nothing once the account is revoked, whenever that happens', async () => {
    const commands = array(constantFrom('DELE 1', 'DELE 2', 'RETR 1', 'RETR 3', 'LIST', 'RSET', 'NOOP'), {
      maxLength: 12,
    })
    await assert(
      asyncProperty(commands, integer({ min: 0, max: 12 }), boolean(), async (all, after, wait) => {
        const removal = new AbortController()
        await withServer({ revoked: removal.signal, chunkOctets: 5 }, async ({ backend, server, signIn }) => {
          const client = await signIn()
          client.send(
            all
              .slice(0, after)
              .map((line) => `${line}\r\n`)
              .join(''),
          )
          if (wait) await turns(after)
          removal.abort()
          client.send([...all.slice(after), 'QUIT'].map((line) => `${line}\r\n`).join(''))
          expect(await client.rest()).not.to.include('goodbye')
          client.socket.destroy()
          await server.close(1000)
          expect(backend.accounts.get('alice')?.messages).to.have.length(3)
          expect(backend.accounts.get('alice')).to.include({ held: false })
          expect(backend.marked).to.deep.equal([])
        })
      }),
      { numRuns: 40 },
    )
  })
})
