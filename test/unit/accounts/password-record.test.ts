import { expect } from 'chai'
import {
  deriveInPool,
  formatPasswordRecord,
  isLegacyDigest,
  iterationsPerTry,
  makeLegacyRecord,
  makePasswordRecord,
  needsUpgrade,
  parsePasswordRecord,
  verifyPassword,
  type DeriveKey,
} from '../../../src/accounts/password-record.ts'
import { GatewayError } from '../../../src/base/errors.ts'
import { failureOf, gatewayErrorOf } from '../../contract/support/failure-of.ts'
import legacyVectors from './vectors/legacy-records.json' with { type: 'json' }

/**
 * Computed with Python: salted = hashlib.pbkdf2_hmac('sha3_512', password, salt, iterations, 64),
 * StoredKey = sha3_512(hmac(salted, 'Client Key')), ServerKey = hmac(salted, 'Server Key').
 */
const VECTORS = [
  {
    password: 'Correct Horse 9',
    salt: '000102030405060708090a0b0c0d0e0f',
    iterations: 4096,
    record:
      'SCRAM-SHA3-512$4096:AAECAwQFBgcICQoLDA0ODw==$' +
      'eXq8PuhVzlpL6CpY3uOzo2yhXmptxWmT1c6QwSEE3+Qb4o8uX5u3MuoJE7oARrwKd/QVF0Bb4lDfyCZYIaU/xA==:' +
      'CPoYOscFikLjf9MZ5NcX9U8xrKrraM7+vbHKCF1pAztlTIbdY5kQVT94LOIOkMWpE0YnB+N58FzYM6F71N2wYA==',
  },
  {
    password: 'Pâté de Campagne 1',
    salt: '30313233343536373839616263646566',
    iterations: 1,
    record:
      'SCRAM-SHA3-512$1:MDEyMzQ1Njc4OWFiY2RlZg==$' +
      'EClHtGpuO3UTBbp8fEWQ0/EuPIn/ixXYVs2W5HNcjlPUjOFJPoO9bdJOKcHJDCfhA1RECSKXJG1sirVgSaSqQA==:' +
      '9fkqKWaeSLU+6t1GLtEueMtW8f+60lX824M72KpQ6aJzQ65jZCAMS8K5khxNtHQn3yAkNDDpIMCqFziVci5m0A==',
  },
  {
    password: 'ΩΩΩΩΩωωωωω7',
    salt: 'ffffffffffffffffffffffffffffffff',
    iterations: 2,
    record:
      'SCRAM-SHA3-512$2://///////////////////w==$' +
      'wDpLiuFTdojbpsFPjhTRqfTkc5uTmd7fbahfdUpcJ8+H1g/OEhk7U6m4AbtB9phMXlNwaB5xDCYYGaqdrFCogQ==:' +
      'P4DbGOOYR9BcvqyBJYZD7wKivm/2j3HYhzjuGzDTHxR/QLkAcAuGPWvNbs7IWgqOqumDczwHcZyoSxDtfDrd8A==',
  },
] as const

