/** What doors take as proof of who is asking, and what becomes of what they refuse. */

import type { DoorName } from './actor.js';

export type CredentialKind = 'deploy_token' | 'access_token' | 'password';

interface Taken {
  readonly kinds: readonly CredentialKind[];
  /** Whether a username comes with the secret, and must fit it. */
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

/** Why credentials were refused: for the log and the holder's maintainers, never for the caller. */
export const REFUSALS = [
  'empty',
  'unknown',
  'wrong_username',
  'wrong_password',
  'revoked',
  'suspended',
  'expired',
  'blocked',
  'rate_limited',
] as const;
export type Refusal = (typeof REFUSALS)[number];
