/** What callers are told about credentials that are refused: never whose they are, nor of anybody else. */

import type { AccessToken } from './access-token.js';
import { isCredentialFault, type CredentialFault, type Refusal } from './credential.js';
import type { DeployToken } from './deploy-token.js';
import { formatExpiry, formatExpiryDate } from './expiry.js';

/** A sentence without its capital and its full stop, and what to do about it. ASCII alone. */
export interface ToldReason {
  readonly phrase: string;
  readonly advice: string;
}

const FAULTS: Readonly<Record<CredentialFault, ToldReason>> = {
  not_basic: {
    phrase: 'the Authorization header is not HTTP Basic',
    advice: 'Send a username and a password.',
  },
  not_base64: {
    phrase: 'the Authorization header is not base64',
    advice: 'It takes the base64 of username:password.',
  },
  wrapped_base64: {
    phrase: 'the base64 of the Authorization header is wrapped',
    advice: 'Write it as one line, as base64 -w0 does.',
  },
  no_colon: {
    phrase: 'there is no colon between a username and a password',
    advice: 'It takes the base64 of username:password.',
  },
  broken_escape: {
    phrase: 'the username or the password has a % that is no escape',
    advice: 'In a form, write it as %25.',
  },
  not_utf8: {
    phrase: 'the username or the password is not UTF-8',
    advice: 'Store it again as UTF-8.',
  },
  control_character: {
    phrase: 'the username or the password has a control character in it',
    advice: 'Store it again as it was shown.',
  },
  line_break: {
    phrase: 'the username or the password ends with a line break',
    advice: 'Store it again without one: echo and most editors add it, printf does not.',
  },
};

/** What is known of credentials that were refused; a token only where its own secret was presented. */
export interface RefusedCredentials {
  readonly refusal: Refusal;
  readonly deployToken?: Pick<DeployToken, 'expiresAt' | 'revokedAt' | 'suspendedAt'>;
  readonly accessToken?: Pick<AccessToken, 'expiresAt' | 'revokedAt'>;
}

/**
 * What whoever presented them is told. The holder of a genuine token hears what is wrong with it or with
 * its username; null for everybody else, who hears that credentials were refused, whatever the reason.
 */
export function toldReason(refused: RefusedCredentials): ToldReason | null {
  const { refusal, deployToken, accessToken } = refused;
  if (isCredentialFault(refusal)) {
    return faultReason(refusal);
  }
  if (deployToken !== undefined) {
    const endedAt = deployToken.revokedAt ?? deployToken.suspendedAt;
    return reasonOfToken(refusal, 'deploy token', { ...deployToken, endedAt });
  }
  return accessToken === undefined
    ? null
    : reasonOfToken(refusal, 'personal access token', {
        ...accessToken,
        endedAt: accessToken.revokedAt,
      });
}

function reasonOfToken(
  refusal: Refusal,
  what: 'deploy token' | 'personal access token',
  { expiresAt, endedAt }: { readonly expiresAt: Date | null; readonly endedAt: Date | null },
): ToldReason | null {
  if (refusal === 'wrong_username') {
    return {
      phrase: 'the username is not that of this deploy token',
      advice: 'Use the two that were shown together.',
    };
  }
  if (refusal === 'expired' && expiresAt !== null) {
    const phrase = `this ${what} expired on ${formatExpiry(expiresAt)}`;
    return { phrase, advice: NEW_ONE[what] };
  }
  // One that is suspended sounds like one that was revoked.
  return (refusal === 'revoked' || refusal === 'suspended') && endedAt !== null
    ? {
        phrase: `this ${what} was revoked on ${formatExpiryDate(endedAt)}`,
        advice: NEW_ONE[what],
      }
    : null;
}

const NEW_ONE = {
  'deploy token': 'Ask a maintainer for a new one.',
  'personal access token': 'Make a new one.',
} as const;

export function faultReason(fault: CredentialFault): ToldReason {
  return FAULTS[fault];
}

export function sentencesOf({ phrase, advice }: ToldReason): string {
  return `${phrase.slice(0, 1).toUpperCase()}${phrase.slice(1)}. ${advice}`;
}

/** The same text without a capital at its beginning. */
export function asPhrase(text: string): string {
  return `${text.slice(0, 1).toLowerCase()}${text.slice(1)}`;
}
