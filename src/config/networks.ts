/**
 * Networks of client addresses: an IP address, a network in CIDR notation (RFC 4632 §3.1, RFC 4291 §2.3),
 * or the word `loopback`. Never looks a name up.
 */
import { BlockList, isIP } from 'node:net'

/** 127.0.0.0/8 and ::1. */
export const LOOPBACK = 'loopback'

/** Whether `text` is an address or network that `matchesNetworks` understands. Zones (`%eth0`) are refused. */
export function isNetwork(text: string): boolean {
  const [address = '', prefix, ...rest] = text.split('/')
  const family = address.includes('%') ? 0 : isIP(address)
  if (family === 0 || rest.length > 0) return false
  if (prefix === undefined) return true
  return /^(?:0|[1-9][0-9]{0,2})$/.test(prefix) && Number(prefix) <= bits(family)
}

/**
 * Whether `address` lies in one of `networks`. An IPv4-mapped address (`::ffff:127.0.0.1`, RFC 4291 §2.5.5.2)
 * counts as its IPv4 address; a zone is ignored; what is no address, as of a socket already gone, lies in none.
 *
 * @param networks each `loopback` or accepted by `isNetwork`; never changed afterwards
 */
export function matchesNetworks(address: string | undefined, networks: readonly string[]): boolean {
  const [bare = ''] = (address ?? '').split('%')
  const family = isIP(bare)
  if (family === 0) return false
  return listOf(networks).check(bare, familyName(family))
}

/** Made once for each setting, which every connection is held against. */
const lists = new WeakMap<readonly string[], BlockList>()

function listOf(networks: readonly string[]): BlockList {
  const known = lists.get(networks)
  if (known !== undefined) return known
  const list = new BlockList()
  for (const network of networks.flatMap((n) => (n === LOOPBACK ? ['127.0.0.0/8', '::1'] : [n])))
    add(list, network)
  lists.set(networks, list)
  return list
}

function add(list: BlockList, network: string): void {
  const [address = '', prefix] = network.split('/')
  const family = isIP(address)
  list.addSubnet(address, prefix === undefined ? bits(family) : Number(prefix), familyName(family))
}

function bits(family: number): number {
  return family === 4 ? 32 : 128
}

function familyName(family: number): 'ipv4' | 'ipv6' {
  return family === 4 ? 'ipv4' : 'ipv6'
}
