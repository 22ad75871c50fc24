import { isIPv6 } from 'node:net';
import { memo } from '../memo.js';

/**
 * The networks that an address is counted in, the narrowest first. One customer of a provider has all of
 * an IPv6 /64, often a /56 or a /48.
 */
export type Networks = readonly [narrowest: string, ...wider: string[]];

/** Addresses: who sends wrong credentials comes again. */
const KEPT = 4000;
const HEX_OF_64 = 16;
const HEX_OF_56 = 14;
const HEX_OF_48 = 12;

export const networksOf = memo(readNetworks, { atMost: KEPT });

function readNetworks(address: string): Networks {
  if (!isIPv6(address)) {
    return [address];
  }
  const hex = hexDigits(address);
  return [
    `${hex.slice(0, HEX_OF_64)}/64`,
    `${hex.slice(0, HEX_OF_56)}/56`,
    `${hex.slice(0, HEX_OF_48)}/48`,
  ];
}

/** All 32 of them; only the first half is right where the end is written as IPv4. */
function hexDigits(address: string): string {
  const [head = '', tail] = address.toLowerCase().split('::');
  const left = groupsOf(head);
  const right = groupsOf(tail ?? '');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  const groups = [...left, ...Array.from({ length: zeros }, () => '0'), ...right];
  return groups.map((group) => group.padStart(4, '0')).join('');
}

function groupsOf(part: string): string[] {
  return part.split(':').filter((group) => group !== '');
}
