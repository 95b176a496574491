import { expect } from 'chai'
import { startClient, type ClientTerms } from '../../../src/sasl/client.ts'
import { FEWEST_ITERATIONS, MOST_ITERATIONS } from '../../../src/sasl/scram-client.ts'
import { clientStep, outcomeOf } from './steps.ts'
import { VECTORS } from './vectors.ts'

const tlsExporter = Buffer.alloc(32, 7)
const SCRAM = 'SCRAM-SHA3-512'
const PLUS = 'SCRAM-SHA3-512-PLUS'
const SALT = 'c2FsdA=='

const TERMS: ClientTerms = {
  offered: [SCRAM],
  clearPassword: false,
  name: 'alice',
  secret: { kind: 'password', password: 'Correct Horse 9' },
  nonce: 'ours',
}

function start(terms: Partial<ClientTerms>) {
  return startClient({ ...TERMS, ...terms })
}

function firstStep(terms: Partial<ClientTerms> = {}) {
  const started = start(terms)
  if (started === undefined) throw new Error('no mechanism')
  return clientStep(started.step, 'send')
}

function afterServerFirst(message: string, terms: Partial<ClientTerms> = {}): unknown {
  return outcomeOf(() => firstStep(terms).next(Buffer.from(message)).kind)
}

describe('the client side of SASL', () => {
  it('takes the best mechanism of both, and tells a server that hides -PLUS', () => {
    const table = [
      { offered: [PLUS, SCRAM, 'PLAIN'], bound: true, chosen: PLUS, header: 'p=tls-exporter,,' },
      { offered: ['PLAIN', SCRAM, PLUS], bound: true, chosen: PLUS, header: 'p=tls-exporter,,' },
      { offered: [PLUS], bound: true, chosen: PLUS, header: 'p=tls-exporter,,' },
      { offered: [PLUS, SCRAM], bound: false, chosen: SCRAM, header: 'n,,' },
      { offered: ['PLAIN', SCRAM], bound: true, chosen: SCRAM, header: 'y,,' },
      { offered: ['PLAIN', SCRAM], bound: false, chosen: SCRAM, header: 'n,,' },
    ]
    for (const { offered, bound, chosen, header } of table) {
      const started = start({ offered, clearPassword: true, ...(bound ? { tlsExporter } : {}) })
      expect(started?.mechanism).to.equal(chosen)
      expect(started?.step).to.deep.include({ octets: Buffer.from(`${header}n=alice,r=ours`) })
    }
  })

  it('sends the password itself only where nothing better is offered and where it may', () => {
    const plain = start({ offered: ['LOGIN', 'PLAIN'], clearPassword: true })
    expect(plain).to.deep.equal({
      mechanism: 'PLAIN',
      step: { kind: 'last', octets: Buffer.from('\0alice\0Correct Horse 9') },
    })
    expect(start({ offered: ['LOGIN', 'PLAIN'], clearPassword: false })).to.equal(undefined)
  })

  it('has nothing to start where the server offers nothing that we can', () => {
    const keys = {
      clientKey: Buffer.alloc(64),
      serverKey: Buffer.alloc(64),
      salt: Buffer.alloc(8),
      iterations: 1,
    }
    for (const offered of [[], ['LOGIN'], ['CRAM-MD5', 'SCRAM-SHA-256', 'plain'], [PLUS]])
      expect(start({ offered, clearPassword: true })).to.equal(undefined)
    const secret = { kind: 'keys', keys } as const
    expect(start({ offered: ['PLAIN'], clearPassword: true, secret })).to.equal(undefined)
  })

  it('does not start with a name that cannot be sent', () => {
    for (const name of ['', 'al\0ice'])
      for (const offered of [[SCRAM], ['PLAIN']])
        expect(outcomeOf(() => start({ name, offered, clearPassword: true }))).to.equal('sign-in.malformed')
  })
})

