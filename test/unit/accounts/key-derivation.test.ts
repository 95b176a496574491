import { expect } from 'chai'
import { pbkdf2Sync } from 'node:crypto'
import { createKeyDerivation, type KeyDerivation } from '../../../src/accounts/key-derivation.ts'

const SALT = Buffer.from('0123456789abcdef')

describe('key derivation', () => {
  let derivation: KeyDerivation
  beforeEach(() => {
    derivation = createKeyDerivation(2)
  })
  afterEach(() => derivation.close())

  it('is PBKDF2-HMAC-SHA3-512 of 64 octets, of texts as UTF-8 and of octets', async () => {
    for (const password of ['', 'Abcdefgh12', 'pässwörd Ω', Buffer.from([0, 255, 10])]) {
      const derived = await derivation.derive(password, SALT, 3)
      expect(derived.equals(pbkdf2Sync(password, SALT, 3, 64, 'sha3-512'))).to.equal(true)
    }
  })

  it('gives each of many callers its own answer', async () => {
    const passwords = Array.from({ length: 40 }, (_, index) => `password ${index}`)
    const derived = await Promise.all(passwords.map((password) => derivation.derive(password, SALT, 2)))
    for (const [index, password] of passwords.entries())
      expect(derived[index]?.equals(pbkdf2Sync(password, SALT, 2, 64, 'sha3-512')), password).to.equal(true)
  })

  it('leaves the event loop and the thread pool to others', async function () {
    this.timeout(60_000)
    let turns = 0
    const timer = setInterval(() => (turns += 1), 1)
    await derivation.derive('x', SALT, 200_000)
    clearInterval(timer)
    expect(turns).to.be.greaterThan(5)
  })

  it('fails for what it is under way with when it is closed', async () => {
    const failure = derivation.derive('x', SALT, 300_000).catch((error: unknown) => error)
    await derivation.derive('y', SALT, 1)
    await derivation.close()
    expect(await failure).to.be.an('error')
  })

  it('tells what is wrong with its arguments, and goes on with a new thread', async () => {
    for (let time = 0; time < 3; time += 1)
      expect(await derivation.derive('x', SALT, 0).catch((error: unknown) => error)).to.be.an('error')
    expect((await derivation.derive('x', SALT, 1)).length).to.equal(64)
  })
})
