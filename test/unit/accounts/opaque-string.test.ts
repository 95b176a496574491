import { expect } from 'chai'
import { isFreeform, mapOpaqueString, prepareOpaqueString } from '../../../src/accounts/opaque-string.ts'
import freeform from './vectors/freeform-class.json' with { type: 'json' }

describe('an opaque string', () => {
  const legal: readonly (readonly [what: string, text: string, prepared?: string])[] = [
    // RFC 8265 §4.3, table 4, numbers 12 to 16.
    ['ASCII space', 'correct horse battery staple'],
    ['another letter case', 'Correct Horse Battery Staple'],
    ['letters outside ASCII', 'π\u00DF\u00E5'],
    ['symbols', 'Jack of \u2666s'],
    ['OGHAM SPACE MARK', 'foo\u1680bar', 'foo bar'],
    // Ours.
    ['every kind of space', 'a\u00A0b\u2003c\u3000d\u202Fe', 'a b c d e'],
    ['spaces at both ends and in a row', '  a  '],
    ['a letter and its mark', 'Pa\u0302te\u0301', 'P\u00E2t\u00E9'],
    ['ANGSTROM SIGN', '\u212B', '\u00C5'],
    ['compatibility forms, which stay', '\uFB01 \uFF21 \u2460 \u00BD'],
    ['Hangul syllables', '\uAC00\uD7A3'],
    ['Hangul in conjoining letters that compose', '\u1112\u1161\u11AB', '\uD55C'],
    ['a picture beyond 16 bits', '\u{1F600}'],
    ['right-to-left text beside left-to-right', 'abc\u05D0\u05D1'],
    ['the letters that are exceptions', '\u00DF\u03C2\u06FD\u06FE\u0F0B\u3007'],
    ['title case, letter numbers, enclosing marks', '\u01C5\u2163a\u20DD'],
  ]
  for (const [what, text, prepared = text] of legal) {
    it(`may hold ${what}`, () => {
      expect(prepareOpaqueString(text)).to.equal(prepared)
      expect(prepareOpaqueString(prepared)).to.equal(prepared)
    })
  }

  const illegal: readonly (readonly [what: string, text: string])[] = [
    // RFC 8265 §4.3, table 5, numbers 17 and 18.
    ['nothing', ''],
    ['TAB', 'my cat is a \u0009by'],
    // Ours.
    ['NUL', 'a\0'],
    ['DEL', 'a\u007F'],
    ['a C1 control', 'a\u0085'],
    ['a line separator', 'a\u2028'],
    ['a paragraph separator', 'a\u2029'],
    ['SOFT HYPHEN', 'a\u00AD'],
    ['ZERO WIDTH SPACE', 'a\u200B'],
    ['WORD JOINER', 'a\u2060'],
    ['a byte order mark', '\uFEFFa'],
    ['a variation selector', '\u2764\uFE0F'],
    ['a tag', 'a\u{E0061}'],
    ['a change of direction', 'a\u202Eb'],
    ['ARABIC NUMBER SIGN, a format character', '\u0600'],
    ['a private-use character', '\uE000'],
    ['a noncharacter', '\uFDD0'],
    ['the last noncharacter', '\u{10FFFF}'],
    ['an unassigned character', '\u0378'],
    ['half of a surrogate pair', 'a\uD83D'],
    ['the other half', '\uDE00a'],
    ['conjoining Hangul that composes with nothing', 'a\u1112'],
    ['HANGUL FILLER', '\u3164'],
    ['ARABIC TATWEEL', '\u0640'],
    ['VERTICAL KANA REPEAT MARK', '\u3031'],
  ]
  for (const [what, text] of illegal) {
    it(`may not hold ${what}`, () => {
      expect(prepareOpaqueString(text)).to.equal(undefined)
    })
  }

  /** RFC 5892, appendix A: what a character stands between, and whether it may. */
  const contexts: readonly (readonly [rule: string, text: string, allowed: boolean])[] = [
    ['A.1 non-joiner behind a virama', '\u0915\u094D\u200C\u0937', true],
    ['A.1 non-joiner behind a virama beyond 16 bits', '\u{11013}\u{11046}\u200C', true],
    ['A.1 non-joiner between letters that join', '\u0628\u200C\u0627', true],
    ['A.1 non-joiner between such letters and their marks', '\u0628\u064E\u200C\u0650\u0627', true],
    ['A.1 non-joiner twice, each in its place', '\u0628\u200C\u0628\u200C\u0627', true],
    [
      'A.1 non-joiner twice, the second behind a letter that does not join on',
      '\u0628\u200C\u0627\u200C\u0627',
      false,
    ],
    ['A.1 non-joiner behind a letter that joins only backwards', '\u0627\u200C\u0628', false],
    ['A.1 non-joiner at the start', '\u200C\u0628', false],
    ['A.1 non-joiner at the end', '\u0628\u200C', false],
    ['A.1 non-joiner in Latin', 'a\u200Cb', false],
    ['A.2 joiner behind a virama', '\u0915\u094D\u200D\u0937', true],
    ['A.2 joiner between letters that join', '\u0628\u200D\u0627', false],
    ['A.2 joiner behind a nukta, which is no virama', '\u0915\u093C\u200D', false],
    ['A.2 joiner in a picture of several', '\u{1F469}\u200D\u{1F4BB}', false],
    ['A.2 joiner at the start', '\u200Da', false],
    ['A.3 middle dot between two l', 'l\u00B7l', true],
    ['A.3 middle dots one after the other', 'l\u00B7l\u00B7l', true],
    ['A.3 middle dot between capitals', 'L\u00B7L', false],
    ['A.3 middle dot without the second l', 'l\u00B7', false],
    ['A.3 middle dot without the first l', '\u00B7l', false],
    ['A.3 what becomes a middle dot in form C', 'a\u0387b', false],
    ['A.4 keraia before Greek', '\u0375\u03B1', true],
    ['A.4 keraia before Latin', '\u0375a', false],
    ['A.4 keraia at the end', '\u03B1\u0375', false],
    ['A.5 geresh behind Hebrew', '\u05D0\u05F3', true],
    ['A.5 geresh behind Latin', 'a\u05F3', false],
    ['A.6 gershayim behind Hebrew', '\u05D0\u05F4\u05D1', true],
    ['A.6 gershayim at the start', '\u05F4\u05D0', false],
    ['A.7 middle dot beside Katakana', '\u30FB\u30AB', true],
    ['A.7 middle dot with a Han character anywhere', 'a\u30FBb\u6C34', true],
    ['A.7 middle dot with Hiragana before it', '\u3042b\u30FB', true],
    ['A.7 middle dot in Latin', 'a\u30FBb', false],
    ['A.7 middle dots alone', '\u30FB\u30FB', false],
    ['A.8 Arabic-Indic digits', '\u0660\u0669', true],
    ['A.9 extended Arabic-Indic digits', '\u06F0\u06F9', true],
    ['A.8 and A.9, both in one', '\u0660a\u06F0', false],
    ['A.9 and A.8, both in one, lines apart', '\u06F9\u2666\u0669', false],
  ]
  for (const [rule, text, allowed] of contexts) {
    it(`${allowed ? 'may' : 'may not'} hold ${rule}`, () => {
      expect(prepareOpaqueString(text)).to.equal(allowed ? text.normalize('NFC') : undefined)
    })
  }

  it('allows of every assigned character what RFC 8264 derives from the Unicode tables of Perl', () => {
    expect(freeform.ranges.length).to.be.greaterThan(700)
    const differing = freeform.ranges.flatMap(([first = '', last = '', kind]) =>
      [first, last].filter((hex) => {
        const character = String.fromCodePoint(Number.parseInt(hex, 16))
        // Alone, of the contextual ones only the digits stand well.
        return isFreeform(character) !== (kind === 'valid' || /\p{Nd}/u.test(character))
      }),
    )
    expect(differing).to.deep.equal([])
  })

  it('is mapped alike whether it is legal or not, and never fails', () => {
    expect(mapOpaqueString('\t\u00A0e\u0301')).to.equal('\t \u00E9')
    expect(mapOpaqueString('\uD83D')).to.equal('\uD83D')
  })

  it('of any kind is judged in little time', () => {
    const hostile = [
      '\u200C',
      '\u0628\u064E',
      '\u0660',
      '\u30FB',
      '\u00B7l',
      '\u0628\u200C\u064E',
      'a\u0301\u0323',
    ]
    for (const piece of hostile) {
      const from = performance.now()
      prepareOpaqueString(piece.repeat(4096))
      expect(performance.now() - from, JSON.stringify(piece)).to.be.below(500)
    }
  })
})
