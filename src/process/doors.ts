/** The doors of the service, each with what it needs of the parts. */

import { apiRoutes } from '../api/api-routes.js';
import type { Actor, Origin } from '../access/actor.js';
import { tokenRealm } from '../config/registry-url.js';
import type { Credentials, FaultyCredentials } from '../credentials.js';
import { createBodyRoom } from '../git/body-room.js';
import { gitDoor } from '../git/git-routes.js';
import { goGetDoor } from '../git/go-get.js';
import { lfsDoor } from '../git/lfs-routes.js';
import { isTrustedPeer } from '../http/client-address.js';
import { healthRoutes } from '../http/health-routes.js';
import { probeRoutes } from '../http/probe-routes.js';
import type { FailureLog } from '../http/errors.js';
import type { BeginRequest } from '../http/request-record.js';
import type { RegistryClient } from '../registry-client/registry-client.js';
import { tokenIssuer } from '../registry/issue-token.js';
import type { TokenDoorDeps } from '../registry/token-door.js';
import { gitMemory } from '../repositories/git-memory.js';
import { authenticate, refuseFaulty, type AuthenticateDeps } from '../services/authenticate.js';
import { presentActor } from '../services/authority.js';
import { imageTags } from '../services/image-tags.js';
import { ownVersion } from '../version.js';
import { loadAssets } from '../web/assets.js';
import { webDoor } from '../web/web-routes.js';
import type { PathWatch } from './path-watch.js';
import type { Parts } from './parts.js';
import { lfsDeps } from './upkeep.js';

/** Bodies of the largest size that are in memory at once. */
const LARGE_FETCHES = 8;

function authenticateDeps({ config, store, now, passwords, limits }: Parts): AuthenticateDeps {
  return { store, now, tokenPrefix: config.deployTokens.prefix, passwords, limits };
}

export function tokenDoorDeps(
  parts: Parts,
  { begin, failed }: { readonly begin: BeginRequest; readonly failed: FailureLog },
): TokenDoorDeps {
  const { config, store, keys, now } = parts;
  const { registry } = config;
  const deps = authenticateDeps(parts);
  return {
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
    authenticate: (presented, origin) => authenticate(deps, presented, origin),
    refuse: (credentials, origin) => refuseFaulty(deps, credentials, origin),
    corsOrigins: registry.corsOrigins,
    begin,
    failed,
  };
}

/** For code, in the order in which they are asked: `go get`, Git LFS, git itself. */
export function gitDoors(
  parts: Parts,
): readonly ReturnType<typeof gitDoor | typeof lfsDoor | typeof goGetDoor>[] {
  const { config, store, repositories, now } = parts;
  const { publicUrl } = config.http;
  const deps = authenticateDeps(parts);
  const known = {
    authenticate: (credentials: Credentials, origin: Origin) =>
      authenticate(deps, { credentials }, origin),
    refuse: (credentials: FaultyCredentials, origin: Origin) =>
      refuseFaulty(deps, credentials, origin),
    findProject: store.places.projectByPath,
    presentActor: (actor: Actor) => presentActor(store, actor, now()),
  };
  return [
    goGetDoor({ ...known, publicUrl }),
    lfsDoor({
      ...known,
      ...lfsDeps(parts),
      objects: parts.lfsObjects,
      limits: config.git,
      takeSlot: parts.lfsSlots.take,
      publicUrl,
    }),
    gitDoor({
      ...known,
      findRepository: repositories.find,
      limits: config.git,
      takeSlot: parts.gitSlots.take,
      bodyRoom: createBodyRoom(config.git.maxFetchBytes * LARGE_FETCHES),
      path: parts.path,
      memory: gitMemory(config.git.maxMemoryBytes, parts.path),
    }),
  ];
}

export function webDoorOf(
  parts: Parts,
  {
    images,
    failed,
    pathFindings,
  }: {
    readonly images: RegistryClient;
    readonly failed: FailureLog;
    readonly pathFindings: PathWatch['findings'];
  },
): ReturnType<typeof webDoor> {
  const { config, repositories, store } = parts;
  return webDoor(
    {
      ...authenticateDeps(parts),
      store,
      repositories,
      quotas: config.quotas,
      creators: config.projects.create,
      publicUrl: config.http.publicUrl,
      registryHost: config.registry.host,
      registryService: config.registry.service,
      idleMinutes: config.web.sessionIdleMinutes,
      hours: config.web.sessionHours,
      imageTags: imageTags(images),
      pathFindings,
      failed,
    },
    loadAssets(),
  );
}

export function apiOf(parts: Parts, images: RegistryClient): ReturnType<typeof apiRoutes> {
  const { config, repositories, store } = parts;
  return apiRoutes({
    ...authenticateDeps(parts),
    store,
    repositories,
    quotas: config.quotas,
    creators: config.projects.create,
    registry: images,
    publicUrl: config.http.publicUrl,
    registryHost: config.registry.host,
    version: ownVersion(),
  });
}

export function probeOf({ config, keys, store }: Parts): ReturnType<typeof probeRoutes> {
  const { trustedProxies } = config.http;
  return probeRoutes({
    isOwnToken: keys.isProbeToken,
    instance: async () => (await store.instance.read()).databaseId,
    isTrustedProxy: (peer) => isTrustedPeer(peer, trustedProxies),
  });
}

export function healthOf({ keys, readiness }: Parts): ReturnType<typeof healthRoutes> {
  return healthRoutes({
    readiness: readiness.current,
    keysProblem: keys.problem,
    damagedKeys: () => keys.damaged().length,
  });
}
