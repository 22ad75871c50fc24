import type { IncomingMessage } from 'node:http';
import Koa from 'koa';
import { registryUrl } from '../config/registry-url.js';
import { failureLog, notFound, originFormOnly, unexpectedErrors } from '../http/errors.js';
import { logRequests, recordedRequests } from '../http/request-log.js';
import type { Handler } from '../http/handler.js';
import { collapseSlashes } from '../http/slashes.js';
import { requestRecords, type BeginRequest, type RequestRecord } from '../http/request-record.js';
import { hangUpOnUnreadBodies } from '../http/unread-body.js';
import { signRegistryToken } from '../keys/registry-token.js';
import type { Log } from '../log.js';
import type { ServiceState } from '../metrics/state-gauges.js';
import { createRegistryClient, type RegistryClient } from '../registry-client/registry-client.js';
import { jwksRoutes } from '../registry/jwks-routes.js';
import { isMeantForTokens, isTokenRequest } from '../registry/realm.js';
import { misdirected, tokenDoor } from '../registry/token-door.js';
import { trackAccessTokenUses, type AccessTokenUses } from '../services/access-token-uses.js';
import { deployTokenCounts } from '../services/deploy-token-counts.js';
import { trackDeployTokenUses, type DeployTokenUses } from '../services/deploy-token-uses.js';
import { trackDenials, type DenialTracker } from '../services/denial-tracker.js';
import type { BackgroundWork } from './background.js';
import { apiOf, gitDoors, healthOf, probeOf, tokenDoorDeps, webDoorOf } from './doors.js';
import type { Parts } from './parts.js';
import { examinePath, watchPath, type PathWatch } from './path-watch.js';
import { denialsNotWritten, upkeep, usesNotWritten } from './upkeep.js';

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
  const path = watchPath(parts, examinePath(parts));
  return {
    handler: requestHandler(parts, {
      uses,
      accessTokenUses,
      denials,
      images: registry,
      pathFindings: path.findings,
    }),
    background: [...upkeep(parts, { uses, accessTokenUses, denials, registry }), path.background],
    state: {
      signingKeyNotAfter: () => keys.current().notAfter,
      caNotAfter: keys.caNotAfter,
      pingDatabase: store.ping,
      poolLoad: store.poolLoad,
      countDeployTokens: deployTokenCounts({ store, now }),
      workers: config.http.workers,
      gitLoad: parts.gitSlots.load,
      lfsLoad: parts.lfsSlots.load,
      isRegistryPathOpen: path.isOpen,
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

/** What watches every request, and writes down what came of it. */
interface Watchers {
  readonly uses: DeployTokenUses;
  readonly accessTokenUses: AccessTokenUses;
  readonly denials: DenialTracker;
}

function requestHandler(
  parts: Parts,
  {
    images,
    pathFindings,
    ...watchers
  }: Watchers & {
    readonly images: RegistryClient;
    readonly pathFindings: PathWatch['findings'];
  },
): Handler {
  const { log } = parts;
  const begin = beginRequests(parts, watchers);
  const failed = failureLog(log);
  const tokenDeps = tokenDoorDeps(parts, { begin, failed });
  const tokens = tokenDoor(tokenDeps);
  const elsewhere = misdirected(tokenDeps);
  const app = new Koa<RequestRecord>();
  // Connections that break; Koa would print them. What is wrong here, the middleware below logs.
  app.on('error', (error: unknown) => {
    log.debug({ err: error }, 'connection failed');
  });
  app.use(recordedRequests(begin));
  app.use(hangUpOnUnreadBodies);
  app.use(originFormOnly);
  app.use(unexpectedErrors(failed));
  app.use(jwksRoutes(parts.keys.jwks).routes());
  app.use(healthOf(parts).routes());
  app.use(probeOf(parts).routes());
  app.use(apiOf(parts, images).routes());
  for (const door of gitDoors(parts)) {
    app.use(door);
  }
  app.use(webDoorOf(parts, { images, failed, pathFindings }));
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

function beginRequests(
  { config, log, metrics }: Parts,
  { uses, accessTokenUses, denials }: Watchers,
): BeginRequest {
  const { trustedProxies } = config.http;
  return requestRecords({ trustedProxies, notTrusted: warnOfProxyOnce(log) }, [
    logRequests(log),
    ...(metrics === null ? [] : [metrics.observeRequest]),
    uses.observeRequest,
    accessTokenUses.observeRequest,
    denials.observeRequest,
  ]);
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
