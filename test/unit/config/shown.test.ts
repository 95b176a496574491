import { expect } from 'chai'
import { oneLine, shown } from '../../../src/config/shown.ts'

describe('a found value in an error', () => {
  const expectations: readonly (readonly [value: unknown, text: string])[] = [
    ['abc', '"abc"'],
    ['', '""'],
    ['a"b', '"a\\"b"'],
    ['a\r\nb\0', '"a\\r\\nb\\u0000"'],
    ['\u007F\u009B\u2028\u202E', '"\\u{7f}\\u{9b}\\u{2028}\\u{202e}"'],
    ['é😀', '"é😀"'],
    [25, '25'],
    [Number.NaN, 'NaN'],
    [-Infinity, '-Infinity'],
    [99_999_999_999_999_999_999n, '99999999999999999999'],
    [[1n, 'x'], '["1","x"]'],
    [{ a: true }, '{"a":true}'],
    [undefined, 'nothing'],
  ]
  for (const [value, text] of expectations) {
    it(`reads ${text}`, () => {
      expect(shown(value)).to.equal(text)
    })
  }

  it('is cut at 60 characters, never inside one', () => {
    expect(shown('x'.repeat(58))).to.equal(`"${'x'.repeat(58)}"`)
    expect(shown('x'.repeat(59))).to.equal(`"${'x'.repeat(59)}…`)
    expect(shown('😀'.repeat(80))).to.equal(`"${'😀'.repeat(59)}…`)
  })

  it('leaves an ordinary line as it is', () => {
    expect(oneLine('RFC 5321 §4.5.3.1.7 – “50 MiB”…')).to.equal('RFC 5321 §4.5.3.1.7 – “50 MiB”…')
  })
})
