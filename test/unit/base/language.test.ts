import { expect } from 'chai'
import { GatewayError } from '../../../src/base/errors.ts'
import { languageOf } from '../../../src/base/language.ts'
import { messageIn, RefusedInput } from '../../../src/base/refused-input.ts'

describe('the language of a user', () => {
  const cases: readonly (readonly [env: Record<string, string>, language: string])[] = [
    [{}, 'en'],
    [{ LANG: 'fr_CA.UTF-8' }, 'fr'],
    [{ LANG: 'fr' }, 'fr'],
    [{ LANG: 'FR_fr' }, 'fr'],
    [{ LANG: 'fr-CA' }, 'fr'],
    [{ LANG: 'fr@euro' }, 'fr'],
    [{ LANG: 'fr.UTF-8' }, 'fr'],
    [{ LANG: 'C' }, 'en'],
    [{ LANG: 'C.UTF-8' }, 'en'],
    [{ LANG: 'POSIX' }, 'en'],
    [{ LANG: 'de_DE.UTF-8' }, 'en'],
    [{ LANG: 'frp_FR' }, 'en'],
    [{ LANG: 'en_FR' }, 'en'],
    [{ LANG: '' }, 'en'],
    [{ LC_MESSAGES: 'fr_CA', LANG: 'en_CA' }, 'fr'],
    [{ LC_MESSAGES: 'en_CA', LANG: 'fr_CA' }, 'en'],
    [{ LC_ALL: 'C', LC_MESSAGES: 'fr_CA', LANG: 'fr_CA' }, 'en'],
    [{ LC_ALL: '', LC_MESSAGES: '', LANG: 'fr_CA' }, 'fr'],
    [{ LC_ALL: 'fr_FR', LANG: 'en_US' }, 'fr'],
    [{ LC_CTYPE: 'fr_FR' }, 'en'],
  ]
  for (const [env, language] of cases) {
    it(`is ${language} with ${JSON.stringify(env)}`, () => {
      expect(languageOf(env)).to.equal(language)
    })
  }
})

describe('a refusal', () => {
  it('is said in the language asked for, and other failures in English', () => {
    const refused = new RefusedInput('account.name-refused', ['x'], { en: 'no', fr: 'non' })
    expect([messageIn('en', refused), messageIn('fr', refused), refused.message]).to.deep.equal([
      'no',
      'non',
      'no',
    ])
    expect(refused.temporary).to.equal(false)
    expect(messageIn('fr', new GatewayError('usage.wrong', 'what?'))).to.equal('what?')
  })
})
