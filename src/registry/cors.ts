import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';

const PREFLIGHT: OutgoingHttpHeaders = {
  'access-control-allow-methods': 'GET, POST',
  'access-control-allow-headers': 'authorization, content-type',
  'access-control-max-age': '600',
};

/** What lets pages of these origins, such as registry browsers, read an answer; null where there are none. */
export function corsHeaders(
  origins: ReadonlySet<string>,
  { method, headers }: IncomingMessage,
): OutgoingHttpHeaders | null {
  if (origins.size === 0) {
    return null;
  }
  const { origin } = headers;
  if (origin === undefined || !origins.has(origin)) {
    return { vary: 'Origin' };
  }
  return {
    vary: 'Origin',
    'access-control-allow-origin': origin,
    'access-control-allow-credentials': 'true',
    ...(method === 'OPTIONS' && PREFLIGHT),
  };
}
