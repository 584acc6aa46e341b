import { BlockList, isIP } from 'node:net'

/** IP addresses and networks (`10.0.0.0/8`, `fd00::/8`, `192.0.2.1`) that an address may be in. */
export class Networks {
  readonly #list = new BlockList()

  /** @param texts each one that `isNetwork` accepts */
  constructor(texts: readonly string[]) {
    for (const text of texts) {
      const [address = '', prefix] = text.split('/')
      if (prefix === undefined) this.#list.addAddress(address, familyOf(address))
      else this.#list.addSubnet(address, Number(prefix), familyOf(address))
    }
  }

  /** Whether a text is an IP address, in brackets or not, that is in one of them; an IPv4 one may be mapped into IPv6. */
  has(text: string): boolean {
    const address = /^\[.*\]$/.test(text) ? text.slice(1, -1) : text
    return isIP(address) !== 0 && this.#list.check(address, familyOf(address))
  }
}

/** Whether the text is an IP address, or a network in CIDR notation. */
export function isNetwork(text: string): boolean {
  const [address = '', prefix, ...rest] = text.split('/')
  const family = isIP(address)
  // A zone (fe80::1%eth0) is this machine's own affair.
  if (family === 0 || address.includes('%') || rest.length > 0) return false
  if (prefix === undefined) return true
  return /^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128)
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4'
}
