import type { IncomingMessage } from 'node:http';
import { Secret } from '../credentials.js';

export interface CookieNames {
  /** Of somebody who is signed in. */
  readonly session: string;
  /** Of anybody, for the forms that come before signing in. */
  readonly visit: string;
  readonly attributes: string;
}

/** Over HTTPS the `__Host-` prefix keeps other hosts of the domain from planting a cookie of theirs. */
export function cookieNames(publicUrl: string): CookieNames {
  const isSecure = publicUrl.startsWith('https:');
  const prefix = isSecure ? '__Host-' : '';
  return {
    session: `${prefix}pullgate_session`,
    visit: `${prefix}pullgate_visit`,
    attributes: `Path=/; HttpOnly; SameSite=Lax${isSecure ? '; Secure' : ''}`,
  };
}

/** Null where there is none, and for what cannot be one of ours. */
export function readCookie(request: IncomingMessage, name: string): Secret | null {
  const pairs = (request.headers.cookie ?? '').split(';').map((pair) => pair.trim());
  const value = pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
  return value !== undefined && /^[\w-]{32}$/.test(value) ? new Secret(value) : null;
}

export function setCookie(
  { attributes }: CookieNames,
  name: string,
  value: Secret,
  maxAgeSeconds: number,
): string {
  return `${name}=${value.reveal()}; Max-Age=${maxAgeSeconds}; ${attributes}`;
}

export function dropCookie({ attributes }: CookieNames, name: string): string {
  return `${name}=; Max-Age=0; ${attributes}`;
}
