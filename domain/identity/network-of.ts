import { isIPv6 } from 'node:net'

const mappedV4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i

/**
 * The part of an address that its holder cannot change at will: an IPv4 address whole, of IPv6 the
 * first 64 bits, since every household has 2^64 addresses. What is not an address stays as it is.
 */
export function networkOf(address: string): string {
  const v4 = mappedV4.exec(address)?.[1]
  if (v4) return v4
  return isIPv6(address) ? `${prefixGroups(address).join(':')}::/64` : address
}

function prefixGroups(address: string): string[] {
  const [head = '', tail] = address.split('%')[0]?.toLowerCase().split('::') ?? []
  const groupsOf = (part: string) => (part === '' ? [] : part.split(':'))
  const before = groupsOf(head)
  const after = groupsOf(tail ?? '')
  // A trailing dotted quad stands for two groups.
  const length = before.length + after.length + (address.includes('.') ? 1 : 0)
  const zeros = new Array<string>(8 - length).fill('0')
  return [...before, ...zeros, ...after].slice(0, 4).map((g) => Number.parseInt(g, 16).toString(16))
}
