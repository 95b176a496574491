import { expect } from 'chai'
import { assert, property, string } from 'fast-check'
import { isPlainLocalPart, isSameAddress, parseAddress } from '../../../src/message/address.ts'

describe('an address', () => {
  const whole: readonly (readonly [text: string, localPart: string, domain: string])[] = [
    ['alice@glo2000.ca', 'alice', 'glo2000.ca'],
    ['Alice@GLO2000.CA', 'Alice', 'glo2000.ca'],
    ['a@b', 'a', 'b'],
    ['"alice"@glo2000.ca', 'alice', 'glo2000.ca'],
    ['"a b"@glo2000.ca', 'a b', 'glo2000.ca'],
    ['"a@b"@glo2000.ca', 'a@b', 'glo2000.ca'],
    ['"a\\"b\\\\c"@glo2000.ca', 'a"b\\c', 'glo2000.ca'],
    ['"a\\\nb"@glo2000.ca', 'a\nb', 'glo2000.ca'],
    ['""@glo2000.ca', '', 'glo2000.ca'],
    ['a@b@glo2000.ca', 'a@b', 'glo2000.ca'],
    ['@@glo2000.ca', '@', 'glo2000.ca'],
    ['"a"b@glo2000.ca', '"a"b', 'glo2000.ca'],
    ['"a@b"', '"a', 'b"'],
    ['"a@glo2000.ca', '"a', 'glo2000.ca'],
    ['"a\\"@glo2000.ca', '"a\\"', 'glo2000.ca'],
    ['"@glo2000.ca', '"', 'glo2000.ca'],
    ['alice@[127.0.0.1]', 'alice', '[127.0.0.1]'],
  ]
  for (const [text, localPart, domain] of whole) {
    it(`${JSON.stringify(text)} is taken apart at its last @`, () => {
      expect(parseAddress(text)).to.deep.equal({ localPart, domain })
    })
  }

  for (const text of ['', '@', 'alice', 'alice@', '@glo2000.ca', 'a@b@']) {
    it(`${JSON.stringify(text)} is none: one side is missing`, () => {
      expect(parseAddress(text)).to.equal(undefined)
    })
  }

  it('never fails, whatever the text', () => {
    assert(
      property(string({ unit: 'binary' }), (text) => {
        const parsed = parseAddress(text)
        if (parsed !== undefined) expect(parsed.domain).to.not.contain('@')
      }),
    )
  })
})

describe('a plain local part', () => {
  for (const good of ['a', 'Alice', 'a.b', '.a.', '-', '+', 'a+b_c-d', '0', 'x'.repeat(64)]) {
    it(`is ${JSON.stringify(good)}`, () => {
      expect(isPlainLocalPart(good)).to.equal(true)
    })
  }

  const hostile = [
    '',
    'x'.repeat(65),
    'a b',
    'a/b',
    '../x/',
    'a\\b',
    'a@b',
    'a\0',
    'a\n',
    '\na',
    'é',
    'аlice',
    '%',
    '*',
  ]
  for (const bad of [...hostile, 'a:b', 'a,b', 'a!b', '"a"', 'a\u200B']) {
    it(`is never ${JSON.stringify(bad)}`, () => {
      expect(isPlainLocalPart(bad)).to.equal(false)
    })
  }
})

describe('two addresses', () => {
  const table: readonly (readonly [one: string, other: string, same: boolean])[] = [
    ['alice@glo2000.ca', 'alice@glo2000.ca', true],
    ['ALICE@glo2000.ca', 'alice@GLO2000.CA', true],
    ['"alice"@glo2000.ca', 'alice@glo2000.ca', true],
    ['alice@glo2000.ca', 'bob@glo2000.ca', false],
    ['alice@glo2000.ca', 'alice@example.org', false],
    ['alice+x@glo2000.ca', 'alice@glo2000.ca', false],
    ['alice', 'alice', false],
    ['', '', false],
  ]
  for (const [one, other, same] of table) {
    it(`${one} and ${other} are ${same ? '' : 'not '}the same`, () => {
      expect(isSameAddress(one, other)).to.equal(same)
      expect(isSameAddress(other, one)).to.equal(same)
    })
  }
})
