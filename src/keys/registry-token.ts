import { randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
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
 */
export async function signRegistryToken(
  key: SigningKey,
  claims: RegistryTokenClaims,
): Promise<string> {
  const issuedAt = seconds(claims.issuedAt);
  const access = claims.access.map(({ type, name, actions }) => ({ type, name, actions }));
  return await new SignJWT({ access })
    .setProtectedHeader({
      typ: 'JWT',
      alg: key.algorithm,
      kid: key.libtrustKid,
      x5c: [...key.x5c],
    })
    .setIssuer(claims.issuer)
    .setSubject(claims.subject)
    .setAudience(claims.audience)
    .setExpirationTime(seconds(claims.expiresAt))
    .setNotBefore(issuedAt - NOT_BEFORE_LEEWAY_SECONDS)
    .setIssuedAt(issuedAt)
    .setJti(randomUUID())
    .sign(key.privateKey);
}

function seconds(instant: Date): number {
  return Math.floor(instant.getTime() / 1000);
}
