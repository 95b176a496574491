import { expect } from 'chai'
import { isNetwork, matchesNetworks } from '../../../src/config/networks.ts'

const INSIDE: readonly (readonly [address: string, network: string])[] = [
  ['127.0.0.1', 'loopback'],
  ['127.255.255.254', 'loopback'],
  ['::1', 'loopback'],
  ['0:0:0:0:0:0:0:1', 'loopback'],
  ['::ffff:127.0.0.1', 'loopback'],
  ['::FFFF:7f00:1', 'loopback'],
  ['10.0.0.0', '10.0.0.0/8'],
  ['10.255.255.255', '10.0.0.0/8'],
  ['10.9.9.9', '10.1.2.3/8'],
  ['::ffff:10.1.1.1', '10.0.0.0/8'],
  ['192.0.2.1', '192.0.2.1'],
  ['192.0.2.1', '192.0.2.1/32'],
  ['203.0.113.9', '0.0.0.0/0'],
  ['10.1.1.1', '::ffff:10.0.0.0/104'],
  ['2001:db8:7fff::1', '2001:db8::/33'],
  ['2001:DB8::1', '2001:db8::1'],
  ['fe80::1%eth0', 'fe80::/10'],
]

const OUTSIDE: readonly (readonly [address: string | undefined, network: string])[] = [
  ['128.0.0.1', 'loopback'],
  ['126.255.255.255', 'loopback'],
  ['::2', 'loopback'],
  ['::127.0.0.1', 'loopback'],
  ['::ffff:128.0.0.1', 'loopback'],
  ['11.0.0.0', '10.0.0.0/8'],
  ['192.0.2.2', '192.0.2.1'],
  ['2001:db8:8000::1', '2001:db8::/33'],
  ['::1', '0.0.0.0/0'],
  [undefined, '0.0.0.0/0'],
  ['', '0.0.0.0/0'],
  ['localhost', 'loopback'],
  ['127.1', 'loopback'],
]

describe('networks of clients', () => {
  for (const [address, network] of INSIDE) {
    it(`${address} lies in ${network}`, () => {
      expect(matchesNetworks(address, [network])).to.equal(true)
    })
  }
  for (const [address, network] of OUTSIDE) {
    it(`${address ?? 'no address'} does not lie in ${network}`, () => {
      expect(matchesNetworks(address, [network])).to.equal(false)
    })
  }

  it('any one of several is enough, and none matches nobody', () => {
    expect(matchesNetworks('10.0.0.1', ['loopback', '10.0.0.0/8'])).to.equal(true)
    expect(matchesNetworks('127.0.0.1', [])).to.equal(false)
  })

  it('prefixes end at 32 and 128', () => {
    expect(['10.0.0.0/32', '::/128', '0.0.0.0/0'].every(isNetwork)).to.equal(true)
    expect(
      ['10.0.0.0/33', '::/129', '10.0.0.0/', '/8', 'loopback', '', 'fe80::1%eth0'].some(isNetwork),
    ).to.equal(false)
  })
})
