/** What callers are told about credentials that are refused: never whose they are, nor of anybody else. */

import { isCredentialFault, type CredentialFault, type Refusal } from './credential.js';

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

/** Null where whoever asks is told no more than that credentials were refused. */
export function toldReason(refusal: Refusal): ToldReason | null {
  return isCredentialFault(refusal) ? faultReason(refusal) : null;
}

export function faultReason(fault: CredentialFault): ToldReason {
  return FAULTS[fault];
}

export function sentencesOf({ phrase, advice }: ToldReason): string {
  return `${phrase.slice(0, 1).toUpperCase()}${phrase.slice(1)}. ${advice}`;
}
