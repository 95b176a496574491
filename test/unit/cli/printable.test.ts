import { expect } from 'chai'
import { printable, printableJson } from '../../../src/cli/printable.ts'

describe('text of strangers', () => {
  const table: readonly (readonly [text: string, shown: string])[] = [
    ['plain text, <a@b> \\ "x"', 'plain text, <a@b> \\ "x"'],
    ['Élodie, 日本, 🐎', 'Élodie, 日本, 🐎'],
    ['\x1b[31mred', '\\u{1b}[31mred'],
    ['\x1b]0;title\x07', '\\u{1b}]0;title\\u{7}'],
    ['\x9b31m', '\\u{9b}31m'],
    ['a\r\nb\tc\0\x7f\b', 'a\\u{d}\\u{a}b\\u{9}c\\u{0}\\u{7f}\\u{8}'],
    ['txt\u202egpj.exe', 'txt\\u{202e}gpj.exe'],
    ['\u2066x\u2069\u200b\ufeff\u00ad', '\\u{2066}x\\u{2069}\\u{200b}\\u{feff}\\u{ad}'],
    ['\u2028\u2029', '\\u{2028}\\u{2029}'],
    ['\u{e0041}\ud800\ue000', '\\u{e0041}\\u{d800}\\u{e000}'],
  ]
  for (const [text, shown] of table) {
    it(`${JSON.stringify(text)} is shown as ${shown}`, () => {
      expect(printable(text)).to.equal(shown)
    })

    it(`${JSON.stringify(text)} is the same in JSON, and nothing in that acts on a terminal`, () => {
      const json = printableJson({ text: [text] })
      expect(JSON.parse(json)).to.deep.equal({ text: [text] })
      expect(printable(json.replaceAll('\n', ''))).to.equal(json.replaceAll('\n', ''))
    })
  }
})
