/** Our client against our server: whatever the name, the password and the channel. */
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'
import { expect } from 'chai'
import { assert, constantFrom, integer, nat, property, record, string, uint8Array } from 'fast-check'
import { startClient, type ClientTerms } from '../../../src/sasl/client.ts'
import { offeredMechanisms } from '../../../src/sasl/offered.ts'
import { startServer, type ServerTerms } from '../../../src/sasl/server.ts'
import type { ScramKeys } from '../../../src/sasl/server-step.ts'
import { answer, clientStep, converse, outcomeOf, serverStep } from './steps.ts'
import { serverTerms, VECTORS } from './vectors.ts'

const DIGEST = 'sha3-512'
const RUNS = { numRuns: 60 }

const words = string({ unit: 'grapheme', minLength: 1, maxLength: 60 }).filter((text) => !text.includes('\0'))
const nonces = string({ unit: constantFrom(...Array.from('!"#=+/~09AZaz')), minLength: 1, maxLength: 40 })
const people = record({
  name: words,
  password: words,
  salt: uint8Array({ minLength: 1, maxLength: 40 }),
  iterations: integer({ min: 4096, max: 4200 }),
  clientNonce: nonces,
  serverNonce: nonces,
  exporter: constantFrom(undefined, Buffer.alloc(32, 1), Buffer.alloc(32, 2)),
})

interface Person {
  readonly name: string
  readonly password: string
  readonly salt: Uint8Array
  readonly iterations: number
  readonly clientNonce: string
  readonly serverNonce: string
  readonly exporter: Buffer | undefined
}

function keysOf({ password, salt, iterations }: Person): ScramKeys {
  const salted = pbkdf2Sync(password, salt, iterations, 64, DIGEST)
  const hmac = (text: string) => createHmac(DIGEST, salted).update(text).digest()
  const storedKey = createHash(DIGEST).update(hmac('Client Key')).digest()
  return { iterations, salt: Buffer.from(salt), storedKey, serverKey: hmac('Server Key') }
}

/** What the two say to each other when the client reads the offer of the server's own connection. */
function signIn(person: Person, typed = person.password, clientExporter = person.exporter) {
  const channel = { address: '192.0.2.1', tlsExporter: person.exporter }
  const offered = offeredMechanisms({ protocol: 'pop3', clearPasswords: true, channel })
  const { name, clientNonce: nonce } = person
  const secret = { kind: 'password', password: typed } as const
  const terms: ClientTerms = {
    offered,
    tlsExporter: clientExporter,
    clearPassword: true,
    name,
    secret,
    nonce,
  }
  const client = startClient(terms)
  if (client === undefined) throw new Error('no mechanism')
  const server: ServerTerms = { mechanism: client.mechanism, channel, offered, nonce: person.serverNonce }
  const outcome = () => converse(client.step, startServer(server, undefined), keysOf(person), DIGEST)
  return { mechanism: client.mechanism, outcome }
}

describe('our client and our server', () => {
  it('sign anyone in, with a binding wherever there is a channel to bind to', () => {
    assert(
      property(people, (person) => {
        const { mechanism, outcome } = signIn(person)
        const plus = person.exporter === undefined ? '' : '-PLUS'
        expect(mechanism).to.equal(`SCRAM-SHA3-512${plus}`)
        expect(outcome()).to.deep.equal({ kind: 'proven', authorizationId: '', name: person.name })
      }),
      RUNS,
    )
  })

  it('refuse every other password', () => {
    assert(
      property(people, words, (person, typed) => {
        // HMAC fills short keys up with zeros only, so words without NUL are all different to it.
        const { outcome } = signIn(person, typed)
        expect(outcome().kind).to.equal(typed === person.password ? 'proven' : 'refused')
      }),
      RUNS,
    )
  })

  it('notice someone who ends the TLS of both between them', () => {
    assert(
      property(people, (person) => {
        if (person.exporter === undefined) return
        const { outcome } = signIn(person, person.password, Buffer.alloc(32, 3))
        expect(outcomeOf(outcome)).to.equal('sign-in.malformed')
      }),
      RUNS,
    )
  })

  it('notice someone who strikes -PLUS from the offer between them', () => {
    const channel = { address: '192.0.2.1', tlsExporter: Buffer.alloc(32, 1) }
    const offered = offeredMechanisms({ protocol: 'pop3', clearPasswords: false, channel })
    const client = startClient({
      offered: offered.filter((mechanism) => !mechanism.endsWith('-PLUS')),
      tlsExporter: channel.tlsExporter,
      clearPassword: false,
      name: 'alice',
      secret: { kind: 'password', password: 'Correct Horse 9' },
      nonce: 'ours',
    })
    if (client === undefined) throw new Error('no mechanism')
    const { octets } = clientStep(client.step, 'send')
    const start = () =>
      startServer({ mechanism: client.mechanism, channel, offered, nonce: 'theirs' }, octets)
    expect(outcomeOf(start)).to.equal('sign-in.malformed')
  })

  it('prove nothing with a message of which one octet is another or missing', () => {
    assert(
      property(constantFrom(...VECTORS), nat(), nat({ max: 255 }), (vector, position, octet) => {
        const message = Buffer.from(vector.clientFinal)
        const at = position % message.length
        const changed = Buffer.from(message)
        changed[at] = octet
        const cut = Buffer.concat([message.subarray(0, at), message.subarray(at + 1)])
        for (const wrong of changed.equals(message) ? [cut] : [cut, changed]) {
          const first = startServer(serverTerms(vector), Buffer.from(vector.clientFirst))
          const outcome = outcomeOf(() => {
            const step = answer(first, vector.keys, wrong)
            return serverStep(step, 'proof').check().kind
          })
          expect(outcome).to.be.oneOf(['sign-in.malformed', 'refused'])
        }
      }),
      { numRuns: 1000 },
    )
  })

  it('read any octets as a message or refuse them, and never break', () => {
    const messages = [
      uint8Array({ maxLength: 200 }),
      string({ unit: constantFrom(...Array.from('npyarcsiv=,2C3D\0é')) }),
    ] as const
    assert(
      property(...messages, (octets, text) => {
        for (const vector of VECTORS.slice(0, 3))
          for (const message of [Buffer.from(octets), Buffer.from(text), Buffer.from(`n,,${text}`)]) {
            const terms = serverTerms(vector)
            for (const mechanism of ['PLAIN', 'LOGIN', terms.mechanism] as const) {
              const start = () => startServer({ ...terms, mechanism, offered: [mechanism] }, message).kind
              expect(outcomeOf(start)).to.be.oneOf(['keys', 'password', 'challenge', 'sign-in.malformed'])
            }
          }
      }),
    )
  })
})
