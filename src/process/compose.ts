import type { IncomingMessage } from 'node:http';
import Koa from 'koa';
import type { Actor, Origin } from '../access/actor.js';
import { apiRoutes } from '../api/api-routes.js';
import { registryUrl, tokenRealm } from '../config/registry-url.js';
import type { Credentials, FaultyCredentials } from '../credentials.js';
import { gitDoor } from '../git/git-routes.js';
import { createBodyRoom } from '../git/body-room.js';
import { goGetDoor } from '../git/go-get.js';
import { lfsDoor } from '../git/lfs-routes.js';
import { failureLog, notFound, originFormOnly, unexpectedErrors } from '../http/errors.js';
import { healthRoutes } from '../http/health-routes.js';
import { logRequests, recordedRequests } from '../http/request-log.js';
import type { Handler } from '../http/handler.js';
import { collapseSlashes } from '../http/slashes.js';
import { requestRecords, type RequestRecord } from '../http/request-record.js';
import { hangUpOnUnreadBodies } from '../http/unread-body.js';
import { signRegistryToken } from '../keys/registry-token.js';
import type { Log } from '../log.js';
import type { ServiceState } from '../metrics/state-gauges.js';
import { createRegistryClient, type RegistryClient } from '../registry-client/registry-client.js';
import { tokenIssuer } from '../registry/issue-token.js';
import { jwksRoutes } from '../registry/jwks-routes.js';
import { isMeantForTokens, isTokenRequest } from '../registry/realm.js';
import { misdirected, tokenDoor, type TokenDoorDeps } from '../registry/token-door.js';
import { gitMemory } from '../repositories/git-memory.js';
import { trackAccessTokenUses, type AccessTokenUses } from '../services/access-token-uses.js';
import { authenticate, refuseFaulty } from '../services/authenticate.js';
import { presentActor } from '../services/authority.js';
import { deployTokenCounts } from '../services/deploy-token-counts.js';
import { trackDeployTokenUses, type DeployTokenUses } from '../services/deploy-token-uses.js';
import { trackDenials, type DenialTracker } from '../services/denial-tracker.js';
import { imageTags } from '../services/image-tags.js';
import { ownVersion } from '../version.js';
import { loadAssets } from '../web/assets.js';
import { webDoor } from '../web/web-routes.js';
import type { BackgroundWork } from './background.js';
import type { Parts } from './parts.js';
import { denialsNotWritten, lfsDeps, upkeep, usesNotWritten } from './upkeep.js';

/** Bodies of the largest size that are in memory at once. */
const LARGE_FETCHES = 8;
const OWN_JWT_MS = 60_000;
/** No username holds a colon. */
const OWN_SUBJECT = 'pullgate:';

export interface Composition {
  readonly handler: Handler;
  /** Runs beside the requests while the service serves. */
  readonly background: readonly BackgroundWork[];
  /** What a scrape reads; the certificate of HTTPS belongs to the listening server. */
  readonly state: Omit<ServiceState, 'tlsNotAfter'>;
  /** Writes what is only in memory. Never fails: a stop goes on. */
  readonly writeLast: () => Promise<void>;
}

/** Puts the service together: the one place that knows every part. */
export function compose(parts: Parts): Composition {
  const { store, keys, config, now } = parts;
  const uses = trackDeployTokenUses({ store, now });
  const accessTokenUses = trackAccessTokenUses({ store, now });
  const denials = trackDenials({ store, now });
  const registry = registryClient(parts);
  return {
    handler: requestHandler(parts, { uses, accessTokenUses, denials, images: registry }),
    background: upkeep(parts, { uses, accessTokenUses, denials, registry }),
    state: {
      signingKeyNotAfter: () => keys.current().notAfter,
      caNotAfter: keys.caNotAfter,
      pingDatabase: store.ping,
      poolLoad: store.poolLoad,
      countDeployTokens: deployTokenCounts({ store, now }),
      workers: config.http.workers,
      gitLoad: parts.gitSlots.load,
    },
    async writeLast() {
      await uses.writeAll().catch(usesNotWritten(parts));
      await accessTokenUses.write().catch(usesNotWritten(parts));
      await denials.writeDue().catch(denialsNotWritten(parts));
      // The next process can do without the mark of the last five seconds.
      await parts.mark.keep().catch(() => undefined);
    },
  };
}

/** With JWTs of its own, which live for as long as one question. */
function registryClient({ config, keys, now }: Parts): RegistryClient {
  const { service: audience, issuer } = config.registry;
  return createRegistryClient({
    url: registryUrl(config.registry),
    bearer(access) {
      const issuedAt = now();
      const expiresAt = new Date(issuedAt.getTime() + OWN_JWT_MS);
      const claims = { issuer, audience, subject: OWN_SUBJECT, access, issuedAt, expiresAt };
      return signRegistryToken(keys.current(), claims);
    },
  });
}

