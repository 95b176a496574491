import { expect } from 'chai'
import {
  describePasswordProblems,
  passwordProblems,
  preparationProblems,
  preparedOrUndefined,
} from '../../../src/accounts/password-rules.ts'

describe('a new password', () => {
  const cases: readonly (readonly [what: string, password: string, ...problems: string[]])[] = [
    ['10 characters of three kinds', 'Abcdefgh12'],
    ['spaces within and around', ' Ab cdefg 1 '],
    ['letters and digits of other scripts', 'Éàñöüßçœæ٣'],
    ['emoji', 'Abcdefg12\u{1F600}'],
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
    ['a line end', 'Abcdefgh12\n', 'characters'],
    ['NUL', 'Abcdefgh\u000012', 'characters'],
    ['a C1 control', 'Abcdefgh\u008512', 'characters'],
    ['nothing at all', '', 'too-short', 'upper', 'lower', 'digit'],
    ['everything wrong but its length', '\t', 'too-short', 'upper', 'lower', 'digit', 'characters'],
    ['an emoji of several joined', 'Abcdefgh12\u{1F469}\u200D\u{1F4BB}', 'characters'],
    ['a zero-width space', 'Abcdefgh\u200B12', 'characters'],
    ['half of a surrogate pair', 'Abcdefgh12\uDC00', 'characters'],
    ['far too long, whatever else it holds', '\t'.repeat(5000), 'too-long', 'upper', 'lower', 'digit'],
    [
      'every rule broken that can be at once',
      '\u0301\t'.repeat(600),
      'too-long',
      'upper',
      'lower',
      'digit',
      'characters',
    ],
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
    expect(describePasswordProblems(['too-short', 'upper', 'lower', 'digit'], 'fr')).to.equal(
      'au moins 10 caractères, une lettre majuscule, une lettre minuscule, un chiffre',
    )
    expect(describePasswordProblems(['too-long', 'characters'])).to.equal(
      'at most 1024 octets, no control, invisible or unassigned characters',
    )
  })
})

describe('a password typed at sign-in', () => {
  it('is the same composed, decomposed and with any kind of space', () => {
    expect(preparedOrUndefined('Pa\u0302te\u0301\u00A0x')).to.equal('P\u00E2t\u00E9 x')
  })

  it('need keep no rule for new ones', () => {
    expect(preparedOrUndefined('x')).to.equal('x')
    expect(preparedOrUndefined('x'.repeat(1024))).to.equal('x'.repeat(1024))
    expect(preparedOrUndefined('e\u0301'.repeat(512))).to.equal('\u00E9'.repeat(512))
    expect(preparedOrUndefined('\u0391\u0313\u0300\u0345'.repeat(341))).to.equal('\u1F8A'.repeat(341))
  })

  for (const [what, password] of [
    ['empty', ''],
    ['with a control character', 'Abcdefgh12\0'],
    ['with half of a surrogate pair', 'Abcdefgh12\uD83D'],
    ['of 1025 octets', 'x'.repeat(1025)],
    ['of 1026 octets in fewer characters', '\u00E9'.repeat(513)],
    ['far too long', 'e\u0301'.repeat(100_000)],
  ] as const) {
    it(`is nobody's when it is ${what}`, () => {
      expect(preparedOrUndefined(password)).to.equal(undefined)
    })
  }

  it('has told only what makes it impossible, not what makes it bad', () => {
    expect(preparationProblems('')).to.deep.equal(['too-short'])
    expect(preparationProblems('a')).to.deep.equal([])
    expect(preparationProblems('\t')).to.deep.equal(['characters'])
    expect(preparationProblems(`${'x'.repeat(1024)}\t`)).to.deep.equal(['too-long', 'characters'])
  })
})
