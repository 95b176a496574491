import { expect } from 'chai'
import { bits, integer, objectIdentifier, octets, sequence, time } from '../../../src/gateway/der.ts'

function hex(value: Uint8Array): string {
  return Buffer.from(value).toString('hex')
}

describe('DER', () => {
  for (const [length, header] of [
    [0, '0400'],
    [127, '047f'],
    [128, '048180'],
    [255, '0481ff'],
    [256, '04820100'],
    [65_536, '0483010000'],
  ] as const)
    it(`writes a length of ${length} in as few octets as hold it`, () => {
      const value = octets(new Uint8Array(length))
      expect(hex(value.subarray(0, value.length - length))).to.equal(header)
    })

  for (const [magnitude, written] of [
    ['', '020100'],
    ['00', '020100'],
    ['7f', '02017f'],
    ['80', '02020080'],
    ['000001', '020101'],
    ['00ff00', '020300ff00'],
  ] as const)
    it(`writes the number ${magnitude} without superfluous zeros, and not as a negative one`, () => {
      expect(hex(integer(Buffer.from(magnitude, 'hex')))).to.equal(written)
    })

  it('writes object identifiers of large parts', () => {
    expect(hex(objectIdentifier('1.2.840.113549'))).to.equal('06062a864886f70d')
    expect(hex(objectIdentifier('2.5.29.17'))).to.equal('0603551d11')
  })

  it('writes times until 2049 with two digits of the year, and with four from 2050 on', () => {
    expect(time(new Date('2049-12-31T23:59:59.999Z')).toString('latin1')).to.equal('\x17\x0d491231235959Z')
    expect(time(new Date('2050-01-01T00:00:00Z')).toString('latin1')).to.equal('\x18\x0f20500101000000Z')
  })

  it('nests, and counts the bits that are not used', () => {
    expect(hex(sequence(bits(Uint8Array.of(0x80), 7), sequence()))).to.equal('3006030207803000')
  })
})
