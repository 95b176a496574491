/** The network that a client's address stands for when something is counted for it. */

/**
 * An IPv4 address is itself; of an IPv6 address its /64, because one subscriber has at least that many
 * (RFC 6177 §2). What is no address is itself. A zone (`%eth0`) does not count.
 */
export function clientNetwork(address: string): string {
  if (!address.includes(':')) return address
  const plain = address.replace(/%.*$/, '').toLowerCase()
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(plain)?.[1]
  if (mapped !== undefined) return mapped
  const [front = '', back] = plain.split('::')
  const head = front === '' ? [] : front.split(':')
  const tail = back === undefined || back === '' ? [] : back.split(':')
  // An IPv4 address at the end stands for two groups.
  const tailGroups = tail.length + (tail.at(-1)?.includes('.') === true ? 1 : 0)
  const gap =
    back === undefined ? [] : Array.from({ length: Math.max(0, 8 - head.length - tailGroups) }, () => '0')
  const groups = [...head, ...gap, ...tail].slice(0, 4)
  return `${groups.map((group) => group.replace(/^0+(?=.)/, '')).join(':')}::/64`
}