describe('a password record', () => {
  for (const { password, salt, iterations, record } of VECTORS) {
    it(`of ${password} is what another implementation computes`, async () => {
      const made = await makePasswordRecord(password, iterations, undefined, Buffer.from(salt, 'hex'))
      expect(formatPasswordRecord(made)).to.equal(record)
    })

    it(`of ${password} is matched by it and by nothing else`, async () => {
      const parsed = parsePasswordRecord(record)
      expect(await verifyPassword(password, parsed)).to.equal(true)
      for (const wrong of ['', `${password} `, password.slice(1), password.toLowerCase()])
        expect(await verifyPassword(wrong, parsed), JSON.stringify(wrong)).to.equal(false)
    })

    it(`of ${password} is read and written unchanged`, () => {
      expect(formatPasswordRecord(parsePasswordRecord(record))).to.equal(record)
    })
  }

  it('is matched by the same password in another Unicode form and with other spaces', async () => {
    const parsed = parsePasswordRecord(VECTORS[1].record)
    expect(await verifyPassword('Pâté de Campagne 1'.normalize('NFD'), parsed)).to.equal(true)
    expect(await verifyPassword('Pâté\u00A0de\u3000Campagne\u20021', parsed)).to.equal(true)
  })

  it('has a salt of its own each time, 16 octets long, and keys of 64', async () => {
    const [one, two] = await Promise.all([
      makePasswordRecord('Abcdefgh12', 1),
      makePasswordRecord('Abcdefgh12', 1),
    ])
    expect(one.salt.equals(two.salt)).to.equal(false)
    expect(one.storedKey.equals(two.storedKey)).to.equal(false)
    expect([one.salt, one.storedKey, one.serverKey].map(({ length }) => length)).to.deep.equal([16, 64, 64])
  })

  it('holds neither the password nor what would stand in for it', async () => {
    const text = formatPasswordRecord(
      await makePasswordRecord('Abcdefgh12', 1, undefined, Buffer.alloc(16, 1)),
    )
    expect(text).to.not.contain('Abcdefgh12')
    expect(text).to.match(/^SCRAM-SHA3-512\$1:[A-Za-z0-9+/]{22}==\$[A-Za-z0-9+/]{86}==:[A-Za-z0-9+/]{86}==$/)
  })

  const { record } = VECTORS[0]
  const [scheme = '', cost = '', keys = ''] = record.split('$')
  const [salt = ''] = cost.split(':').slice(1)
  const [stored = '', server = ''] = keys.split(':')
  const damaged: readonly (readonly [what: string, text: string])[] = [
    ['nothing', ''],
    ['another scheme', record.replace('SCRAM-SHA3-512', 'SCRAM-SHA-256')],
    ['another case', record.toLowerCase()],
    ['a bare digest', 'a'.repeat(128)],
    ['a wrapped digest of another kind', record.replace('SCRAM-SHA3-512', 'LEGACY-SHA-256')],
    ['the name of a thing that every object has', record.replace('SCRAM-SHA3-512', 'constructor')],
    ['a part too few', `${scheme}$${cost}`],
    ['a part too many', `${record}$`],
    ['a key too many', `${record}:${server}`],
    ['a key too few', `${scheme}$${cost}$${stored}`],
    ['an empty key', `${scheme}$${cost}$:${server}`],
    ['an empty salt', `${scheme}$4096:$${keys}`],
    ['no salt', `${scheme}$4096$${keys}`],
    ['a field too many in the cost', `${scheme}$${cost}:1$${keys}`],
    ['no iterations', `${scheme}$:${salt}$${keys}`],
    ['0 iterations', `${scheme}$0:${salt}$${keys}`],
    ['iterations with a zero in front', `${scheme}$04096:${salt}$${keys}`],
    ['negative iterations', `${scheme}$-1:${salt}$${keys}`],
    ['a fraction of iterations', `${scheme}$1.5:${salt}$${keys}`],
    ['iterations in another base', `${scheme}$0x10:${salt}$${keys}`],
    ['more iterations than anybody could wait for', `${scheme}$1000000000:${salt}$${keys}`],
    ['a key that is too short', `${scheme}$${cost}$AAAA:${server}`],
    ['a key that is too long', `${scheme}$${cost}$${Buffer.alloc(65).toString('base64')}:${server}`],
    ['URL base64', record.replaceAll('+', '-')],
    ['a salt without its padding', `${scheme}$4096:${salt.replaceAll('=', '')}$${keys}`],
    ['a salt of a single letter', `${scheme}$4096:A$${keys}`],
    ['a salt with bits that mean nothing', `${scheme}$4096:${salt.replace('w==', 'x==')}$${keys}`],
    ['a space in front', ` ${record}`],
    ['a line end behind', `${record}\n`],
  ]
  for (const [what, text] of damaged) {
    it(`is damaged with ${what}`, () => {
      expect(() => parsePasswordRecord(text))
        .to.throw(GatewayError)
        .with.property('code', 'store.damaged')
    })
  }

  it('does not show itself in the error when it is damaged', () => {
    expect(() => parsePasswordRecord(`${record}$`)).to.throw(
      /^a password record in the directory is damaged$/,
    )
  })

  it('is never made of what cannot be prepared, and the password is not told', async () => {
    for (const password of ['Abcdefgh12\0', '', 'x'.repeat(1025)])
      expect(await failureOf(makePasswordRecord(password, 1))).to.equal('account.password-refused')
    expect((await gatewayErrorOf(makePasswordRecord('Abcdefgh12\0', 1))).message).to.equal(
      'password is refused; it needs: no control, invisible or unassigned characters',
    )
  })

  it('is outdated when it was made for less work than is asked for today', () => {
    const parsed = parsePasswordRecord(VECTORS[0].record)
    expect([4095, 4096, 4097].map((iterations) => needsUpgrade(parsed, iterations))).to.deep.equal([
      false,
      false,
      true,
    ])
  })
})

/** Counts what is derived. */
function countingDerive(): { readonly derive: DeriveKey; readonly iterations: number[] } {
  const counted: number[] = []
  return {
    iterations: counted,
    derive(password, salt, iterations) {
      counted.push(iterations)
      return deriveInPool(password, salt, iterations)
    },
  }
}

