import type { CredentialFault } from '../access/credential.js';
import { presentCredentials, type PresentedCredentials } from '../credentials.js';
import { decodeUtf8 } from './utf8.js';

/** RFC 7617, with the padding optional. */
const BASIC = /^Basic +([A-Za-z0-9+/]+={0,2})$/i;
/** What is left of the line breaks that `base64` writes after 76 characters. */
const WRAPPED = /^Basic +[A-Za-z0-9+/]+(?:[ \t]+[A-Za-z0-9+/]+)*={0,2}$/i;
const SCHEME = /^Basic(?:\s|$)/i;

/**
 * Null for a request without an Authorization header. Whoever sends a header means to be somebody: one
 * that cannot be read never passes as anonymous.
 */
export function parseBasicAuth(header: string | undefined): PresentedCredentials | null {
  if (header === undefined) {
    return null;
  }
  const encoded = BASIC.exec(header)?.[1];
  if (encoded === undefined) {
    return faulty(faultOf(header));
  }
  const decoded = decodeUtf8(Buffer.from(encoded, 'base64'));
  if (decoded === null) {
    return faulty('not_utf8');
  }
  // The first colon parts the two: a secret may hold more of them, a username none.
  const colon = decoded.indexOf(':');
  return colon === -1
    ? faulty('no_colon')
    : presentCredentials(decoded.slice(0, colon), decoded.slice(colon + 1));
}

function faultOf(header: string): CredentialFault {
  if (!SCHEME.test(header)) {
    return 'not_basic';
  }
  return WRAPPED.test(header) ? 'wrapped_base64' : 'not_base64';
}

function faulty(fault: CredentialFault): PresentedCredentials {
  return { fault, trimmed: null };
}
