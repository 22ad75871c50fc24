import type { IncomingMessage } from 'node:http';
import { isIPv4, isIPv6, SocketAddress, type BlockList } from 'node:net';
import { memo } from '../memo.js';

export interface ClientAddressOptions {
  readonly trustedProxies: BlockList;
  /** Called with the peer's address when it sends `X-Forwarded-For` and is not trusted. */
  readonly notTrusted?: (peer: string) => void;
}

/** What there is to know of an address as somebody has spelled it. */
interface Hop {
  /** In one spelling; null for what names none. */
  readonly address: string | null;
  readonly isTrusted: boolean;
}

/** Of each, an address is made and looked for in a list, which takes longer than all else of a request. */
const HOPS_KEPT = 4000;

/**
 * Who is at the other end. `X-Forwarded-For` is read from its end, past the proxies that are trusted:
 * anything further left was written by a stranger.
 */
export function clientAddresses({
  trustedProxies,
  notTrusted,
}: ClientAddressOptions): (request: IncomingMessage) => string {
  const hopOf = memo((text): Hop => readHop(text, trustedProxies), { atMost: HOPS_KEPT });
  return (request) => {
    const peer = peerOf(request);
    const forwarded = request.headers['x-forwarded-for'];
    // Without a peer, the connection is gone.
    if (forwarded === undefined || peer === '') {
      return peer;
    }
    if (!hopOf(peer).isTrusted) {
      notTrusted?.(peer);
      return peer;
    }
    return lastStranger(hopsOf(forwarded.toString()).map(hopOf)) ?? peer;
  };
}

/** Whoever the connection comes from; empty once it is gone. */
export function peerOf({ socket }: IncomingMessage): string {
  return withoutMapping(socket.remoteAddress ?? '');
}

/** Whether what it says of others is believed. */
export function isTrustedPeer(peer: string, trustedProxies: BlockList): boolean {
  return readHop(peer, trustedProxies).isTrusted;
}

/** The last address that is not trusted, or the first before which there is none. */
function lastStranger(hops: readonly Hop[]): string | null {
  let last: string | null = null;
  for (const { address, isTrusted } of hops.toReversed()) {
    if (address === null) {
      break;
    }
    last = address;
    if (!isTrusted) {
      break;
    }
  }
  return last;
}

function readHop(text: string, trustedProxies: BlockList): Hop {
  const address = addressOf(text);
  return { address, isTrusted: address !== null && isIn(trustedProxies, address) };
}

function isIn(list: BlockList, address: string): boolean {
  return list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
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
