import { hash, verify } from '@node-rs/argon2';
import { ACCESS_TOKEN_PREFIX } from '../access/access-token.js';
import { Secret } from '../credentials.js';
import { problemsOf, requireNoProblems } from './problems.js';

const MIN_LENGTH = 8;
/** Longer input would only buy an attacker CPU time. */
const MAX_LENGTH = 1024;

/** What is wrong with a new password; null if nothing is. */
export function passwordProblem(password: Secret, tokenPrefix: string): string | null {
  const { length } = password.reveal();
  if (length < MIN_LENGTH || length > MAX_LENGTH) {
    return `A password has ${MIN_LENGTH} to ${MAX_LENGTH} characters; this one has ${length}.`;
  }
  return looksLikeToken(password, tokenPrefix) ? 'A password cannot start like a token.' : null;
}

/** Argon2id with the library's defaults, which are OWASP's: 19 MiB, two passes, one lane. */
export async function hashPassword(password: Secret, tokenPrefix: string): Promise<string> {
  requireNoProblems(problemsOf({ password: passwordProblem(password, tokenPrefix) }));
  return await hash(password.reveal());
}

/**
 * Takes the same time whether or not there is a password to compare with, so that a caller cannot
 * learn which usernames exist. Runs off the event loop.
 */
export async function isPassword(password: Secret, passwordHash: string | null): Promise<boolean> {
  const text = password.reveal();
  if (text.length > MAX_LENGTH) {
    return false;
  }
  const matches = await verify(passwordHash ?? (await unmatchableHash()), text);
  return matches && passwordHash !== null;
}

/** Such a secret is never tried as a password: a wrong token then costs no argon2. */
export function looksLikeToken(secret: Secret, tokenPrefix: string): boolean {
  return secret.startsWith(tokenPrefix) || secret.startsWith(ACCESS_TOKEN_PREFIX);
}

let unmatchable: Promise<string> | undefined;

async function unmatchableHash(): Promise<string> {
  unmatchable ??= hash(Secret.generate().reveal());
  return await unmatchable;
}
