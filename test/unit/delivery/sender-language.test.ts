import { expect } from 'chai'
import { chooseLanguage } from '../../../src/delivery/sender-language.ts'

describe('the language for somebody', () => {
  const table: readonly (readonly [tags: readonly string[], chosen: 'en' | 'fr'])[] = [
    [[], 'fr'],
    [['en'], 'en'],
    [['EN-us;q=0.5'], 'en'],
    [[' fr-CA', 'en'], 'fr'],
    [['de', 'en-GB', 'fr'], 'en'],
    [['de', 'english', ''], 'fr'],
    [['*', '-en'], 'fr'],
  ]
  for (const [tags, chosen] of table) {
    it(`is ${chosen} for ${JSON.stringify(tags)} where French is usual`, () => {
      expect(chooseLanguage(tags, 'fr')).to.equal(chosen)
    })
  }
})
