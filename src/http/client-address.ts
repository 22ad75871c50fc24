import type { IncomingMessage } from 'node:http';
import { isIP, type BlockList } from 'node:net';

/**
 * Who is at the other end. `X-Forwarded-For` is read from its end, past the proxies that are trusted:
 * anything further left was written by a stranger.
 */
export function clientAddress(request: IncomingMessage, trustedProxies: BlockList): string {
  const { remoteAddress = '' } = request.socket;
  const forwarded = request.headers['x-forwarded-for'];
  if (forwarded === undefined) {
    return plainAddress(remoteAddress);
  }
  const hops = [...forwarded.toString().split(','), remoteAddress];
  let address = '';
  for (const hop of hops.toReversed()) {
    const plain = plainAddress(hop.trim());
    if (isIP(plain) === 0) {
      break;
    }
    address = plain;
    if (!trustedProxies.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4')) {
      break;
    }
  }
  return address;
}

/** IPv4 as such where a socket of IPv6 shows it. */
function plainAddress(address: string): string {
  return address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address;
}
