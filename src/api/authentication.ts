/**
 * Who asks: a personal access token in `PRIVATE-TOKEN` or as a bearer token, and nothing else. Cookies
 * are not read, so that no page elsewhere can ask in the name of somebody who is signed in; a token in
 * the address is not read, since addresses are logged.
 */

import type { IncomingHttpHeaders } from 'node:http';
import { ANONYMOUS, type Actor } from '../access/actor.js';
import { mayUseApi, type ApiUse } from '../access/permissions.js';
import { Secret } from '../credentials.js';
import { originOf, type RequestRecord } from '../http/request-record.js';
import { authenticate, tooManyPasswords, type AuthenticateDeps } from '../services/authenticate.js';
import type { Given } from './given.js';
import { forbidden, Refusal, unauthorized } from './errors.js';

/** Anonymous, for a request that presents nothing at all. */
export async function actorOf(
  deps: AuthenticateDeps,
  headers: IncomingHttpHeaders,
  record: RequestRecord,
): Promise<Actor> {
  const secret = presentedIn(headers);
  if (secret === null) {
    return ANONYMOUS;
  }
  const authentication = await authenticate(
    deps,
    { credentials: { username: '', secret } },
    originOf(record, 'api'),
  );
  if (!authentication.accepted) {
    record.refusedCredentials = authentication;
    const { retryAfterSeconds } = authentication;
    throw retryAfterSeconds === undefined ? unauthorized() : tooManyPasswords(retryAfterSeconds);
  }
  record.actor = authentication.actor;
  return authentication.actor;
}

const BEARER = /^Bearer +(?<token>\S+)$/i;

/** Whatever else stands in `Authorization`, such as a password, is a wrong token and not nothing. */
function presentedIn({
  'private-token': privateToken,
  authorization,
}: IncomingHttpHeaders): Secret | null {
  if (privateToken !== undefined) {
    return new Secret(privateToken.toString());
  }
  return authorization === undefined
    ? null
    : new Secret(BEARER.exec(authorization)?.groups?.['token'] ?? '');
}

export function requireUse(
  actor: Actor,
  { use, forAnonymous }: { readonly use: ApiUse; readonly forAnonymous: boolean },
): void {
  if (actor.kind === 'anonymous' && !(forAnonymous && mayUseApi(actor, use))) {
    throw unauthorized();
  }
  if (!mayUseApi(actor, use)) {
    throw new Refusal(403, {
      error: 'insufficient_scope',
      error_description:
        'The request requires higher privileges than provided by the access token.',
      scope: use === 'read' ? 'api read_api' : 'api',
    });
  }
}

/** Acting as the caller, when somebody else was meant, would be worse than a refusal. */
export function refuseSudo(named: { readonly has: (name: string) => boolean }): void {
  if (named.has('sudo')) {
    throw forbidden('sudo is not supported');
  }
}

/** Where GitLab takes a token too, and this API takes none. */
const OTHER_HEADERS = ['job-token', 'deploy-token'];
const OTHER_PARAMETERS = ['private_token', 'access_token', 'job_token'];

/** Whoever presents a token is nobody only by mistake: what is public must not look like an answer to it. */
export function refuseOtherTokens(
  actor: Actor,
  { headers, given }: { readonly headers: IncomingHttpHeaders; readonly given: Given },
): void {
  const isPresented =
    OTHER_HEADERS.some((name) => headers[name] !== undefined) ||
    OTHER_PARAMETERS.some((name) => given.has(name));
  if (actor.kind === 'anonymous' && isPresented) {
    throw unauthorized();
  }
}
