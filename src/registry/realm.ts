/** Which requests are for the token endpoint, and which were meant for it. */

import type { IncomingMessage } from 'node:http';

type Addressed = Pick<IncomingMessage, 'method' | 'url'>;

/** The second path is GitLab's, for a registry that was set up for it. */
const PATH = /^\/(?:token|jwt\/auth)\/?(?:\?|$)/;
/** Where a registry with `autoredirect` sends. */
const REDIRECTED = /^\/auth\/token\/?(?:\?|$)/;
/** As clients of a registry ask; git asks for `service=git-upload-pack`. */
const ASKS_FOR_SERVICE = /^\/.*[?&]service=(?!git-)/;

export function isTokenRequest(request: Addressed): boolean {
  const { url = '' } = request;
  return PATH.test(url) || (REDIRECTED.test(url) && isNoPage(request));
}

/** A project may have the path `auth/token`: its page is asked for no service, and takes no form. */
function isNoPage({ method, url = '' }: Addressed): boolean {
  return method === 'POST' || ASKS_FOR_SERVICE.test(url);
}

/** What git and clients of our API ask, whatever service they name. */
const OTHERS = /^\/api\/|\/info\/refs\?/;

/** Whether the registry's realm leads here by mistake. */
export function isMeantForTokens({ url = '' }: Addressed): boolean {
  return ASKS_FOR_SERVICE.test(url) && !OTHERS.test(url);
}
