/** What doors take as proof of who is asking, and what becomes of what they refuse. */

import type { DoorName } from './actor.js';

export type CredentialKind = 'deploy_token' | 'access_token' | 'password';

interface Taken {
  readonly kinds: readonly CredentialKind[];
  /** Whether a username comes with the secret. That of a deploy token and of a password must fit. */
  readonly withUsername: boolean;
}

/**
 * HTTP Basic brings any of them; the API's clients send a personal access token and nothing else; a
 * token, however good, is no way into the pages. The operator needs none.
 */
const TAKEN_AT: Readonly<Record<DoorName, Taken>> = {
  registry: { kinds: ['deploy_token', 'access_token', 'password'], withUsername: true },
  git: { kinds: ['deploy_token', 'access_token', 'password'], withUsername: true },
  api: { kinds: ['access_token'], withUsername: false },
  web: { kinds: ['password'], withUsername: true },
  cli: { kinds: [], withUsername: false },
};

export function takesCredential(door: DoorName, kind: CredentialKind): boolean {
  return TAKEN_AT[door].kinds.includes(kind);
}

export function takesUsername(door: DoorName): boolean {
  return TAKEN_AT[door].withUsername;
}

/**
 * What is wrong with how credentials are written. It says nothing about whose they are, so anybody is told.
 */
export const CREDENTIAL_FAULTS = [
  'not_basic',
  'not_base64',
  'wrapped_base64',
  'no_colon',
  'broken_escape',
  'not_utf8',
  'control_character',
  /** At the end of the username or of the secret, which is what a file and `echo` add to it. */
  'line_break',
] as const;
export type CredentialFault = (typeof CREDENTIAL_FAULTS)[number];

export function isCredentialFault(refusal: Refusal): refusal is CredentialFault {
  return CREDENTIAL_FAULTS.some((fault) => fault === refusal);
}

/** Why credentials were refused: for the log and the holder's maintainers; what the caller is told is less. */
export const REFUSALS = [
  ...CREDENTIAL_FAULTS,
  'empty',
  'unknown',
  'wrong_username',
  'wrong_password',
  'revoked',
  'suspended',
  'expired',
  'blocked',
  /** Good credentials, without the scope that the door takes. */
  'scope_missing',
  'rate_limited',
] as const;
export type Refusal = (typeof REFUSALS)[number];
