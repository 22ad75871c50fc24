import { LRUCache } from 'lru-cache';
import { formatScope, type AccessEntry } from '../access/scope.js';
import { signRegistryToken } from '../keys/registry-token.js';
import type { SigningKey } from '../keys/signing-key.js';
import { ownText } from '../own-text.js';

/** 5 to 10 MB of JWTs: an RSA key in the leaf or above it makes them longer. */
const MAX_REUSABLE = 4096;
/** In characters: what was granted to more names than a few comes seldom, and would be the most to keep. */
const MAX_NAME = 512;

export interface TokenIssuerOptions {
  readonly issuer: string;
  readonly audience: string;
  readonly ttlSeconds: number;
  /** How long a JWT is handed out again; 0 for never. */
  readonly reuseSeconds: number;
  readonly signingKey: () => SigningKey;
  readonly now: () => Date;
}

/** What the rules have just granted, to whom. */
export interface Granted {
  readonly subject: string;
  readonly access: readonly AccessEntry[];
  /** Nothing issued lives longer than the credentials; null when they do not end. */
  readonly credentialsExpireAt: Date | null;
}

export interface IssuedToken {
  readonly jwt: string;
  /** Of the access in it, as `scope` writes them. */
  readonly scopes: readonly string[];
  /** RFC 3339. */
  readonly issuedAt: string;
  readonly expiresAt: Date;
}

interface Signed {
  readonly issued: IssuedToken;
  /** In milliseconds. */
  readonly signedAt: number;
}

export type IssueToken = (granted: Granted) => IssuedToken;

/**
 * Signs what was granted. Where exactly the same was granted a few seconds ago, the JWT of then serves
 * again: ten nodes that pull one image cost one signature. It is asked for after the credentials were
 * checked and the grant was made anew, so it never stands for those of somebody who lost them.
 */
export function tokenIssuer(options: TokenIssuerOptions): IssueToken {
  const { reuseSeconds, signingKey, now } = options;
  /** By all that differs in a JWT besides its times. */
  const reusable = new LRUCache<string, Signed>({ max: MAX_REUSABLE });
  let signedWith = signingKey();

  return (granted) => {
    const at = now();
    const key = signingKey();
    const scopes = granted.access.map(formatScope);
    if (reuseSeconds === 0) {
      return sign(options, granted, { scopes, key, at });
    }
    if (key !== signedWith) {
      reusable.clear();
      signedWith = key;
    }
    const name = nameOf(granted, scopes);
    const known = reusable.get(name);
    const age = known === undefined ? NaN : at.getTime() - known.signedAt;
    // A clock that was set back makes it negative.
    if (known !== undefined && age >= 0 && age < reuseSeconds * 1000) {
      return known.issued;
    }
    if (name.length > MAX_NAME) {
      return sign(options, granted, { scopes, key, at });
    }
    const issued = sign(options, granted, { scopes: scopes.map(ownText), key, at });
    reusable.set(ownText(name), { issued, signedAt: at.getTime() });
    return issued;
  };
}

function nameOf({ subject, credentialsExpireAt }: Granted, scopes: readonly string[]): string {
  // No two grants have one name: neither a subject nor a scope holds a space.
  return `${subject} ${credentialsExpireAt?.getTime()} ${scopes.join(' ')}`;
}

function sign(
  { issuer, audience, ttlSeconds }: TokenIssuerOptions,
  { subject, access, credentialsExpireAt }: Granted,
  more: { readonly scopes: readonly string[]; readonly key: SigningKey; readonly at: Date },
): IssuedToken {
  const { scopes, key, at } = more;
  const issuedAt = wholeSecond(at);
  const expiresAt = earlier(new Date(issuedAt.getTime() + ttlSeconds * 1000), credentialsExpireAt);
  const jwt = signRegistryToken(key, { issuer, audience, subject, access, issuedAt, expiresAt });
  return { jwt, scopes, issuedAt: issuedAt.toISOString(), expiresAt };
}

export function wholeSecond(instant: Date): Date {
  return new Date(Math.floor(instant.getTime() / 1000) * 1000);
}

function earlier(instant: Date, other: Date | null): Date {
  return other !== null && other < instant ? other : instant;
}
