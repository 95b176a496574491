/** The exchanges that RFC 5802 §5 and RFC 7677 §3 print, for the user "user" with the password "pencil". */
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'
import { expect } from 'chai'
import { startScramClient } from '../../../src/sasl/scram-client.ts'
import { startScram } from '../../../src/sasl/scram-server.ts'
import { clientStep, serverStep } from './steps.ts'

const PUBLISHED = [
  {
    source: 'RFC 5802',
    digest: 'sha1',
    octets: 20,
    salt: 'QSXCR+Q6sek8bf92',
    nonces: ['fyko+d2lbbFgONRv9qkxdawL', '3rfcNHYJY1ZVvWVs7j'],
    proof: 'v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=',
    signature: 'rmF9pqV8S7suAoZWja4dJRkFsKQ=',
  },
  {
    source: 'RFC 7677',
    digest: 'sha256',
    octets: 32,
    salt: 'W22ZaJ0SNY7soEsUEjb6gQ==',
    nonces: ['rOprNGfwEbeRWgbNEkqO', '%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0'],
    proof: 'dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
    signature: '6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=',
  },
] as const

describe('the published SCRAM exchanges', () => {
  for (const { source, digest, octets, salt, nonces, proof, signature } of PUBLISHED) {
    const [ours, theirs] = nonces
    const serverFirst = `r=${ours}${theirs},s=${salt},i=4096`
    const clientFinal = `c=biws,r=${ours}${theirs},p=${proof}`
    const salted = pbkdf2Sync('pencil', Buffer.from(salt, 'base64'), 4096, octets, digest)

    it(`of ${source} are the client's`, () => {
      const secret = { kind: 'password', password: 'pencil' } as const
      const identity = {
        flag: 'n',
        bindTo: Buffer.alloc(0),
        name: 'user',
        secret,
        nonce: ours,
        digest,
      } as const
      const first = clientStep(startScramClient(identity), 'send')
      expect(first.octets.toString()).to.equal(`n,,n=user,r=${ours}`)
      const final = clientStep(
        clientStep(first.next(Buffer.from(serverFirst)), 'derive').next(salted),
        'send',
      )
      expect(final.octets.toString()).to.equal(clientFinal)
      expect(final.next(Buffer.from(`v=${signature}`)).kind).to.equal('last')
    })

    it(`of ${source} are the server's`, () => {
      const clientKey = createHmac(digest, salted).update('Client Key').digest()
      const keys = {
        iterations: 4096,
        salt: Buffer.from(salt, 'base64'),
        storedKey: createHash(digest).update(clientKey).digest(),
        serverKey: createHmac(digest, salted).update('Server Key').digest(),
      }
      const terms = { plusOffered: false, nonce: theirs, digest }
      const first = serverStep(startScram(terms, Buffer.from(`n,,n=user,r=${ours}`)), 'keys')
      const challenge = serverStep(first.next(keys), 'challenge')
      expect(challenge.octets.toString()).to.equal(serverFirst)
      const final = serverStep(challenge.next(Buffer.from(clientFinal)), 'proof').check()
      expect(serverStep(final, 'challenge').octets.toString()).to.equal(`v=${signature}`)
    })
  }
})
