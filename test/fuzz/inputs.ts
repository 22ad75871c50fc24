/** What requests are made of: right, nearly right, and anything at all. */

import * as fc from 'fast-check';
import { anyText } from '../property/arbitraries.js';
import { basic } from '../support/token-client.js';
import type { Caller, World } from './world.js';

export const anyBytes: fc.Arbitrary<Buffer> = fc
  .uint8Array({ maxLength: 300 })
  .map((bytes) => Buffer.from(bytes));

/** What Node sends as a header's value; other bytes are tried on a raw connection. */
export const headerText: fc.Arbitrary<string> = fc
  .string({ unit: 'binary-ascii', maxLength: 60 })
  .map((text) => text.replaceAll(/[^\x20-\x7e]/g, '').trim());

/** What Node sends as a target. */
export const targetText: fc.Arbitrary<string> = fc.oneof(
  anyText.map((text) => encodeURIComponent(Buffer.from(text).toString())),
  fc.string({ unit: 'binary-ascii' }).map((text) => text.replaceAll(/[^\x21-\x7e]/g, '')),
);

export const TAMPERINGS = [
  'none',
  'wrong secret',
  'cut secret',
  'longer secret',
  'empty secret',
  'other username',
  'empty username',
] as const;
export type Tampering = (typeof TAMPERINGS)[number];

/** Mostly as they are: what is granted is to be seen too. */
export const tampering: fc.Arbitrary<Tampering> = fc.oneof(
  { arbitrary: fc.constant('none'), weight: 12 },
  { arbitrary: fc.constantFrom(...TAMPERINGS), weight: 3 },
);

export function callerTitle(world: World): fc.Arbitrary<string> {
  return fc.constantFrom(...world.callers.map(({ title }) => title));
}

export interface Presented {
  readonly username: string;
  readonly secret: string;
}

/** The credentials as they are sent; null for a caller who has none. */
export function tampered({ login }: Caller, how: Tampering): Presented | null {
  if (login === null) {
    return null;
  }
  const { username, secret } = login;
  switch (how) {
    case 'none':
      return login;
    case 'wrong secret':
      return { username, secret: secret.slice(0, -1) + (secret.endsWith('A') ? 'B' : 'A') };
    case 'cut secret':
      return { username, secret: secret.slice(0, -1) };
    case 'longer secret':
      return { username, secret: `${secret}=` };
    case 'empty secret':
      return { username, secret: '' };
    case 'other username':
      return { username: `${username}-`, secret };
    case 'empty username':
      return { username: '', secret };
  }
}

/** Whether the secret is the caller's own, so that they may be told what is wrong with it. */
export function isGenuine(how: Tampering): boolean {
  return how === 'none' || how === 'other username';
}

/** Whether these credentials are to be refused, whatever is asked with them. */
export function isRefused({ login, identity, isDead }: Caller, how: Tampering): boolean {
  const isAccessToken = identity.kind === 'person' && identity.scopes !== null;
  const isLeft = how === 'none' || (how === 'other username' && isAccessToken);
  return login !== null && (isDead || !isLeft);
}

export function authorizationOf(presented: Presented | null): Readonly<Record<string, string>> {
  return presented === null ? {} : { authorization: basic(presented) };
}
