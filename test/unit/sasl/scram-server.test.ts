import { expect } from 'chai'
import { startServer, type ServerTerms } from '../../../src/sasl/server.ts'
import { answer, outcomeOf, serverStep } from './steps.ts'
import { serverTerms, VECTORS } from './vectors.ts'

function vectorOf(name: string, flag: string) {
  const vector = VECTORS.find((vector) => vector.name === name && vector.flag === flag)
  if (vector === undefined) throw new Error(`no vector of ${name} with ${flag}`)
  return vector
}

const UNBOUND = vectorOf('alice', 'n')
const BOUND = vectorOf('alice', 'p=tls-exporter')

function start(terms: ServerTerms, message: string) {
  return startServer(terms, Buffer.from(message))
}

function refuses(terms: ServerTerms, message: string): void {
  expect(
    outcomeOf(() => start(terms, message)),
    JSON.stringify(message),
  ).to.equal('sign-in.malformed')
}

describe('a client-first-message', () => {
  const terms = serverTerms(UNBOUND)

  it('gives the name with its commas and equals signs, and the authorization id', () => {
    for (const [text, name] of [
      ['alice', 'alice'],
      ['=2C', ','],
      ['=3D', '='],
      ['=3D2C', '=2C'],
      ['a=2Cb=3Dc=2C=3D', 'a,b=c,='],
      ['Dédé 🐎', 'Dédé 🐎'],
      ['al\nice', 'al\nice'],
    ]) {
      expect(start(terms, `n,,n=${text},r=x`)).to.include({ kind: 'keys', name, authorizationId: '' })
      expect(start(terms, `n,a=${text},n=bob,r=x`)).to.include({ name: 'bob', authorizationId: name })
    }
  })

  it('is refused for a name that is empty, holds NUL or a bare equals sign, and likewise an authorization id', () => {
    for (const text of ['', '=', 'a=', '=2', '=2c', '=3d', '=2D', '==3D', 'a=b', 'a\0b', '=\u00322C']) {
      refuses(terms, `n,,n=${text},r=x`)
      refuses(terms, `n,a=${text},n=bob,r=x`)
    }
  })

  it('is refused for a nonce that is empty or not printable', () => {
    for (const nonce of ['', ' ', 'a b', 'é', 'a\x7f', 'a\0', 'a\n', '\t'])
      refuses(terms, `n,,n=alice,r=${nonce}`)
  })

  it('is refused for attributes that are missing, doubled or out of place', () => {
    for (const message of [
      'n',
      'n,',
      'n,,',
      ',,n=alice,r=x',
      'n=alice,r=x',
      'n,n=alice,r=x',
      'n,,r=x,n=alice',
      'n,,n=alice',
      'n,,r=x',
      'n,,n=alice,r=x,',
      'n,,,n=alice,r=x',
      'n,,n=alice,,r=x',
      'N,,n=alice,r=x',
      'x,,n=alice,r=x',
      ' n,,n=alice,r=x',
      'n,b=bob,n=alice,r=x',
      'n,bob,n=alice,r=x',
      'n,a=bob,a=bob,n=alice,r=x',
      'n,,N=alice,r=x',
      'n,,n=alice,R=x',
      'n,,n=alice,r=x,r=x',
      'n,,n=alice,r=x,n=bob',
      'n,,n=alice,r=x,a=bob',
      'n,,n=alice,r=x,p=eA==',
      'n,,alice,x',
      'n,,n=alice,x=1,r=x',
      'n=,,n=alice,r=x',
      'y=,,n=alice,r=x',
      'nn,,n=alice,r=x',
      'p,,n=alice,r=x',
      'p=,,n=alice,r=x',
    ])
      // prettier-ignore
      refuses(terms, message)
  })

  it('is refused for the reserved extension, wherever it stands', () => {
    for (const message of [
      'n,,m=x,n=alice,r=x',
      'n,,n=alice,m=x,r=x',
      'n,,n=alice,r=x,m=x',
      'n,,n=alice,r=x,z=1,m=x',
    ])
      refuses(terms, message)
  })

  it('is taken with optional extensions that nobody knows, which must be well formed', () => {
    for (const extensions of ['z=1', 'z=1,y=2,X==', 'b=é,d= '])
      expect(start(terms, `n,,n=alice,r=x,${extensions}`)).to.include({ name: 'alice' })
    for (const extensions of ['', 'z', 'z=', '=1', 'zz=1', '1=1', 'é=1', 'z=1,', 'z=\0', ',z=1'])
      refuses(terms, `n,,n=alice,r=x,${extensions}`)
  })
})

