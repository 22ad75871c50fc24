import { randomUUID, sign } from 'node:crypto';
import type { AccessEntry } from '../access/scope.js';
import type { SigningKey } from './signing-key.js';

/** A registry whose clock is behind ours still accepts a JWT just made; it adds 60 s of its own. */
const NOT_BEFORE_LEEWAY_SECONDS = 10;

export interface RegistryTokenClaims {
  readonly issuer: string;
  /** A single string: registry 2.8 refuses an array. */
  readonly audience: string;
  readonly subject: string;
  readonly access: readonly AccessEntry[];
  readonly issuedAt: Date;
  readonly expiresAt: Date;
}

/**
 * Signs the bearer token that the registry checks. Claims: distribution, spec/auth/jwt.md. All times
 * are whole seconds, since registry 2.8 calls a fraction malformed; rounding down keeps `exp` within
 * the deploy token's own life.
 *
 * By node:crypto and not by jose: see docs/decisions/0016-signed-by-hand.md.
 */
export function signRegistryToken(key: SigningKey, claims: RegistryTokenClaims): string {
  const issuedAt = seconds(claims.issuedAt);
  const payload = JSON.stringify({
    access: claims.access.map(({ type, name, actions }) => ({ type, name, actions })),
    iss: claims.issuer,
    sub: claims.subject,
    aud: claims.audience,
    exp: seconds(claims.expiresAt),
    nbf: issuedAt - NOT_BEFORE_LEEWAY_SECONDS,
    iat: issuedAt,
    jti: randomUUID(),
  });
  const signed = `${key.jwtHeader}.${Buffer.from(payload).toString('base64url')}`;
  // RFC 7518 3.4: the two numbers of an ECDSA signature side by side. It says nothing to RSA.
  const signature = sign('sha256', Buffer.from(signed, 'latin1'), {
    key: key.privateKey,
    dsaEncoding: 'ieee-p1363',
  });
  return `${signed}.${signature.toString('base64url')}`;
}

function seconds(instant: Date): number {
  return Math.floor(instant.getTime() / 1000);
}
