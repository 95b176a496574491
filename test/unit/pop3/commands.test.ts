import { expect } from 'chai'
import { AUTHORIZATION } from '../../../src/pop3/authorization.ts'
import { answer, longest, shown } from '../../../src/pop3/commands.ts'
import { DEFAULT_LIMITS } from '../../../src/pop3/limits.ts'
import {
  type Authentication,
  authorization,
  type Peer,
  type Session,
  transaction,
} from '../../../src/pop3/session.ts'
import { ENGLISH } from '../../../src/pop3/texts.ts'
import { TRANSACTION } from '../../../src/pop3/transaction.ts'
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

const backend = createFakeBackend({ alice: { password: 'secret', messages: ['a\r\n', 'bc\r\n'] } })

async function signedIn(): Promise<Session> {
  const maildrop = await backend.signIn({ name: 'alice', password: 'secret' }, peer.client)
  return transaction(peer, 'alice', maildrop)
}

async function signingIn(): Promise<Authentication> {
  const { next } = await answer(authorization({ ...peer, mechanisms: ['PLAIN'] }), 'AUTH PLAIN', backend)
  if (next?.state !== 'authentication') throw new Error('no exchange has begun')
  return next
}

describe('POP3 command tables', () => {
  it('hold the commands of each state and no others', () => {
    expect([...AUTHORIZATION.keys()]).to.deep.equal([
      'AUTH',
      'CAPA',
      'LANG',
      'PASS',
      'QUIT',
      'STLS',
      'USER',
      'UTF8',
    ])
    expect([...TRANSACTION.keys()]).to.deep.equal(
      'CAPA DELE LANG LIST NOOP QUIT RETR RSET STAT TOP UIDL'.split(' '),
    )
  })

  it('name the section where each command is written down', () => {
    for (const row of [...AUTHORIZATION.values(), ...TRANSACTION.values()])
      expect(row.source).to.match(/^RFC \d+ §\d+$/)
  })

  it('allow a secret to be longer than a command, and a response to be longer still (RFC 5034 §4)', async () => {
    const start = authorization(peer)
    const { commandOctets, secretOctets, responseOctets } = DEFAULT_LIMITS
    for (const line of ['PASS x', 'pass x', 'AUTH PLAIN x'])
      expect(longest(start, line, DEFAULT_LIMITS), line).to.equal(secretOctets)
    for (const line of ['PASSWORD x', 'USER x', 'AUTHX', 'CAPA'])
      expect(longest(start, line, DEFAULT_LIMITS), line).to.equal(commandOctets)
    expect(longest(await signingIn(), 'USER x', DEFAULT_LIMITS)).to.equal(responseOctets)
    expect(responseOctets).to.equal(12_288)
  })

  it('show commands in the log, secrets, responses and unknown lines never', async () => {
    const start = authorization(peer)
    expect(shown(start, 'RETR 1')).to.equal('RETR 1')
    expect(shown(start, 'pAsS hunter2')).to.equal('PASS ***')
    expect(shown(start, 'auth plain AGh1bnRlcjI=')).to.equal('AUTH ***')
    expect(shown(start, 'PASShunter2')).to.equal('unknown command, 11 octets')
    expect(shown(start, 'hunter2')).to.equal('unknown command, 7 octets')
    expect(shown(start, 'PASS\thunter2')).to.equal('unknown command, 12 octets')
    expect(shown(await signingIn(), 'RETR 1')).to.equal('response ***')
  })

  it('answer synchronously what needs no backend', async () => {
    expect(answer(authorization(peer), 'QUIT', backend)).not.to.be.instanceOf(Promise)
    expect(answer(await signedIn(), 'STAT', backend)).to.deep.equal({ reply: { kind: 'ok', text: '2 7' } })
  })

  it('cannot be run in the other state: a handler of TRANSACTION has a maildrop', () => {
    const run = (): unknown =>
      // @ts-expect-error -- an AUTHORIZATION session has no maildrop
      TRANSACTION.get('STAT')?.run(authorization(peer), undefined, backend)
    expect(run).to.throw(TypeError)
  })

  it('leave the session as it is when a command is wrong', () => {
    for (const line of ['', 'X', 'USER', 'STAT', 'QUIT 1']) {
      const step = answer(authorization(peer), line, backend)
      expect(step).to.have.nested.property('reply.kind', 'wrong')
      expect(step).not.to.have.property('next')
    }
  })

  it('forget the name after a refused PASS, whatever refused it', async () => {
    const named = { ...authorization(peer), user: 'alice' }
    const step = await answer(named, 'PASS wrong', backend)
    expect(step.reply.kind).to.equal('failed')
    expect(step.next).to.deep.equal(authorization(peer))
  })
})
