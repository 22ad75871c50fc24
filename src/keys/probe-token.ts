/** A JWT by which one Pullgate shows another one that it has the same signing keys, and nothing else. */

import { jwtVerify } from 'jose';
import { signRegistryToken } from './registry-token.js';
import type { SigningKey } from './signing-key.js';

/** Of no registry: where a service is called so, it gives nothing all the same, for `access` is empty. */
const AUDIENCE = 'pullgate:probe';
const SUBJECT = 'pullgate:';
const LIFE_MS = 60_000;
/** A clock that is off is what a probe may be about. */
const CLOCK_TOLERANCE = '1 day';

export function signProbeToken(key: SigningKey, issuedAt: Date): string {
  return signRegistryToken(key, {
    issuer: SUBJECT,
    audience: AUDIENCE,
    subject: SUBJECT,
    access: [],
    issuedAt,
    expiresAt: new Date(issuedAt.getTime() + LIFE_MS),
  });
}

/** Whether one of these keys has signed it. */
export async function isProbeToken(
  token: string,
  keys: readonly Pick<SigningKey, 'publicKey' | 'algorithm'>[],
  now: Date,
): Promise<boolean> {
  for (const { publicKey, algorithm } of keys) {
    const isSigned = await jwtVerify(token, publicKey, {
      algorithms: [algorithm],
      audience: AUDIENCE,
      issuer: SUBJECT,
      currentDate: now,
      clockTolerance: CLOCK_TOLERANCE,
    }).then(
      () => true,
      () => false,
    );
    if (isSigned) {
      return true;
    }
  }
  return false;
}