describe('a downgrade', () => {
  const shown = { ...serverTerms(BOUND), mechanism: 'SCRAM-SHA3-512' } as const

  it('is refused when the client believes that we offer no -PLUS, and we do', () => {
    refuses(shown, 'y,,n=alice,r=x')
    expect(start(shown, 'n,,n=alice,r=x').kind).to.equal('keys')
    expect(start(serverTerms(UNBOUND), 'y,,n=alice,r=x').kind).to.equal('keys')
  })

  it('is refused when -PLUS comes without a binding, or with one that we do not offer', () => {
    for (const flag of [
      'n',
      'y',
      'p=tls-unique',
      'p=tls-server-end-point',
      'p=TLS-EXPORTER',
      'p=tls-exporter2',
      'p=x',
    ])
      refuses(serverTerms(BOUND), `${flag},,n=alice,r=x`)
    expect(start(serverTerms(BOUND), 'p=tls-exporter,,n=alice,r=x').kind).to.equal('keys')
  })

  it('is refused when a binding comes outside of -PLUS', () => {
    for (const terms of [shown, serverTerms(UNBOUND)])
      for (const flag of ['p=tls-exporter', 'p=tls-unique']) refuses(terms, `${flag},,n=alice,r=x`)
  })
})

describe('a client-final-message', () => {
  for (const vector of [UNBOUND, BOUND]) {
    const { keys, clientFirst, clientFinal, clientNonce, serverNonce, flag } = vector
    const [c = '', r = '', p = ''] = clientFinal.split(',')
    const finish = (message: string, first = clientFirst) => {
      const step = answer(start(serverTerms(vector), first), keys, Buffer.from(message))
      return serverStep(step, 'proof').check().kind
    }
    const malformed = (message: string) =>
      expect(
        outcomeOf(() => finish(message)),
        JSON.stringify(message),
      ).to.equal('sign-in.malformed')

    it(`with ${flag} is good as computed`, () => {
      expect(finish(clientFinal)).to.equal('challenge')
    })

    it(`with ${flag} is malformed for the binding to another channel or none`, () => {
      const encode = (text: string, data: Buffer) =>
        Buffer.concat([Buffer.from(text), data]).toString('base64')
      const other = Buffer.from(vector.exporter).fill(9, 31)
      const none = Buffer.alloc(0)
      const good = c.slice(2)
      const wrong = ['n,,', 'y,,', 'p=tls-exporter,,', 'p=tls-unique,,', 'n,a=bob,', '']
        .flatMap((header) =>
          [none, vector.exporter, other, vector.exporter.subarray(1)].map((data) => encode(header, data)),
        )
        .filter((binding) => binding !== good)
      expect(wrong.length).to.be.greaterThan(20)
      for (const binding of wrong) malformed(`c=${binding},${r},${p}`)
      malformed(`c=${good}=,${r},${p}`)
      malformed(`c=${good} ,${r},${p}`)
    })

    it(`with ${flag} is malformed for a nonce that is not ours`, () => {
      for (const nonce of [
        clientNonce,
        serverNonce,
        serverNonce + clientNonce,
        `${clientNonce}${serverNonce}x`,
        `x${clientNonce}${serverNonce}`,
        `${clientNonce}${serverNonce}`.slice(0, -1),
        '',
        'é',
      ])
        // prettier-ignore
        malformed(`${c},r=${nonce},${p}`)
    })

    it(`with ${flag} is malformed for a proof of another size or spelling`, () => {
      const octets = Buffer.from(p.slice(2), 'base64')
      for (const proof of [
        octets.subarray(1),
        Buffer.concat([octets, octets]),
        Buffer.alloc(63),
        Buffer.alloc(0),
      ])
        malformed(`${c},${r},p=${proof.toString('base64')}`)
      for (const text of [`${p}=`, p.slice(0, -1), `${p}\n`, 'p=*', 'p=', `${p},`, `${p},z=1`])
        malformed(`${c},${r},${text}`)
    })

    it(`with ${flag} is malformed for attributes that are missing, doubled, mandatory or out of place`, () => {
      for (const message of [
        '',
        c,
        r,
        p,
        `${c},${r}`,
        `${c},${p}`,
        `${r},${p}`,
        `${r},${c},${p}`,
        `${c},${p},${r}`,
        `${p},${c},${r}`,
        `${c},${r},${p},${p}`,
        `${c},${c},${r},${p}`,
        `${c},${r},${r},${p}`,
        `m=x,${c},${r},${p}`,
        `${c},m=x,${r},${p}`,
        `${c},${r},m=x,${p}`,
        `${c},${r},${p},m=x`,
        `${c},${r},z=1,m=x,${p}`,
        `${c},${r},,${p}`,
        `${c},${r},z=,${p}`,
        `n,,n=alice,r=x`,
      ])
        // prettier-ignore
        malformed(message)
    })

    it(`with ${flag} is refused for extensions that the proof does not cover`, () => {
      expect(finish(`${c},${r},z=1,${p}`)).to.equal('refused')
    })

    it(`with ${flag} is refused for the proof of another first message`, () => {
      const other = clientFirst.replace('n=alice', 'n=bob')
      expect(other).not.to.equal(clientFirst)
      expect(finish(clientFinal, other)).to.equal('refused')
      expect(finish(clientFinal, `${clientFirst},z=1`)).to.equal('refused')
    })

    it(`with ${flag} is refused for a proof of which any bit is another`, () => {
      const octets = Buffer.from(p.slice(2), 'base64')
      for (let at = 0; at < octets.length; at++) {
        const wrong = Buffer.from(octets)
        wrong[at] = (wrong[at] ?? 0) ^ (1 << (at % 8))
        expect(finish(`${c},${r},p=${wrong.toString('base64')}`)).to.equal('refused')
      }
    })

    it(`with ${flag} is malformed when it is cut off anywhere, too long or no UTF-8`, () => {
      for (let end = 0; end < clientFinal.length; end++) malformed(clientFinal.slice(0, end))
      malformed(`${c},${r},z=${'x'.repeat(1_048_576)},${p}`)
      const first = start(serverTerms(vector), clientFirst)
      const challenge = serverStep(serverStep(first, 'keys').next(keys), 'challenge')
      const garbled = Buffer.concat([Buffer.from(`${c},${r},z=`), Buffer.from([0xff]), Buffer.from(`,${p}`)])
      expect(outcomeOf(() => challenge.next(garbled))).to.equal('sign-in.malformed')
    })

    it(`with ${flag} proves nothing before the client has answered the server-final-message with nothing`, () => {
      const final = serverStep(
        answer(start(serverTerms(vector), clientFirst), keys, Buffer.from(clientFinal)),
        'proof',
      ).check()
      expect(outcomeOf(() => serverStep(final, 'challenge').next(Buffer.from('x')))).to.equal(
        'sign-in.malformed',
      )
      expect(serverStep(final, 'challenge').next(Buffer.alloc(0)).kind).to.equal('proven')
    })
  }
})
