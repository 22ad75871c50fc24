import { Router } from '@koa/router';
import type { RequestRecord } from './request-record.js';

/** What is wrong with each, as of the last check; null where nothing is. */
export interface Readiness {
  readonly database: string | null;
  readonly keys: string | null;
  readonly git: string | null;
  /** Of the last write to the database. */
  readonly writes: string | null;
}

export interface HealthRoutesDeps {
  /** From memory: a service that is asked much must not look as if it were away. */
  readonly readiness: () => Readiness;
  /** What is wrong with the signing keys; null when nothing is. */
  readonly keysProblem: () => string | null;
  /** Of keys that are not needed: told, and no reason not to be ready. */
  readonly damagedKeys: () => number;
}

/** `/-/health` and `/-/liveness` tell that the process answers, `/-/readiness` that it can do its work. */
export function healthRoutes(deps: HealthRoutesDeps): Router<RequestRecord> {
  const router = new Router<RequestRecord>();

  router.get(['/-/health', '/-/liveness'], (ctx) => {
    ctx.body = { status: 'ok' };
  });

  router.get('/-/readiness', (ctx) => {
    // No git, or a database that only reads, is told, and no reason to take the token door away from
    // every pull.
    const { database, git, writes, keys: otherCa } = deps.readiness();
    const keys = deps.keysProblem() ?? otherCa;
    const isReady = database === null && keys === null;
    ctx.status = isReady ? 200 : 503;
    ctx.set('cache-control', 'no-store');
    ctx.body = {
      status: isReady ? 'ok' : 'unavailable',
      database: database ?? 'ok',
      keys: keys ?? damage(deps.damagedKeys()) ?? 'ok',
      git: git ?? 'ok',
      writes: writes ?? 'ok',
    };
  });

  return router;
}

/** Their names are in the log. */
function damage(count: number): string | null {
  return count === 0 ? null : `ok, but for ${count} damaged: see the log`;
}
