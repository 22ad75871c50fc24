/** Whether a POST was sent by a page of ours. Two checks, each of which would do alone. */

import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Secret } from '../credentials.js';

/** Bound to the cookie: nobody who cannot read the cookie can make it, and nothing is stored for it. */
export function csrfToken(cookie: Secret): string {
  return createHmac('sha256', cookie.reveal()).update('csrf').digest('base64url');
}

export function isCsrfToken(cookie: Secret, text: string): boolean {
  const expected = Buffer.from(csrfToken(cookie));
  const given = Buffer.from(text);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/**
 * Browsers say where a POST comes from, and pages cannot lie about it. A client that says nothing is
 * no browser of today; the CSRF token still stops it.
 */
export function isFromOurPages(headers: IncomingHttpHeaders, publicUrl: string): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') {
    return false;
  }
  const { origin } = headers;
  if (origin === undefined || origin === publicUrl) {
    return true;
  }
  return URL.canParse(origin) && new URL(origin).host === headers.host;
}
