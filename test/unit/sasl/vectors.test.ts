import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { startClient } from '../../../src/sasl/client.ts'
import { startServer } from '../../../src/sasl/server.ts'
import { clientStep, serverStep } from './steps.ts'
import { serverTerms, VECTORS } from './vectors.ts'

function here(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url))
}

describe('SCRAM-SHA3-512 exchanges that another implementation computes', () => {
  it('are what the script beside this test computes', function () {
    const python = spawnSync('python3', [here('vectors.py')], { encoding: 'utf8' })
    if (python.error !== undefined) {
      console.log('      skipped: python3 is missing')
      this.skip()
    }
    expect(python.stderr).to.equal('')
    expect(python.stdout).to.equal(readFileSync(here('vectors.json'), 'utf8'))
  })

  it('are of every channel binding flag', () => {
    expect(VECTORS.length).to.equal(15)
    expect(new Set(VECTORS.map(({ flag }) => flag))).to.deep.equal(new Set(['n', 'y', 'p=tls-exporter']))
  })

  for (const vector of VECTORS) {
    const { flag, name, authorizationId } = vector

    it(`are the server's, octet for octet, for ${name} with ${flag}`, () => {
      const first = serverStep(startServer(serverTerms(vector), Buffer.from(vector.clientFirst)), 'keys')
      expect(first).to.include({ name, authorizationId })
      const challenge = serverStep(first.next(vector.keys), 'challenge')
      expect(challenge.octets.toString()).to.equal(vector.serverFirst)
      const proof = serverStep(challenge.next(Buffer.from(vector.clientFinal)), 'proof')
      expect(proof.name).to.equal(name)
      const final = serverStep(proof.check(), 'challenge')
      expect(final.octets.toString()).to.equal(vector.serverFinal)
      expect(final.next(Buffer.alloc(0))).to.deep.equal({ kind: 'proven', name, authorizationId })
    })

    it(`are refused with the proof of another password, for ${name} with ${flag}`, () => {
      const others = { ...vector.keys, storedKey: Buffer.alloc(64, 1) }
      const first = serverStep(startServer(serverTerms(vector), Buffer.from(vector.clientFirst)), 'keys')
      const challenge = serverStep(first.next(others), 'challenge')
      const proof = serverStep(challenge.next(Buffer.from(vector.clientFinal)), 'proof')
      expect(proof.check()).to.deep.equal({ kind: 'refused' })
    })
  }

  for (const vector of VECTORS.filter(({ authorizationId }) => authorizationId === '')) {
    const { flag, name, password, clientNonce: nonce, saved } = vector
    const tlsExporter = flag === 'n' ? undefined : vector.exporter
    const offered = flag === 'p=tls-exporter' ? ['SCRAM-SHA3-512-PLUS'] : ['SCRAM-SHA3-512']
    const terms = { offered, tlsExporter, clearPassword: false, name, nonce }

    it(`are the client's, octet for octet, for ${name} with ${flag}`, () => {
      const start = startClient({ ...terms, secret: { kind: 'password', password } })
      if (start === undefined) throw new Error('no mechanism')
      const first = clientStep(start.step, 'send')
      expect(first.octets.toString()).to.equal(vector.clientFirst)
      const derive = clientStep(first.next(Buffer.from(vector.serverFirst)), 'derive')
      expect(derive).to.deep.include({ password, salt: vector.salt, iterations: vector.iterations })
      const final = clientStep(derive.next(vector.saltedPassword), 'send')
      expect(final.octets.toString()).to.equal(vector.clientFinal)
      const last = clientStep(final.next(Buffer.from(vector.serverFinal)), 'last')
      expect(last).to.deep.equal({ kind: 'last', octets: Buffer.alloc(0), keys: saved })
    })

    it(`need no password where the keys are saved, for ${name} with ${flag}`, () => {
      const start = startClient({ ...terms, secret: { kind: 'keys', keys: saved } })
      if (start === undefined) throw new Error('no mechanism')
      const first = clientStep(start.step, 'send')
      const final = clientStep(first.next(Buffer.from(vector.serverFirst)), 'send')
      expect(final.octets.toString()).to.equal(vector.clientFinal)
    })
  }
})
