import Koa from 'koa';
import { apiRoutes } from './api/api-routes.js';
import { gitDoor } from './git/git-routes.js';
import type { TakeSlot } from './git/slots.js';
import { failureLog, notFound, originFormOnly, unexpectedErrors } from './http/errors.js';
import { healthRoutes } from './http/health-routes.js';
import { loggedRequests, requestLog, type RequestObserver } from './http/request-log.js';
import type { Handler, RequestState } from './http/request-state.js';
import { hangUpOnUnreadBodies } from './http/unread-body.js';
import type { KeyRing } from './keys/key-ring.js';
import type { Log } from './log.js';
import { tokenIssuer } from './registry/issue-token.js';
import { jwksRoutes } from './registry/jwks-routes.js';
import { isTokenRequest, tokenDoor } from './registry/token-door.js';
import { authenticate, authenticateFound } from './services/authenticate.js';
import type { DeployTokenUses } from './services/deploy-token-uses.js';
import { createCredentialLimits } from './services/credential-limits.js';
import type { Repositories } from './repositories/repositories.js';
import type { Config } from './settings.js';
import { loadAssets } from './web/assets.js';
import { webDoor } from './web/web-routes.js';
import type { Store } from './store/open-store.js';
import { ownVersion } from './version.js';

export interface AppParts {
  readonly config: Config;
  readonly store: Store;
  readonly repositories: Repositories;
  readonly keys: KeyRing;
  readonly uses: DeployTokenUses;
  readonly takeGitSlot: TakeSlot;
  readonly observeRequest: RequestObserver;
  readonly log: Log;
  readonly now: () => Date;
  /** The PATH to find git on. */
  readonly path: string;
}

/** Puts the service together: the one place that knows every part. */
export function createApp(parts: AppParts): Handler {
  const { config, store, repositories, keys, uses, log, now } = parts;
  const begin = requestLog(log, config.http.trustedProxies, parts.observeRequest);
  const failed = failureLog(log);
  const authenticateDeps = {
    store,
    now,
    tokenPrefix: config.deployTokens.prefix,
    limits: createCredentialLimits(),
  };

  const { registry } = config;
  const tokens = tokenDoor({
    service: registry.service,
    issuer: registry.issuer,
    now,
    issue: tokenIssuer({
      issuer: registry.issuer,
      audience: registry.service,
      ttlSeconds: registry.tokenTtl,
      reuseSeconds: registry.tokenReuseSeconds,
      signingKey: keys.current,
      now,
    }),
    lookUp: store.lookUp,
    authenticate: (presented, origin) => authenticateFound(authenticateDeps, presented, origin),
    recordUse: uses.record,
    begin,
    failed,
  });
  const git = gitDoor({
    authenticate: (credentials, origin) => authenticate(authenticateDeps, credentials, origin),
    recordUse: uses.record,
    findProject: store.projects.findByPath,
    findRepository: repositories.find,
    limits: config.git,
    takeSlot: parts.takeGitSlot,
    path: parts.path,
  });
  const web = webDoor(
    {
      ...authenticateDeps,
      store,
      repositories,
      publicUrl: config.http.publicUrl,
      registryHost: config.registry.host,
      idleMinutes: config.web.sessionIdleMinutes,
      hours: config.web.sessionHours,
      failed,
    },
    loadAssets(),
  );
  const api = apiRoutes({
    ...authenticateDeps,
    store,
    repositories,
    publicUrl: config.http.publicUrl,
    registryHost: config.registry.host,
    version: ownVersion(),
  });
  const health = healthRoutes({
    pingDatabase: store.ping,
    keysProblem: keys.problem,
    gitProblem: repositories.gitProblem,
  });

  const app = new Koa<RequestState>();
  // Connections that break; Koa would print them. What is wrong here, the middleware below logs.
  app.on('error', (error: unknown) => {
    log.debug({ err: error }, 'connection failed');
  });
  app.use(loggedRequests(begin));
  app.use(hangUpOnUnreadBodies);
  app.use(originFormOnly);
  app.use(unexpectedErrors(failed));
  app.use(jwksRoutes(keys.jwks).routes());
  app.use(health.routes());
  app.use(api.routes());
  app.use(git);
  app.use(web);
  app.use(notFound);
  const others = app.callback();
  return async (request, response) => {
    try {
      await (isTokenRequest(request) ? tokens : others)(request, response);
    } catch (error) {
      // Nothing is known to get here. What did would end the process, and all other requests with it.
      log.error({ err: error }, 'request failed without an answer');
      response.destroy();
    }
  };
}
