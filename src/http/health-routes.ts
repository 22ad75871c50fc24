import { Router } from '@koa/router';
import type { RequestRecord } from './request-record.js';

/** A database that accepts connections and never answers counts as away after this long. */
const CHECK_TIMEOUT_MS = 1000;

export interface HealthRoutesDeps {
  /** Throws when the database does not answer. */
  readonly pingDatabase: () => Promise<void>;
  /** What is wrong with the signing keys; null when nothing is. */
  readonly keysProblem: () => string | null;
  /** Why nothing can be cloned; null when it can. */
  readonly gitProblem: () => Promise<string | null>;
}

/** `/-/health` and `/-/liveness` tell that the process answers, `/-/readiness` that it can do its work. */
export function healthRoutes(deps: HealthRoutesDeps): Router<RequestRecord> {
  const router = new Router<RequestRecord>();

  router.get(['/-/health', '/-/liveness'], (ctx) => {
    ctx.body = { status: 'ok' };
  });

  router.get('/-/readiness', async (ctx) => {
    const database = await databaseProblem(deps);
    const keys = deps.keysProblem();
    // Told, and no reason to take the token door away from every pull.
    const git = await deps.gitProblem();
    const isReady = database === null && keys === null;
    ctx.status = isReady ? 200 : 503;
    ctx.set('cache-control', 'no-store');
    ctx.body = {
      status: isReady ? 'ok' : 'unavailable',
      database: database ?? 'ok',
      keys: keys ?? 'ok',
      git: git ?? 'ok',
    };
  });

  return router;
}

async function databaseProblem({ pingDatabase }: HealthRoutesDeps): Promise<string | null> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<string>((resolve) => {
    timer = setTimeout(resolve, CHECK_TIMEOUT_MS, 'does not answer');
  });
  const ping = pingDatabase().then(
    () => null,
    () => 'does not answer',
  );
  try {
    return await Promise.race([ping, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
