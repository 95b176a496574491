import { expect } from 'chai'
import {
  describePasswordProblems,
  passwordProblems,
  preparePassword,
} from '../../../src/accounts/password-rules.ts'

describe('a new password', () => {
  const cases: readonly (readonly [what: string, password: string, ...problems: string[]])[] = [
    ['10 characters of three kinds', 'Abcdefgh12'],
    ['spaces within and around', ' Ab cdefg 1 '],
    ['letters and digits of other scripts', 'Éàñöüßçœæ٣'],
    ['exactly 1024 octets', `Aa1${'x'.repeat(1021)}`],
    ['exactly 10 code points of which some need two units', 'Aa1😀😀😀😀😀😀😀'],
    ['9 characters', 'Abcdefgh1', 'too-short'],
    ['9 code points in 16 units', 'Aa1😀😀😀😀😀😀', 'too-short'],
    ['9 characters once composed', 'Abcdefg1e\u0301', 'too-short'],
    ['1025 octets', `Aa1${'x'.repeat(1022)}`, 'too-long'],
    ['1025 octets in fewer characters', `Aa${'é'.repeat(511)}1`, 'too-long'],
    ['no upper-case letter', 'abcdefgh12', 'upper'],
    ['no lower-case letter', 'ABCDEFGH12', 'lower'],
    ['no digit', 'Abcdefghij', 'digit'],
    ['only digits', '0123456789', 'upper', 'lower'],
    ['a title-case letter is neither', '\u01C50123456789', 'upper', 'lower'],
    ['a Roman numeral is no digit', 'Abcdefghi\u2163', 'digit'],
    ['a line end', 'Abcdefgh12\n', 'control'],
    ['NUL', 'Abcdefgh\u000012', 'control'],
    ['a C1 control', 'Abcdefgh\u008512', 'control'],
    ['nothing at all', '', 'too-short', 'upper', 'lower', 'digit'],
    ['everything wrong but its length', '\t', 'too-short', 'upper', 'lower', 'digit', 'control'],
    ['too long and of one kind', 'x'.repeat(1025), 'too-long', 'upper', 'digit'],
  ]
  for (const [what, password, ...problems] of cases) {
    it(`${what}: ${problems.length === 0 ? 'good' : problems.join(', ')}`, () => {
      expect(passwordProblems(password)).to.deep.equal(problems)
    })
  }

  it('is told all that it needs at once', () => {
    expect(describePasswordProblems(passwordProblems(''))).to.equal(
      'at least 10 characters, an upper-case letter, a lower-case letter, a digit',
    )
    expect(describePasswordProblems(['too-long', 'control'])).to.equal(
      'at most 1024 octets, no control characters',
    )
  })
})

describe('a password typed on two systems', () => {
  it('is the same composed and decomposed', () => {
    expect(preparePassword('Pa\u0302te\u0301')).to.equal('P\u00E2t\u00E9')
    expect(preparePassword('\u212B')).to.equal('\u00C5')
  })

  it('is the same with any kind of space', () => {
    expect(preparePassword('a\u00A0b\u2003c\u3000d e')).to.equal('a b c d e')
  })

  it('keeps letter case, compatibility forms and spaces at the edges', () => {
    expect(preparePassword(' ﬁ Ａ ')).to.equal(' ﬁ Ａ ')
  })
})