/** Once: whoever sends the header could fill the log with it. */
function warnOfProxyOnce(log: Log): (peer: string) => void {
  let hasWarned = false;
  return (peer) => {
    if (!hasWarned) {
      hasWarned = true;
      log.warn(
        { peer },
        'X-Forwarded-For from an address that is not in http.trusted_proxies is ignored: ' +
          'behind a proxy, all clients then count as one',
      );
    }
  };
}

function requestHandler(
  parts: Parts,
  {
    uses,
    accessTokenUses,
    denials,
    images,
  }: {
    readonly uses: DeployTokenUses;
    readonly accessTokenUses: AccessTokenUses;
    readonly denials: DenialTracker;
    readonly images: RegistryClient;
  },
): Handler {
  const { config, store, repositories, keys, log, now } = parts;
  const { trustedProxies } = config.http;
  const begin = requestRecords({ trustedProxies, notTrusted: warnOfProxyOnce(log) }, [
    logRequests(log),
    ...(parts.metrics === null ? [] : [parts.metrics.observeRequest]),
    uses.observeRequest,
    accessTokenUses.observeRequest,
    denials.observeRequest,
  ]);
  const failed = failureLog(log);
  const authenticateDeps = {
    store,
    now,
    tokenPrefix: config.deployTokens.prefix,
    passwords: parts.passwords,
    limits: parts.limits,
  };

  const { registry } = config;
  const tokenDeps: TokenDoorDeps = {
    realm: tokenRealm(config),
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
    hasDeepProjects: parts.hasDeepProjects,
    authenticate: (presented, origin) => authenticate(authenticateDeps, presented, origin),
    refuse: (credentials, origin) => refuseFaulty(authenticateDeps, credentials, origin),
    corsOrigins: registry.corsOrigins,
    begin,
    failed,
  };
  const tokens = tokenDoor(tokenDeps);
  const elsewhere = misdirected(tokenDeps);
  const toGit = {
    authenticate: (credentials: Credentials, origin: Origin) =>
      authenticate(authenticateDeps, { credentials }, origin),
    refuse: (credentials: FaultyCredentials, origin: Origin) =>
      refuseFaulty(authenticateDeps, credentials, origin),
    findProject: store.places.projectByPath,
    presentActor: (actor: Actor) => presentActor(store, actor, now()),
  };
  const git = gitDoor({
    ...toGit,
    findRepository: repositories.find,
    limits: config.git,
    takeSlot: parts.gitSlots.take,
    bodyRoom: createBodyRoom(config.git.maxFetchBytes * LARGE_FETCHES),
    path: parts.path,
    memory: gitMemory(config.git.maxMemoryBytes, parts.path),
  });
  const lfs = lfsDoor({
    ...toGit,
    ...lfsDeps(parts),
    objects: parts.lfsObjects,
    limits: config.git,
    takeSlot: parts.lfsSlots.take,
    publicUrl: config.http.publicUrl,
  });
  const web = webDoor(
    {
      ...authenticateDeps,
      store,
      repositories,
      quotas: config.quotas,
      creators: config.projects.create,
      publicUrl: config.http.publicUrl,
      registryHost: registry.host,
      registryService: registry.service,
      idleMinutes: config.web.sessionIdleMinutes,
      hours: config.web.sessionHours,
      imageTags: imageTags(images),
      failed,
    },
    loadAssets(),
  );
  const api = apiRoutes({
    ...authenticateDeps,
    store,
    repositories,
    quotas: config.quotas,
    creators: config.projects.create,
    registry: images,
    publicUrl: config.http.publicUrl,
    registryHost: config.registry.host,
    version: ownVersion(),
  });
  const health = healthRoutes({
    readiness: parts.readiness.current,
    keysProblem: keys.problem,
    damagedKeys: () => keys.damaged().length,
  });

  const app = new Koa<RequestRecord>();
  // Connections that break; Koa would print them. What is wrong here, the middleware below logs.
  app.on('error', (error: unknown) => {
    log.debug({ err: error }, 'connection failed');
  });
  app.use(recordedRequests(begin));
  app.use(hangUpOnUnreadBodies);
  app.use(originFormOnly);
  app.use(unexpectedErrors(failed));
  app.use(jwksRoutes(keys.jwks).routes());
  app.use(health.routes());
  app.use(api.routes());
  app.use(goGetDoor({ ...toGit, publicUrl: config.http.publicUrl }));
  app.use(lfs);
  app.use(git);
  app.use(web);
  app.use(notFound);
  const others = app.callback();
  function handlerOf(request: IncomingMessage): Handler {
    if (isTokenRequest(request)) {
      return tokens;
    }
    return isMeantForTokens(request) ? elsewhere : others;
  }
  return async (request, response) => {
    request.url = collapseSlashes(request.url ?? '');
    try {
      await handlerOf(request)(request, response);
    } catch (error) {
      // Nothing is known to get here. What did would end the process, and all other requests with it.
      log.error({ err: error }, 'request failed without an answer');
      response.destroy();
    }
  };
}
