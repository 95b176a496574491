import { expect } from 'chai'
import { assert, property, string } from 'fast-check'
import type { SaslMechanism } from '../../../src/sasl/exchange.ts'
import { MAX_RESPONSE_OCTETS } from '../../../src/sasl/message-text.ts'
import { plainMessage } from '../../../src/sasl/plain.ts'
import { startServer } from '../../../src/sasl/server.ts'
import { outcomeOf, serverStep } from './steps.ts'

const ALL: readonly SaslMechanism[] = ['SCRAM-SHA3-512-PLUS', 'SCRAM-SHA3-512', 'PLAIN', 'LOGIN']
const channel = { address: '192.0.2.1', tlsExporter: Buffer.alloc(32, 7) }

function start(mechanism: SaslMechanism, initial: Buffer | string | undefined) {
  const octets = typeof initial === 'string' ? Buffer.from(initial) : initial
  return startServer({ mechanism, channel, offered: ALL, nonce: 'server' }, octets)
}

/** `text` without NUL, which neither PLAIN nor LOGIN can carry. */
const field = string({ unit: 'grapheme', minLength: 1, maxLength: 60 }).filter((text) => !text.includes('\0'))

const NOT_UTF_8 = Buffer.from([0xff, 0xfe])
const TOO_LONG = Buffer.alloc(MAX_RESPONSE_OCTETS + 1, 0x61)
const MEGABYTE = Buffer.alloc(1_048_576, 0x61)

describe('the server side of SASL', () => {
  it('does not start what was not offered', () => {
    for (const mechanism of ALL) {
      const offered = ALL.filter((other) => other !== mechanism)
      const terms = { mechanism, channel, offered, nonce: 'server' }
      expect(outcomeOf(() => startServer(terms, undefined))).to.equal('sign-in.malformed')
    }
  })

  it('has no -PLUS without a channel to bind to', () => {
    const terms = { mechanism: 'SCRAM-SHA3-512-PLUS', offered: ALL, nonce: 'server' } as const
    expect(outcomeOf(() => startServer({ ...terms, channel: { address: '::1' } }, undefined))).to.equal(
      'sign-in.malformed',
    )
  })

  it('asks a client that speaks first with an empty challenge, and reads the answer as its first message', () => {
    for (const mechanism of ['PLAIN', 'SCRAM-SHA3-512', 'SCRAM-SHA3-512-PLUS'] as const) {
      const asked = serverStep(start(mechanism, undefined), 'challenge')
      expect(asked.octets).to.deep.equal(Buffer.alloc(0))
      const flag = mechanism === 'SCRAM-SHA3-512-PLUS' ? 'p=tls-exporter' : 'n'
      const first = mechanism === 'PLAIN' ? '\0alice\0secret' : `${flag},,n=alice,r=client`
      expect(asked.next(Buffer.from(first))).to.include({ name: 'alice', authorizationId: '' })
    }
  })

  for (const mechanism of ALL)
    it(`refuses an empty, an overlong, a huge and a garbled first message of ${mechanism}`, () => {
      for (const initial of ['', TOO_LONG, MEGABYTE, NOT_UTF_8, Buffer.concat([Buffer.from('a'), NOT_UTF_8])])
        expect(outcomeOf(() => start(mechanism, initial))).to.equal('sign-in.malformed')
    })

  it('holds back in the error what the message held', () => {
    expect(() => start('PLAIN', 'secret\0alice'))
      .to.throw()
      .with.property('message')
      .not.contain('secret')
    expect(() => start('SCRAM-SHA3-512', 'n,,n=secret'))
      .to.throw()
      .with.property('message')
      .not.contain('secret')
  })
})

