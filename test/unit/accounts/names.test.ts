import { expect } from 'chai'
import { accountKey, describeNameProblems, nameProblems } from '../../../src/accounts/names.ts'

const ALLOWED = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-'

describe('the name of an account', () => {
  const good = [
    'a',
    '7',
    '_',
    ...'alice Alice ALICE bob.smith bob-smith bob_smith a.b-c_d a-.b _carol_ 007'.split(' '),
    ...'__proto__ constructor console com com0 com10 lpt nullo a.con'.split(' '),
    ...'roots alla postmasters tmp.a newcur'.split(' '),
    'x'.repeat(64),
    'x'.repeat(63) + '_',
    // Every character that a name may hold, and those at its edges.
    ...Array.from(ALLOWED, (character) => `a${character}b`),
    ...Array.from(ALLOWED.replace(/[.-]/g, ''), (character) => `${character}a${character}`),
  ]
  for (const name of good) {
    it(`may be ${JSON.stringify(name)}`, () => {
      expect(nameProblems(name)).to.deep.equal([])
    })
  }

  const bad: readonly (readonly [name: string, ...problems: string[]])[] = [
    ['', 'empty'],
    ['x'.repeat(65), 'too-long'],
    ['😀'.repeat(64), 'characters'],
    ['😀'.repeat(65), 'too-long', 'characters'],
    // Every other character of ASCII, NUL included.
    ...Array.from({ length: 128 }, (_, code) => String.fromCharCode(code))
      .filter((character) => !ALLOWED.includes(character))
      .map((character) => [`a${character}b`, 'characters'] as const),
    [`${'x'.repeat(64)}.`, 'too-long', 'edges'],
    ['é'.repeat(70), 'too-long', 'characters'],
    [' ', 'characters'],
    ['alice ', 'characters'],
    ['al ice', 'characters'],
    ['alice\n', 'characters'],
    ['alice\0', 'characters'],
    ['\t', 'characters'],
    ['alice@glo2000.ca', 'characters'],
    ['alice+list', 'characters'],
    ['a/b', 'characters'],
    ['a\\b', 'characters'],
    ['a:b', 'characters'],
    ['a,b', 'characters'],
    ['a"b', 'characters'],
    ['a%b', 'characters'],
    ['élodie', 'characters'],
    ['\u212Aelvin', 'characters'],
    ['аlice', 'characters'],
    ['ａlice', 'characters'],
    ['alice\u200B', 'characters'],
    ['.alice', 'edges'],
    ['alice.', 'edges'],
    ['-alice', 'edges'],
    ['alice-', 'edges'],
    ['.', 'edges'],
    ['-', 'edges'],
    ['..', 'edges', 'dots'],
    ['a..b', 'dots'],
    ['../x', 'characters', 'dots'],
    ['/etc/passwd', 'characters'],
    ...'postmaster abuse mailer-daemon lost all everyone announce system admin root new cur tmp'
      .split(' ')
      .map((name) => [name, 'reserved'] as const),
    ['Postmaster', 'reserved'],
    ['ROOT', 'reserved'],
    ...['con', 'PRN', 'aux', 'nul', 'NUL', 'com1', 'com9', 'lpt1', 'LPT9'].map(
      (name) => [name, 'reserved'] as const,
    ),
    ...Array.from('123456789', (digit) => [`lpt${digit}.x`, 'reserved'] as const),
    ...Array.from('123456789', (digit) => [`COM${digit}`, 'reserved'] as const),
    ['com\u00B9', 'characters'],
    ['con.txt', 'reserved'],
    ['Com1.alice', 'reserved'],
    ['nul.', 'edges', 'reserved'],
  ]
  for (const [name, ...problems] of bad) {
    it(`may not be ${JSON.stringify(name)}: ${problems.join(', ')}`, () => {
      expect(nameProblems(name)).to.deep.equal(problems)
    })
  }

  it('is compared in lower case', () => {
    expect(accountKey('Alice.B')).to.equal('alice.b')
    expect(accountKey(ALLOWED)).to.equal(ALLOWED.toLowerCase())
  })

  it("is nobody else's who looks like it: only A to Z have a lower case", () => {
    for (const name of ['\u212Aelvin', '\u0130nes', 'ÉLODIE', '\uFF21lice'])
      expect(accountKey(name)).to.equal(name.replace('LODIE', 'lodie'))
  })

  it('has its problems told in one line, all of them', () => {
    expect(describeNameProblems(['too-long', 'edges', 'dots'])).to.equal(
      'it is longer than 64 characters; it must begin and end with a letter, a digit or _; it may not hold two dots in a row',
    )
    expect(describeNameProblems(['empty'])).to.equal('it is empty')
    expect(describeNameProblems(['characters'])).to.contain('. _ -')
    expect(describeNameProblems(['reserved'])).to.equal('it is reserved')
    expect(describeNameProblems(['empty', 'dots'], 'fr')).to.equal(
      'il est vide\u00A0; il ne peut contenir deux points de suite',
    )
  })
})
