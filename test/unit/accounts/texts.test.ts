import { expect } from 'chai'
import { refusedName, refusedPassword, TEXTS } from '../../../src/accounts/texts.ts'
import { messageIn } from '../../../src/base/refused-input.ts'

describe('what is said of names and passwords', () => {
  /** Every text by its path: `name.empty`. */
  function texts(catalogue: object, path = ''): readonly (readonly [path: string, text: string])[] {
    return Object.entries(catalogue).flatMap(([key, value]: [string, unknown]) => {
      if (typeof value === 'object' && value !== null) return texts(value, `${path}${key}.`)
      return [
        [
          `${path}${key}`,
          typeof value === 'function' ? String(Reflect.apply(value, null, ['x'])) : String(value),
        ],
      ]
    })
  }

  it('is said in both languages', () => {
    const [english, french] = [texts(TEXTS.en), texts(TEXTS.fr)]
    expect(english.length).to.be.greaterThan(14)
    expect(french.map(([path]) => path)).to.deep.equal(english.map(([path]) => path))
    for (const [index, [path, text]] of french.entries())
      expect(text, path).to.not.be.oneOf(['', english[index]?.[1]])
  })

  it('carries every broken rule of a password, its message English', () => {
    const error = refusedPassword(['too-short', 'digit'])
    expect(error.code).to.equal('account.password-refused')
    expect(error.problems).to.deep.equal(['too-short', 'digit'])
    expect(error.message).to.equal('password is refused; it needs: at least 10 characters, a digit')
    expect(messageIn('fr', error)).to.equal(
      'le mot de passe est refusé\u00A0; il lui faut\u00A0: au moins 10 caractères, un chiffre',
    )
  })

  it('carries every broken rule of a name, and the name quoted', () => {
    const error = refusedName('a..', ['edges', 'dots'])
    expect(error.code).to.equal('account.name-refused')
    expect(error.problems).to.deep.equal(['edges', 'dots'])
    expect(messageIn('en', error)).to.equal(error.message)
    expect(error.message).to.match(
      /^name "a\.\." is refused: it must begin .*; it may not hold two dots in a row$/,
    )
    expect(messageIn('fr', error)).to.match(/^le nom "a\.\." est refusé\u00A0: il doit .*\u00A0; il ne peut/)
  })
})
