import { expect } from 'chai'
import { parseCredentials } from '../../../../src/care/import/credentials.ts'
import { parseJmailAccounts } from '../../../../src/care/import/jmail.ts'
import { parsePassFile } from '../../../../src/care/import/tp4.ts'

describe('credentials.txt', () => {
  const good: readonly (readonly [line: string, name: string, password: string])[] = [
    ['han falcon*solo', 'han', 'falcon*solo'],
    ['luke wise@!manbaby', 'luke', 'wise@!manbaby'],
    ['yoda (jedi master)', 'yoda', '(jedi master)'],
    ['yoda  two  spaces ', 'yoda', ' two  spaces '],
    ['r2D2 tab\there', 'r2D2', 'tab\there'],
    ['a b', 'a', 'b'],
    ['a  ', 'a', ' '],
    [' x', '', 'x'],
    ['élodie été', 'élodie', 'été'],
    ['a b\rc', 'a', 'b\rc'],
  ]
  for (const [line, name, password] of good) {
    for (const [end, text] of [
      ['no line end', line],
      ['LF', `${line}\n`],
      ['CRLF', `${line}\r\n`],
    ] as const) {
      it(`${JSON.stringify(line)} with ${end} is ${JSON.stringify(name)} and what follows the first space`, () => {
        expect([...parseCredentials(text)]).to.deep.equal([
          { place: { kind: 'line', number: 1 }, name, secret: { kind: 'password', password } },
        ])
      })
    }
  }

  it('has no account in blank lines, which count', () => {
    const found = [...parseCredentials('\n  \na b\n\t\r\n\r\nc d\n\n')]
    expect(found.map(({ place, name }) => [place, name])).to.deep.equal([
      [{ kind: 'line', number: 3 }, 'a'],
      [{ kind: 'line', number: 6 }, 'c'],
    ])
  })

  it('tells nothing of a line without a space, which may be a password', () => {
    expect([...parseCredentials('hunter2secret\n')]).to.deep.equal([
      { place: { kind: 'line', number: 1 }, name: undefined, secret: { kind: 'no-space' } },
    ])
  })

  it('has no password for a name with a space and nothing behind it', () => {
    expect([...parseCredentials('alice \r\n')][0]?.secret).to.deep.equal({ kind: 'no-password' })
  })

  it('is nothing when it is empty', () => {
    expect([...parseCredentials('')]).to.deep.equal([])
  })
})

describe('userdat.txt', () => {
  it('is names and passwords, in order', () => {
    expect(parseJmailAccounts('{"alice": "plain", "__proto__": "x y", "bob": "\\u00e9"}\n')).to.deep.equal([
      { place: { kind: 'entry', number: 1 }, name: 'alice', secret: { kind: 'password', password: 'plain' } },
      {
        place: { kind: 'entry', number: 2 },
        name: '__proto__',
        secret: { kind: 'password', password: 'x y' },
      },
      { place: { kind: 'entry', number: 3 }, name: 'bob', secret: { kind: 'password', password: 'é' } },
    ])
    expect(parseJmailAccounts('{}')).to.deep.equal([])
  })

  for (const value of ['""', '7', 'null', '["x"]', '{"password": "x"}']) {
    it(`has no password in ${value}`, () => {
      expect(parseJmailAccounts(`{"alice": ${value}}`)?.[0]?.secret).to.deep.equal({ kind: 'no-password' })
    })
  }

  for (const text of [
    '',
    'null',
    '[]',
    '["a"]',
    '"a"',
    '7',
    '{"alice": "secret"',
    "{'alice': 'secret'}",
    'alice secret',
  ]) {
    it(`is not ${JSON.stringify(text)}`, () => {
      expect(parseJmailAccounts(text)).to.equal(undefined)
    })
  }
})

describe('a pass file', () => {
  const hex = '0123456789abcdef'.repeat(8)

  for (const text of [
    hex,
    `${hex}\n`,
    ` ${hex}\r\n`,
    `{"password_hash": "${hex}"}`,
    `{\n "x": 1,\n "password_hash": "${hex}"\n}\n`,
  ]) {
    it(`holds a digest: ${JSON.stringify(text).slice(0, 30)}`, () => {
      expect(parsePassFile(text)).to.deep.equal({ kind: 'digest', hex })
    })
  }

  it('holds one in capitals as well', () => {
    expect(parsePassFile(hex.toUpperCase())).to.deep.equal({ kind: 'digest', hex: hex.toUpperCase() })
  })

  for (const digits of [1, 32, 40, 56, 64, 96, 127, 129, 256]) {
    it(`with ${digits} digits is of another kind`, () => {
      expect(parsePassFile('a'.repeat(digits))).to.deep.equal({ kind: 'digest-length', digits })
      expect(parsePassFile(`{"password_hash": "${'a'.repeat(digits)}"}`)).to.deep.equal({
        kind: 'digest-length',
        digits,
      })
    })
  }

  for (const text of [
    '',
    '\n',
    'NotADigest',
    `${hex} ${hex}`,
    `${'a'.repeat(127)}g`,
    '{',
    '{}',
    '{"password_hash": 12}',
    '{"password_hash": ""}',
    '{"password": "x"}',
    '[]',
  ]) {
    it(`holds none: ${JSON.stringify(text).slice(0, 30)}`, () => {
      expect(parsePassFile(text)).to.deep.equal({ kind: 'no-digest' })
    })
  }
})
