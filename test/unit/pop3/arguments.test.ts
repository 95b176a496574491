import { expect } from 'chai'
import { msg, msgAndLines, name, none, optionalMsg, password } from '../../../src/pop3/arguments.ts'

describe('POP3 arguments', () => {
  it('none is no argument and no space either', () => {
    expect(none.parse(undefined)).to.deep.equal({ value: undefined })
    expect(none.parse('')).to.equal(undefined)
    expect(none.parse('x')).to.equal(undefined)
  })

  it('a message-number is decimal digits and nothing else', () => {
    expect(msg.parse('1')).to.deep.equal({ value: 1 })
    expect(msg.parse('007')).to.deep.equal({ value: 7 })
    expect(msg.parse('0')).to.deep.equal({ value: 0 })
    expect(msg.parse('99999999999999999999')?.value).to.be.greaterThan(1e19)
    for (const wrong of [
      undefined,
      '',
      ' 1',
      '1 ',
      '1 2',
      'x',
      '-1',
      '+1',
      '1.0',
      '1e3',
      '0x1',
      '1\x00',
      '\xb2',
    ])
      expect(msg.parse(wrong), String(wrong)).to.equal(undefined)
  })

  it('an optional message-number may be absent, but not empty', () => {
    expect(optionalMsg.parse(undefined)).to.deep.equal({ value: undefined })
    expect(optionalMsg.parse('2')).to.deep.equal({ value: 2 })
    expect(optionalMsg.parse('')).to.equal(undefined)
  })

  it('TOP takes two numbers with one space between', () => {
    expect(msgAndLines.parse('1 0')).to.deep.equal({ value: { msg: 1, lines: 0 } })
    for (const wrong of [undefined, '', '1', '1 ', ' 1', '1  2', '1 2 3', '1 2 ', '1 -1', 'x 1', '1 x'])
      expect(msgAndLines.parse(wrong), String(wrong)).to.equal(undefined)
  })

  it('a name is UTF-8 without spaces and control characters', () => {
    expect(name.parse('alice')).to.deep.equal({ value: 'alice' })
    expect(name.parse('alice@glo2000.ca')).to.deep.equal({ value: 'alice@glo2000.ca' })
    expect(name.parse('d\xc3\xa4ve')).to.deep.equal({ value: 'däve' })
    for (const wrong of [undefined, '', 'a b', ' a', 'a ', 'a\x00', 'a\t', '\x7f', '\xe4'])
      expect(name.parse(wrong), String(wrong)).to.equal(undefined)
  })

  it('a password is the rest of the line as it is, and a secret', () => {
    expect(password.secret).to.equal(true)
    expect(password.parse(' two  words ')).to.deep.equal({ value: ' two  words ' })
    expect(password.parse('\xc3\xa9\xe2\x82\xac')).to.deep.equal({ value: 'é€' })
    expect(password.parse('\xef\xbb\xbfx')).to.deep.equal({ value: '\ufeffx' })
    for (const wrong of [undefined, '', '\xe9'])
      expect(password.parse(wrong), String(wrong)).to.equal(undefined)
  })
})