describe('PLAIN', () => {
  it('gives the house name, password and authorization id as they came', () => {
    expect(start('PLAIN', '\0alice\0Correct Horse 9')).to.deep.equal({
      kind: 'password',
      authorizationId: '',
      name: 'alice',
      password: 'Correct Horse 9',
    })
    expect(start('PLAIN', 'bob\0alice\0pâté\r\n=,')).to.deep.include({
      authorizationId: 'bob',
      name: 'alice',
      password: 'pâté\r\n=,',
    })
  })

  it('keeps a byte order mark, which is a part of the password', () => {
    expect(start('PLAIN', '\0alice\0\uFEFFx')).to.include({ password: '\uFEFFx' })
    expect(start('PLAIN', '\uFEFF\0alice\0x')).to.include({ authorizationId: '\uFEFF' })
  })

  it('refuses a NUL in a field, too few fields, and an empty name or password', () => {
    for (const message of [
      'alice',
      '\0alice',
      'alice\0secret',
      '\0alice\0',
      '\0\0secret',
      '\0\0',
      '\0',
      'alice\0\0',
      '\0\0\0',
      '\0alice\0secret\0',
      '\0alice\0sec\0ret',
      'a\0b\0c\0d',
      '\0\0alice\0secret',
      '\0alice\0\0secret',
    ])
      // prettier-ignore
      expect(outcomeOf(() => start('PLAIN', message)), JSON.stringify(message)).to.equal('sign-in.malformed')
  })

  it('reads messages up to the limit', () => {
    const password = 'x'.repeat(MAX_RESPONSE_OCTETS - '\0alice\0'.length)
    expect(start('PLAIN', `\0alice\0${password}`)).to.include({ password })
    expect(outcomeOf(() => start('PLAIN', `\0alice\0x${password}`))).to.equal('sign-in.malformed')
  })

  it('refuses every octet that is no UTF-8, wherever it stands', () => {
    const message = Buffer.from('bob\0alice\0secret')
    for (let at = 0; at <= message.length; at++) {
      const broken = Buffer.concat([message.subarray(0, at), Buffer.from([0xc3]), message.subarray(at)])
      expect(
        outcomeOf(() => start('PLAIN', broken)),
        `octet ${at}`,
      ).to.equal('sign-in.malformed')
    }
  })

  it("carries any name and password from our client's message", () => {
    assert(
      property(field, field, (name, password) => {
        const step = start('PLAIN', plainMessage(name, password))
        expect(step).to.deep.equal({ kind: 'password', authorizationId: '', name, password })
      }),
    )
  })

  it('is not sent for a name or a password that it cannot carry', () => {
    for (const [name, password] of [
      ['', 'x'],
      ['alice', ''],
      ['al\0ice', 'x'],
      ['alice', 'x\0'],
    ] as const)
      expect(outcomeOf(() => plainMessage(name, password))).to.equal('sign-in.malformed')
  })
})

describe('LOGIN', () => {
  it('asks for a name and a password', () => {
    const name = serverStep(start('LOGIN', undefined), 'challenge')
    expect(name.octets.toString()).to.equal('Username:')
    const password = serverStep(name.next(Buffer.from('alice')), 'challenge')
    expect(password.octets.toString()).to.equal('Password:')
    const signIn = { kind: 'password', authorizationId: '', name: 'alice', password: 'pâté' }
    expect(password.next(Buffer.from('pâté'))).to.deep.equal(signIn)
  })

  it('takes an initial response for the name', () => {
    const password = serverStep(start('LOGIN', 'alice'), 'challenge')
    expect(password.octets.toString()).to.equal('Password:')
    expect(password.next(Buffer.from('x'))).to.include({ name: 'alice', password: 'x' })
  })

  it('refuses an empty field, a NUL, invalid UTF-8 and more than the limit in either field', () => {
    for (const wrong of [Buffer.alloc(0), Buffer.from('a\0b'), NOT_UTF_8, TOO_LONG, MEGABYTE]) {
      const name = serverStep(start('LOGIN', undefined), 'challenge')
      expect(outcomeOf(() => name.next(wrong))).to.equal('sign-in.malformed')
      const password = serverStep(start('LOGIN', 'alice'), 'challenge')
      expect(outcomeOf(() => password.next(wrong))).to.equal('sign-in.malformed')
    }
  })
})
