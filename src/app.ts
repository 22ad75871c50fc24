import Koa from 'koa';
import { notFound, unexpectedErrors } from './http/errors.js';
import { healthRoutes } from './http/health-routes.js';
import { requestLog } from './http/request-log.js';
import type { RequestState } from './http/request-state.js';
import type { KeyRing } from './keys/key-ring.js';
import type { Log } from './log.js';
import { jwksRoutes } from './registry/jwks-routes.js';
import { tokenRoutes } from './registry/token-routes.js';
import { authenticate } from './services/authenticate.js';
import { findProjectsOf } from './services/projects.js';
import type { Config } from './settings.js';
import type { Store } from './store/open-store.js';

export interface AppParts {
  readonly config: Config;
  readonly store: Store;
  readonly keys: KeyRing;
  readonly log: Log;
  readonly now: () => Date;
}

/** Puts the service together: the one place that knows every part. */
export function createApp({ config, store, keys, log, now }: AppParts): Koa<RequestState> {
  const tokens = tokenRoutes({
    service: config.registry.service,
    issuer: config.registry.issuer,
    tokenTtlSeconds: config.registry.tokenTtl,
    now,
    signingKey: keys.current,
    authenticate: async (credentials) =>
      await authenticate({ store, now, tokenPrefix: config.deployTokens.prefix }, credentials),
    findProjectsOf: async (requested) => await findProjectsOf({ store }, requested),
  });
  const health = healthRoutes({ pingDatabase: store.ping, keysProblem: keys.problem });

  const app = new Koa<RequestState>();
  app.use(requestLog(log, config.http.trustedProxies));
  app.use(unexpectedErrors(log));
  app.use(tokens.routes());
  app.use(jwksRoutes(keys.jwks).routes());
  app.use(health.routes());
  app.use(notFound);
  return app;
}
