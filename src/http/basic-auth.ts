import { Secret, type Credentials } from '../credentials.js';

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
/** RFC 7617, with the padding optional. */
const BASIC = /^Basic +([A-Za-z0-9+/]+={0,2})$/i;

/**
 * Null for a request without an Authorization header. A header that is there and cannot be read is
 * `malformed`: the caller meant to be somebody, so it must not pass as anonymous.
 */
export function parseBasicAuth(header: string | undefined): Credentials | 'malformed' | null {
  if (header === undefined) {
    return null;
  }
  const encoded = BASIC.exec(header)?.[1];
  const decoded = encoded === undefined ? null : decodeUtf8(Buffer.from(encoded, 'base64'));
  // The first colon parts the two: a secret may hold more of them, a username none.
  const colon = decoded?.indexOf(':') ?? -1;
  if (decoded === null || colon === -1 || /\p{Cc}/u.test(decoded)) {
    return 'malformed';
  }
  return { username: decoded.slice(0, colon), secret: new Secret(decoded.slice(colon + 1)) };
}

/** Null for bytes that are not UTF-8. */
export function decodeUtf8(bytes: Buffer): string | null {
  try {
    return UTF8.decode(bytes);
  } catch {
    return null;
  }
}
