import type { IncomingMessage } from 'node:http';
import { isIP, isIPv4, isIPv6, SocketAddress, type BlockList } from 'node:net';

export interface ClientAddressOptions {
  readonly trustedProxies: BlockList;
  /** Called with the peer's address when it sends `X-Forwarded-For` and is not trusted. */
  readonly notTrusted?: (peer: string) => void;
}

/**
 * Who is at the other end. `X-Forwarded-For` is read from its end, past the proxies that are trusted:
 * anything further left was written by a stranger.
 */
export function clientAddress(
  request: IncomingMessage,
  { trustedProxies, notTrusted }: ClientAddressOptions,
): string {
  const peer = withoutMapping(request.socket.remoteAddress ?? '');
  const forwarded = request.headers['x-forwarded-for'];
  if (forwarded === undefined) {
    return peer;
  }
  if (peer === '') {
    // The connection is gone.
    return peer;
  }
  if (!isTrusted(peer, trustedProxies)) {
    notTrusted?.(peer);
    return peer;
  }
  let address = peer;
  for (const hop of hopsOf(forwarded.toString()).toReversed()) {
    const hopAddress = addressOf(hop);
    if (hopAddress === null) {
      break;
    }
    address = hopAddress;
    if (!isTrusted(address, trustedProxies)) {
      break;
    }
  }
  return address;
}

function isTrusted(address: string, trustedProxies: BlockList): boolean {
  return isIP(address) !== 0 && trustedProxies.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

/** Empty elements of a list count for nothing: RFC 9110, 5.6.1. */
function hopsOf(forwarded: string): string[] {
  return forwarded
    .split(',')
    .map((hop) => hop.trim())
    .filter((hop) => hop !== '' && hop !== '""');
}

/** There is no standard of `X-Forwarded-For`: gateways add ports, brackets and quotes. */
const QUOTED = /^"(.*)"$/;
const WITH_PORT = /^(?:\[(?<v6>[^\]]+)\]|(?<v4>[\d.]+))(?::\d{1,5})?$/;

/** The address that a hop names, in one spelling; null when it names none. */
function addressOf(hop: string): string | null {
  if (isIPv4(hop)) {
    return hop;
  }
  const unquoted = QUOTED.exec(hop)?.[1]?.trim() ?? hop;
  const { v6, v4 } = WITH_PORT.exec(unquoted)?.groups ?? {};
  const address = v6 ?? v4 ?? unquoted;
  if (isIPv4(address)) {
    return address;
  }
  return isIPv6(address) ? withoutMapping(inOneSpelling(address)) : null;
}

/** As a socket spells it: lower case, the longest run of zeros left out. A zone has no other spelling. */
function inOneSpelling(address: string): string {
  return address.includes('%') ? address : new SocketAddress({ address, family: 'ipv6' }).address;
}

const MAPPED = '::ffff:';

/** IPv4 as such where IPv6 maps it. */
function withoutMapping(address: string): string {
  const rest = address.startsWith(MAPPED) ? address.slice(MAPPED.length) : '';
  return isIPv4(rest) ? rest : address;
}
