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
import { originOf, type Door, type RequestState } from '../http/request-state.js';
import { refusalError, refusalFacts, type Authentication } from '../services/authenticate.js';
import type { DeployTokenUses } from '../services/deploy-token-uses.js';
import { registryErrors } from './errors.js';
import type { IssuedToken, IssueToken } from './issue-token.js';
import { tokenAnswer } from './token-answer.js';
import { parseGetRequest, readPostRequest, type TokenRequest } from './token-request.js';

export interface TokenDoorDeps {
  readonly service: string;
  readonly issuer: string;
  readonly now: () => Date;
  readonly issue: IssueToken;
  readonly authenticate: (credentials: Credentials, origin: Origin) => Promise<Authentication>;
  readonly recordUse: DeployTokenUses['record'];
  readonly findProjectsOf: (requested: readonly AccessEntry[]) => Promise<Project[]>;
}

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
export function tokenDoor(deps: TokenDoorDeps): Door {
  const answerErrors = registryErrors(deps.issuer);
  return async function serveTokens(ctx, next) {
    // Compared here and not by a router, which costs as much as reading the request.
    if (PATHS.includes(ctx.path)) {
      await answerErrors(ctx, async () => await answerMethod(deps, ctx));
    } else {
      await next();
    }
  };
}

async function answerMethod(deps: TokenDoorDeps, ctx: Parameters<Door>[0]): Promise<void> {
  switch (ctx.method) {
    case 'GET':
    case 'HEAD': {
      const request = parseGetRequest(ctx.querystring, ctx.req.headers.authorization);
      const { issued } = await answerRequest(deps, request, ctx.state);
      writeAnswer(ctx, tokenAnswer(issued, { now: deps.now(), scope: null }));
      break;
    }
    case 'POST': {
      const request = await readPostRequest(ctx.req);
      const { issued, access } = await answerRequest(deps, request, ctx.state);
      const scope = access.map(formatScope).join(' ');
      writeAnswer(ctx, tokenAnswer(issued, { now: deps.now(), scope }));
      break;
    }
    default:
      ctx.status = 405;
      ctx.set('allow', 'GET, POST');
      ctx.body = { errors: [{ code: 'UNSUPPORTED', message: 'Use GET or POST.', detail: null }] };
  }
}

function writeAnswer(ctx: Parameters<Door>[0], json: string): void {
  ctx.set('cache-control', 'no-store');
  ctx.type = 'json';
  ctx.body = json;
}

async function answerRequest(
  deps: TokenDoorDeps,
  request: TokenRequest,
  state: RequestState,
): Promise<{ issued: IssuedToken; access: AccessEntry[] }> {
  requireService(deps, request);
  const { clientAddress: address, userAgent, facts } = state;
  const requested = parseScopes(request.scopes);
  // In one turn of the event loop: the store looks up together what is asked together.
  const [actor, projects] = await Promise.all([
    actorOf(deps, request, state),
    deps.findProjectsOf(requested),
  ]);
  const repository = requested.find(({ type }) => type === 'repository')?.name ?? null;
  deps.recordUse(actor, { door: 'registry', address, userAgent, repository });
  facts['actor'] = subjectOf(actor);
  requireRegistryScope(actor);

  const access = grant(actor, requested, projects);
  facts['granted'] = access.map(formatScope);
  const subject = subjectOf(actor);
  return {
    issued: deps.issue({ subject, access, credentialsExpireAt: credentialsExpireAt(actor) }),
    access,
  };
}

/** The audience of a JWT is ours alone to say; one for another registry is never signed. */
function requireService(deps: TokenDoorDeps, { service }: TokenRequest): void {
  if (service !== deps.service) {
    throw new AppError(
      'invalid_input',
      `This token server serves ${JSON.stringify(deps.service)}, not the service that was asked for: ` +
        "the registry's auth.token.service and registry.service here must be the same.",
    );
  }
}

async function actorOf(
  deps: TokenDoorDeps,
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
