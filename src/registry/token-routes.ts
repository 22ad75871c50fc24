import { Router } from '@koa/router';
import {
  ANONYMOUS,
  credentialsExpireAt,
  subjectOf,
  type Actor,
  type Origin,
} from '../access/actor.js';
import { AppError } from '../access/errors.js';
import { grant, mayUseRegistry } from '../access/permissions.js';
import type { Project } from '../access/project.js';
import { formatScope, parseScopes, type AccessEntry } from '../access/scope.js';
import type { Credentials } from '../credentials.js';
import { originOf, type RequestState } from '../http/request-state.js';
import { signRegistryToken } from '../keys/registry-token.js';
import type { SigningKey } from '../keys/signing-key.js';
import { refusalError, refusalFacts, type Authentication } from '../services/authenticate.js';
import type { DeployTokenUses } from '../services/deploy-token-uses.js';
import { registryErrors } from './errors.js';
import { parseGetRequest, readPostRequest, type TokenRequest } from './token-request.js';

export interface TokenRoutesDeps {
  readonly service: string;
  readonly issuer: string;
  readonly tokenTtlSeconds: number;
  readonly now: () => Date;
  readonly signingKey: () => SigningKey;
  readonly authenticate: (credentials: Credentials, origin: Origin) => Promise<Authentication>;
  readonly recordUse: DeployTokenUses['record'];
  readonly findProjectsOf: (requested: readonly AccessEntry[]) => Promise<Project[]>;
}

interface TokenAnswer {
  readonly token: string;
  readonly access_token: string;
  readonly expires_in: number;
  readonly issued_at: string;
}

/** Shorter lives are refused by clients: spec/auth/token.md, `expires_in`. */
const MIN_EXPIRES_IN = 60;
/** The second path is GitLab's, for a registry that was set up for it. */
const PATHS = ['/token', '/jwt/auth'];
/** One text for an unknown user, a wrong secret, a revoked and an expired token. */
const ACCESS_DENIED =
  'Access denied: the username or the token is wrong, expired or revoked. ' +
  'Ask a maintainer of the project for a new deploy token.';

/**
 * The token endpoint that the registry's `auth.token.realm` points at.
 * Protocol: distribution, spec/auth/token.md (GET) and spec/auth/oauth.md (POST).
 */
export function tokenRoutes(deps: TokenRoutesDeps): Router<RequestState> {
  const router = new Router<RequestState>();
  router.use(PATHS, registryErrors(deps.issuer));

  router.get(PATHS, async (ctx) => {
    const request = parseGetRequest(ctx.querystring, ctx.req.headers.authorization);
    const { answer } = await answerRequest(deps, request, ctx.state);
    ctx.set('cache-control', 'no-store');
    ctx.body = answer;
  });

  router.post(PATHS, async (ctx) => {
    const request = await readPostRequest(ctx.req);
    const { answer, access } = await answerRequest(deps, request, ctx.state);
    ctx.set('cache-control', 'no-store');
    ctx.body = { ...answer, scope: access.map(formatScope).join(' ') };
  });

  router.all(PATHS, (ctx) => {
    ctx.status = 405;
    ctx.set('allow', 'GET, POST');
    ctx.body = { errors: [{ code: 'UNSUPPORTED', message: 'Use GET or POST.', detail: null }] };
  });

  return router;
}

async function answerRequest(
  deps: TokenRoutesDeps,
  request: TokenRequest,
  state: RequestState,
): Promise<{ answer: TokenAnswer; access: AccessEntry[] }> {
  requireService(deps, request);
  const { clientAddress: address, userAgent, facts } = state;
  const actor = await actorOf(deps, request, state);
  const requested = parseScopes(request.scopes);
  const repository = requested.find(({ type }) => type === 'repository')?.name ?? null;
  deps.recordUse(actor, { door: 'registry', address, userAgent, repository });
  facts['actor'] = subjectOf(actor);
  requireRegistryScope(actor);

  const access = grant(actor, requested, await deps.findProjectsOf(requested));
  facts['granted'] = access.map(formatScope);
  return { answer: await issueToken(deps, actor, access), access };
}

/** The audience of a JWT is ours alone to say; one for another registry is never signed. */
function requireService(deps: TokenRoutesDeps, { service }: TokenRequest): void {
  if (service !== deps.service) {
    throw new AppError(
      'invalid_input',
      `This token server serves ${JSON.stringify(deps.service)}, not the service that was asked for: ` +
        "the registry's auth.token.service and registry.service here must be the same.",
    );
  }
}

async function actorOf(
  deps: TokenRoutesDeps,
  { credentials, scopes }: TokenRequest,
  state: RequestState,
): Promise<Actor> {
  if (credentials === null) {
    // Clients send no header at all for an empty username or password; a `docker login` with one
    // asks for no scope, and must not succeed.
    if (scopes.length === 0) {
      throw new AppError('invalid_credentials', 'A username and a token are needed to log in.');
    }
    return ANONYMOUS;
  }
  const authentication = await deps.authenticate(credentials, originOf(state, 'registry'));
  if (!authentication.accepted) {
    Object.assign(state.facts, refusalFacts(authentication));
    throw refusalError(authentication, ACCESS_DENIED);
  }
  return authentication.actor;
}

function requireRegistryScope(actor: Actor): void {
  if (!mayUseRegistry(actor)) {
    throw new AppError(
      'forbidden',
      actor.kind === 'deploy-token'
        ? 'This deploy token has no read_registry scope, so it cannot be used with the registry.'
        : 'This personal access token has neither read_registry nor write_registry, so it cannot be used with the registry.',
    );
  }
}

async function issueToken(
  deps: TokenRoutesDeps,
  actor: Actor,
  access: readonly AccessEntry[],
): Promise<TokenAnswer> {
  const issuedAt = wholeSecond(deps.now());
  const expiresAt = earlier(
    new Date(issuedAt.getTime() + deps.tokenTtlSeconds * 1000),
    credentialsExpireAt(actor),
  );
  const token = await signRegistryToken(deps.signingKey(), {
    issuer: deps.issuer,
    audience: deps.service,
    subject: subjectOf(actor),
    access,
    issuedAt,
    expiresAt,
  });
  const life = Math.floor((expiresAt.getTime() - issuedAt.getTime()) / 1000);
  return {
    token,
    access_token: token,
    // With less left than clients take, they are told the minimum. The JWT itself still dies on
    // time, and the registry's leeway of 60 s covers the difference.
    expires_in: Math.max(MIN_EXPIRES_IN, life),
    issued_at: issuedAt.toISOString(),
  };
}

function wholeSecond(instant: Date): Date {
  return new Date(Math.floor(instant.getTime() / 1000) * 1000);
}

function earlier(instant: Date, other: Date | null): Date {
  return other !== null && other < instant ? other : instant;
}
