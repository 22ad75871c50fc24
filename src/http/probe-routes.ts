import { Router } from '@koa/router';
import { peerOf } from './client-address.js';
import type { RequestRecord } from './request-record.js';

export const PROBE_PATH = '/-/probe';

export interface ProbeRoutesDeps {
  /** Whether it was signed by a process with the same keys. */
  readonly isOwnToken: (token: string) => Promise<boolean>;
  /** The id of the database. */
  readonly instance: () => Promise<string>;
  readonly isTrustedProxy: (address: string) => boolean;
}

const BEARER = /^Bearer +(\S+)$/i;

/**
 * Tells `pullgate doctor` what arrives here of a request through the public address. Who has not the same
 * keys learns only whether the header Authorization arrived.
 */
export function probeRoutes(deps: ProbeRoutesDeps): Router<RequestRecord> {
  const router = new Router<RequestRecord>();
  router.get(PROBE_PATH, async (ctx) => {
    const { authorization } = ctx.request.headers;
    ctx.set('cache-control', 'no-store');
    if (authorization === undefined) {
      ctx.status = 401;
      ctx.body = { authorization: 'absent' };
      return;
    }
    const token = BEARER.exec(authorization)?.[1];
    if (token === undefined || !(await deps.isOwnToken(token))) {
      ctx.status = 403;
      ctx.body = { authorization: 'unknown' };
      return;
    }
    const peer = peerOf(ctx.req);
    ctx.body = {
      authorization: 'own',
      instance: await deps.instance(),
      forwarded: forwardedBy(peer, ctx.request.headers['x-forwarded-for'], deps),
      peer,
    };
  });
  return router;
}

function forwardedBy(
  peer: string,
  header: string | string[] | undefined,
  { isTrustedProxy }: ProbeRoutesDeps,
): 'absent' | 'believed' | 'ignored' {
  if (header === undefined) {
    return 'absent';
  }
  return isTrustedProxy(peer) ? 'believed' : 'ignored';
}