describe("a record of an older system's digest", () => {
  for (const { password, algorithm, digest, scheme, salt, iterations, record } of legacyVectors) {
    const title = `${scheme} of the ${algorithm} of ${JSON.stringify(password)}`

    it(`${title} is what another implementation computes`, async () => {
      const legacy = scheme === 'LEGACY-SHA-512' ? scheme : 'LEGACY-SHA3-512'
      const tried = legacy === 'LEGACY-SHA-512' ? 1 : 2
      const made = await makeLegacyRecord(digest, iterations * tried, undefined, {
        scheme: legacy,
        salt: Buffer.from(salt, 'hex'),
      })
      expect(formatPasswordRecord(made)).to.equal(record)
      expect(formatPasswordRecord(parsePasswordRecord(record))).to.equal(record)
    })

    it(`${title} is matched by that password as typed, and by nothing else`, async () => {
      const parsed = parsePasswordRecord(record)
      expect(await verifyPassword(password, parsed)).to.equal(true)
      for (const wrong of [`${password} `, `x${password}`, digest, record, 'x'.repeat(5000)])
        expect(await verifyPassword(wrong, parsed), wrong).to.equal(false)
    })
  }

  it('that is known to be of SHA-512 is not matched by the SHA3-512 of the password', async () => {
    const record = await makeLegacyRecord(legacyVectors[0]?.digest ?? '', 1, undefined, {
      scheme: 'LEGACY-SHA-512',
    })
    expect(await verifyPassword('falcon*solo', record)).to.equal(false)
  })

  it('is not prepared: another Unicode form was another password there', async () => {
    const record = parsePasswordRecord(legacyVectors[3]?.record ?? '')
    expect(await verifyPassword('P\u00E2t\u00E9 de Campagne 1', record)).to.equal(true)
    expect(await verifyPassword('Pa\u0302te\u0301 de Campagne 1', record)).to.equal(false)
  })

  it('is taken in either case of hexadecimal', async () => {
    const digest = legacyVectors[0]?.digest ?? ''
    const record = await makeLegacyRecord(digest.toUpperCase(), 1)
    expect(await verifyPassword('falcon*solo', record)).to.equal(true)
  })

  for (const [what, hex] of [
    ['nothing', ''],
    ['64 digits', 'a'.repeat(64)],
    ['127 digits', 'a'.repeat(127)],
    ['129 digits', 'a'.repeat(129)],
    ['a letter that is no digit', `${'a'.repeat(127)}g`],
    ['a line end', `${'a'.repeat(127)}\n`],
    ['a line end behind it', `${'a'.repeat(128)}\n`],
  ] as const) {
    it(`is not made of ${what}`, async () => {
      expect(isLegacyDigest(hex)).to.equal(false)
      expect(await failureOf(makeLegacyRecord(hex, 1))).to.equal('account.password-refused')
    })
  }

  it('always wants a new record, whatever its work', async () => {
    expect(needsUpgrade(await makeLegacyRecord('a'.repeat(128), 8), 1)).to.equal(true)
  })

  it('has a salt of its own, and holds nothing of the digest', async () => {
    const [one, two] = await Promise.all([
      makeLegacyRecord('ab'.repeat(64), 1),
      makeLegacyRecord('ab'.repeat(64), 1),
    ])
    expect(one.salt.equals(two.salt)).to.equal(false)
    const text = formatPasswordRecord(one)
    expect(text).to.match(/^LEGACY-SHA3-512\$1:[A-Za-z0-9+/]{22}==\$[A-Za-z0-9+/]{86}==:[A-Za-z0-9+/]{86}==$/)
    expect(text)
      .to.not.contain('abababab')
      .and.not.contain(Buffer.alloc(64, 0xab).toString('base64').slice(0, 20))
  })
})

describe('the work of one try at a password', () => {
  const digest = legacyVectors[0]?.digest ?? ''
  const records = {
    'a record of today': () => makePasswordRecord('falcon*solo', 1000),
    'an imported digest': () => makeLegacyRecord(digest, 1000),
    'an imported digest of an odd number of iterations': () => makeLegacyRecord(digest, 999),
    'a digest of known kind': () => makeLegacyRecord(digest, 1000, undefined, { scheme: 'LEGACY-SHA-512' }),
  }
  for (const [what, make] of Object.entries(records)) {
    it(`with ${what} is the same right, wrong, and with what cannot be prepared`, async () => {
      const record = await make()
      expect(iterationsPerTry(record)).to.equal(1000)
      for (const password of ['falcon*solo', 'wrong', '', 'a\0', '\uD83D', 'x'.repeat(100_000)]) {
        const { derive, iterations } = countingDerive()
        await verifyPassword(password, record, derive)
        expect(
          iterations.reduce((sum, each) => sum + each, 0),
          JSON.stringify(password).slice(0, 20),
        ).to.equal(1000)
      }
    })
  }

  it('is left to whoever derives: making a record asks once', async () => {
    const { derive, iterations } = countingDerive()
    await makePasswordRecord('falcon*solo', 7, derive)
    await makeLegacyRecord(digest, 8, derive)
    expect(iterations).to.deep.equal([7, 4])
  })
})
