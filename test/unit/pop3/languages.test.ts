import { expect } from 'chai'
import { LANGUAGES, lookUp } from '../../../src/pop3/languages.ts'
import { ENGLISH, FRENCH } from '../../../src/pop3/texts.ts'

/** Every text with numbers and names in it. */
function spoken(texts: typeof ENGLISH): readonly string[] {
  return [
    ...Object.values(texts).filter((text) => typeof text === 'string'),
    texts.ready('glo2000.ca'),
    texts.usage('TOP msg n'),
    texts.marked(7),
    texts.someRemain(2),
    ...[0, 1, 2].flatMap((count) => [
      texts.maildropHas(count, count),
      texts.scanListing(count, count),
      texts.octets(count),
    ]),
  ]
}

describe('POP3 languages', () => {
  it('have the same texts, by name, and none left in another language', () => {
    expect(Object.keys(FRENCH).toSorted()).to.deep.equal(Object.keys(ENGLISH).toSorted())
    const english = new Set(spoken(ENGLISH))
    // A count of messages reads the same in both from two on.
    const same = spoken(FRENCH).filter((text) => english.has(text))
    expect(same.every((text) => /^\d+ (octets|messages \(\d+ octets\))$/.test(text))).to.equal(true)
  })

  it('are short, in one line, and begin with no response code (RFC 2449 §4, §6.4)', () => {
    for (const text of [...spoken(ENGLISH), ...spoken(FRENCH)])
      expect(text).to.match(/^[^[\r\n][^\r\n]{0,400}$/)
  })

  it('are ASCII before LANG (RFC 1939 §3), and normalised after it', () => {
    for (const text of spoken(ENGLISH)) expect(text).to.match(/^[ -~]+$/)
    for (const text of spoken(FRENCH)) expect(text).to.equal(text.normalize('NFC'))
  })

  it('are found by basic language ranges (RFC 4647 §3.4)', () => {
    for (const [range, tag] of [
      ['fr', 'fr'],
      ['FR-ca', 'fr'],
      ['fr-Latn-CA-x-y', 'fr'],
      ['en', 'en'],
      ['*', 'en'],
      ['i-default', 'i-default'],
      ['I-Default', 'i-default'],
      ['i-klingon', undefined],
      ['de', undefined],
      ['constructor', undefined],
    ] as const)
      expect(lookUp(range)?.tag, range).to.equal(tag)
  })

  it('are described in themselves', () => {
    for (const { tag, description } of LANGUAGES) expect(`${tag} ${description}`).to.match(/^[a-z-]+ \p{Lu}/u)
  })
})
