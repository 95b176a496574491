import { expect } from 'chai'
import { accountKey, describeNameProblems, nameProblems } from '../../../src/accounts/names.ts'

describe('the name of an account', () => {
  const good = [
    'a',
    '7',
    '_',
    ...'alice Alice ALICE bob.smith bob-smith bob_smith a.b-c_d a-.b _carol_ 007'.split(' '),
    ...'__proto__ constructor console com com0 com10 lpt nullo a.con'.split(' '),
    ...'roots alla postmasters tmp.a newcur'.split(' '),
    'x'.repeat(64),
  ]
  for (const name of good) {
    it(`may be ${JSON.stringify(name)}`, () => {
      expect(nameProblems(name)).to.deep.equal([])
    })
  }

  const bad: readonly (readonly [name: string, ...problems: string[]])[] = [
    ['', 'empty'],
    ['x'.repeat(65), 'too-long'],
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
  })

  it('has its problems told in one line, all of them', () => {
    expect(describeNameProblems(['too-long', 'edges', 'dots'])).to.equal(
      'it is longer than 64 characters; it must begin and end with a letter, a digit or _; it may not hold two dots in a row',
    )
    expect(describeNameProblems(['empty'])).to.equal('it is empty')
    expect(describeNameProblems(['characters'])).to.contain('. _ -')
    expect(describeNameProblems(['reserved'])).to.equal('it is reserved')
  })
})
