import type { IncomingMessage } from 'node:http';
import { isIP, type BlockList } from 'node:net';

/**
 * Who is at the other end. `X-Forwarded-For` is read from its end, past the proxies that are trusted:
 * anything further left was written by a stranger.
 */
export function clientAddress(request: IncomingMessage, trustedProxies: BlockList): string {
  const forwarded = (request.headers['x-forwarded-for'] ?? '').toString().split(',');
  const hops = [...forwarded.map((hop) => hop.trim()), request.socket.remoteAddress ?? ''];
  let address = '';
  for (const hop of hops.toReversed()) {
    const plain = hop.replace(/^::ffff:/, '');
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