describe('a server-first-message', () => {
  it('has the password derived with its salt and iterations', () => {
    const step = clientStep(firstStep().next(Buffer.from(`r=ours!,s=${SALT},i=4096,z=1`)), 'derive')
    expect(step).to.deep.include({ password: 'Correct Horse 9', salt: Buffer.from('salt'), iterations: 4096 })
  })

  it('is refused for a nonce that does not go on from ours', () => {
    for (const nonce of ['ours', 'our', 'theirs', 'Ours!', 'xours', '', 'ours ', 'oursé'])
      expect(afterServerFirst(`r=${nonce},s=${SALT},i=4096`), nonce).to.equal('sign-in.malformed')
  })

  it('is refused for too few and too many iterations, and for what is no count', () => {
    const counts: readonly (string | number)[] = [
      FEWEST_ITERATIONS - 1, MOST_ITERATIONS + 1, 1, 0, -4096, '', '04096', '4096.0', '1e4', '0x1000', '4096 ', '9'.repeat(30),
    ] // prettier-ignore
    for (const count of counts)
      expect(afterServerFirst(`r=ours!,s=${SALT},i=${count}`), String(count)).to.equal('sign-in.malformed')
    for (const count of [FEWEST_ITERATIONS, MOST_ITERATIONS])
      expect(afterServerFirst(`r=ours!,s=${SALT},i=${count}`)).to.equal('derive')
    expect([FEWEST_ITERATIONS, MOST_ITERATIONS]).to.deep.equal([4096, 10_000_000])
  })

  it('is refused for a wrong salt, the reserved extension, a wrong order and anything else', () => {
    for (const message of [
      '',
      'x',
      `r=ours!,i=4096,s=${SALT}`,
      `r=ours!,s=${SALT}`,
      'r=ours!,s=,i=4096',
      'r=ours!,s=c2FsdA,i=4096',
      'r=ours!,s=*,i=4096',
      `m=x,r=ours!,s=${SALT},i=4096`,
      `r=ours!,s=${SALT},i=4096,m=x`,
      `r=ours!,s=${SALT},i=4096,`,
      `r=ours!,s=${SALT},i=4096,r=ours!`,
      `R=ours!,s=${SALT},i=4096`,
      `r=ours!,s=${SALT},i=4096,z=${'x'.repeat(1_048_576)}`,
    ])
      // prettier-ignore
      expect(afterServerFirst(message), message.slice(0, 60)).to.equal('sign-in.malformed')
  })

  it('may be a refusal', () => {
    for (const message of ['e=unknown-user', 'e=other-error,z=1'])
      expect(afterServerFirst(message)).to.equal('sign-in.refused')
    for (const message of ['e=', 'e=\x1b[2J', 'e=Ünknown'])
      expect(afterServerFirst(message)).to.equal('sign-in.malformed')
  })

  it('that does not fit the saved keys makes them useless', () => {
    const [vector] = VECTORS
    if (vector === undefined) throw new Error('no vector')
    const secret = { kind: 'keys', keys: vector.saved } as const
    const salt = vector.salt.toString('base64')
    expect(afterServerFirst(`r=ours!,s=${salt},i=4096`, { secret })).to.equal('send')
    expect(afterServerFirst(`r=ours!,s=${salt},i=4097`, { secret })).to.equal('sign-in.refused')
    expect(afterServerFirst(`r=ours!,s=${SALT},i=4096`, { secret })).to.equal('sign-in.refused')
  })
})

describe('a server-final-message', () => {
  for (const vector of VECTORS.filter(({ name }) => name === 'alice')) {
    const { flag, name, clientNonce: nonce, serverFirst, serverFinal, saved } = vector
    const finish = (message: string) => {
      const bound = flag === 'n' ? {} : { tlsExporter: vector.exporter }
      const offered = [flag === 'p=tls-exporter' ? PLUS : SCRAM]
      const first = firstStep({ name, nonce, offered, ...bound, secret: { kind: 'keys', keys: saved } })
      const final = clientStep(first.next(Buffer.from(serverFirst)), 'send')
      return outcomeOf(() => final.next(Buffer.from(message)).kind)
    }

    it(`with ${flag} ends the exchange when the server knows the keys`, () => {
      expect(finish(serverFinal)).to.equal('last')
      expect(finish(`${serverFinal},z=1`)).to.equal('last')
    })

    it(`with ${flag} is refused for any other signature`, () => {
      const signature = Buffer.from(serverFinal.slice(2), 'base64')
      for (let at = 0; at < signature.length; at++) {
        const wrong = Buffer.from(signature)
        wrong[at] = (wrong[at] ?? 0) ^ (1 << (at % 8))
        expect(finish(`v=${wrong.toString('base64')}`)).to.equal('sign-in.refused')
      }
      for (const wrong of [signature.subarray(1), Buffer.concat([signature, signature]), Buffer.alloc(64)])
        expect(finish(`v=${wrong.toString('base64')}`)).to.equal('sign-in.refused')
    })

    it(`with ${flag} may be a refusal, and may be nothing that we know`, () => {
      expect(finish('e=invalid-proof')).to.equal('sign-in.refused')
      for (const message of [
        '',
        'v=',
        'v',
        'v=*',
        `${serverFinal},`,
        `${serverFinal},m=x`,
        `m=x,${serverFinal}`,
        `${serverFinal}=`,
      ])
        expect(finish(message), message).to.equal('sign-in.malformed')
      for (let end = 0; end < serverFinal.length; end++)
        expect(finish(serverFinal.slice(0, end))).not.to.equal('last')
    })
  }
})
