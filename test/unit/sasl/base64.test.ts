import { expect } from 'chai'
import { assert, property, string, uint8Array } from 'fast-check'
import { decodeBase64, decodeResponse } from '../../../src/sasl/base64.ts'

const WRONG = [
  'Z', 'Zg', 'Zg=', 'Zm8', 'Zg===', '==', '===', '=Zg=', 'Zg==Zg==', 'Zg== ', ' Zg==', 'Z g==', 'Zg==\r\n', 'Zm9v\0',
  // stray bits behind the last octet
  'Zh==', 'Zm9=',
  // the URL alphabet, and no alphabet
  '-_-_', 'Zm9*', 'Zm9é', '*', 'Zm9v=', 'Zm9v====',
] // prettier-ignore

describe('base64 of SASL messages', () => {
  it('decodes the vectors of RFC 4648 §10', () => {
    const vectors = { '': '', f: 'Zg==', fo: 'Zm8=', foo: 'Zm9v', foob: 'Zm9vYg==', foobar: 'Zm9vYmFy' }
    for (const [octets, text] of Object.entries(vectors))
      expect(decodeBase64(text)?.toString()).to.equal(octets)
  })

  it('has one spelling for each octet string and refuses the others', () => {
    for (const text of WRONG) expect(decodeResponse(text), JSON.stringify(text)).to.equal(undefined)
  })

  it('takes "=" for the empty response, but not inside a message', () => {
    expect(decodeResponse('=')).to.deep.equal(Buffer.alloc(0))
    expect(decodeResponse('')).to.deep.equal(Buffer.alloc(0))
    expect(decodeBase64('=')).to.equal(undefined)
  })

  it('gives back any octets', () => {
    assert(
      property(uint8Array(), (octets) => {
        const text = Buffer.from(octets).toString('base64')
        expect(decodeResponse(text)).to.deep.equal(Buffer.from(octets))
      }),
    )
  })

  it('decodes text only if it is how the octets are written', () => {
    assert(
      property(string(), (text) => {
        const octets = decodeBase64(text)
        if (octets !== undefined) expect(octets.toString('base64')).to.equal(text)
        else expect(text).not.to.match(/^([A-Za-z0-9+/]{4})*$/)
      }),
    )
  })

  it('reads a megabyte, and sees one wrong character in it', () => {
    const text = 'QUJD'.repeat(262_144)
    expect(decodeResponse(text)?.length).to.equal(786_432)
    expect(decodeResponse(`${text.slice(0, -2)}*D`)).to.equal(undefined)
  })
})
