import type { IncomingMessage } from 'node:http';
import {
  ANONYMOUS,
  credentialsExpireAt,
  subjectOf,
  type Actor,
  type Origin,
} from '../access/actor.js';
import type { DeployToken } from '../access/deploy-token.js';
import { AppError } from '../access/errors.js';
import { grant, mayUseRegistry } from '../access/permissions.js';
import type { Project } from '../access/project.js';
import type { Credentials } from '../credentials.js';
import { noteRefusal, unexpectedErrorBody, type FailureLog } from '../http/errors.js';
import { REQUEST_ID_HEADER, type BeginRequest } from '../http/request-log.js';
import { originOf, type Handler, type RequestState } from '../http/request-state.js';
import { HANG_UP } from '../http/unread-body.js';
import {
  refusalError,
  refusalFacts,
  type Authentication,
  type Presented,
} from '../services/authenticate.js';
import type { DeployTokenUses } from '../services/deploy-token-uses.js';
import { errorAnswer, METHOD_NOT_ALLOWED, type RegistryAnswer } from './errors.js';
import type { IssuedToken, IssueToken } from './issue-token.js';
import { tokenAnswer } from './token-answer.js';
import {
  parseGetRequest,
  readPostRequest,
  type Asked,
  type TokenRequest,
} from './token-request.js';

export interface TokenDoorDeps {
  readonly service: string;
  readonly issuer: string;
  readonly now: () => Date;
  readonly issue: IssueToken;
  readonly lookUp: (question: {
    readonly secretDigest: string | null;
    readonly namespaces: readonly string[];
  }) => Promise<{
    readonly deployToken: DeployToken | null;
    readonly projects: readonly Project[];
  }>;
  readonly authenticate: (presented: Presented, origin: Origin) => Promise<Authentication>;
  readonly recordUse: DeployTokenUses['record'];
  readonly begin: BeginRequest;
  readonly failed: FailureLog;
}

/** The second path is GitLab's, for a registry that was set up for it. */
const PATH = /^\/(?:token|jwt\/auth)(?:\?|$)/;
/** One text for an unknown user, a wrong secret, a revoked and an expired token. */
const ACCESS_DENIED =
  'Access denied: the username or the token is wrong, expired or revoked. ' +
  'Ask a maintainer of the project for a new deploy token.';

export function isTokenRequest({ url = '' }: IncomingMessage): boolean {
  return PATH.test(url);
}

/**
 * The token endpoint that the registry's `auth.token.realm` points at.
 * Protocol: distribution, spec/auth/token.md (GET) and spec/auth/oauth.md (POST).
 *
 * Without Koa: see docs/decisions/0023-token-door-without-koa.md.
 */
export function tokenDoor(deps: TokenDoorDeps): Handler {
  return async function serveToken(request, response) {
    const state = deps.begin(request, response);
    state.facts['door'] = 'registry';
    const answer = await answerRequest(deps, request, state);
    response.writeHead(answer.status, {
      'content-type': 'application/json; charset=utf-8',
      'content-length': answer.json.length,
      'cache-control': 'no-store',
      [REQUEST_ID_HEADER]: state.requestId,
      ...answer.headers,
      ...(request.complete ? null : HANG_UP),
    });
    response.end(answer.json, 'latin1');
  };
}

async function answerRequest(
  deps: TokenDoorDeps,
  request: IncomingMessage,
  state: RequestState,
): Promise<RegistryAnswer> {
  try {
    switch (request.method ?? '') {
      case 'GET':
      case 'HEAD': {
        const asked = parseGetRequest(queryOf(request), request.headers.authorization);
        const issued = await issueFor(deps, asked, state);
        return { status: 200, json: tokenAnswer(issued, { now: deps.now(), withScope: false }) };
      }
      case 'POST': {
        const asked = await readPostRequest(request);
        const issued = await issueFor(deps, asked, state);
        return { status: 200, json: tokenAnswer(issued, { now: deps.now(), withScope: true }) };
      }
      default:
        return METHOD_NOT_ALLOWED;
    }
  } catch (error) {
    return answerError(deps, error, state);
  }
}

function queryOf({ url = '' }: IncomingMessage): string {
  const questionMark = url.indexOf('?');
  return questionMark === -1 ? '' : url.slice(questionMark + 1);
}

function answerError(
  { issuer, failed }: TokenDoorDeps,
  error: unknown,
  state: RequestState,
): RegistryAnswer {
  if (error instanceof AppError) {
    noteRefusal(state, error);
    return errorAnswer(issuer, error);
  }
  failed(state.requestId, error);
  return { status: 500, json: JSON.stringify(unexpectedErrorBody(state.requestId)) };
}

async function issueFor(
  deps: TokenDoorDeps,
  { asked, credentials }: TokenRequest,
  state: RequestState,
): Promise<IssuedToken> {
  requireService(deps, asked);
  requireCredentialsToLogIn(asked, credentials);
  const { clientAddress: address, userAgent, facts } = state;
  const { entries, namespaces, repositories } = asked;
  const secretDigest = credentials && credentials.secret.digestText();
  const { deployToken, projects } = await deps.lookUp({ secretDigest, namespaces });
  const origin = originOf(state, 'registry');
  const actor =
    credentials === null
      ? ANONYMOUS
      : requireAccepted(await deps.authenticate({ credentials, deployToken }, origin), facts);
  const repository = repositories[0] ?? null;
  deps.recordUse(actor, { door: 'registry', address, userAgent, repository });
  const subject = subjectOf(actor);
  facts['actor'] = subject;
  requireRegistryScope(actor);

  const access = grant(actor, entries, projects);
  const issued = deps.issue({ subject, access, credentialsExpireAt: credentialsExpireAt(actor) });
  facts['granted'] = issued.scopes;
  return issued;
}

/** The audience of a JWT is ours alone to say; one for another registry is never signed. */
function requireService(deps: TokenDoorDeps, { service }: Asked): void {
  if (service !== deps.service) {
    throw new AppError(
      'invalid_input',
      `This token server serves ${JSON.stringify(deps.service)}, not the service that was asked for: ` +
        "the registry's auth.token.service and registry.service here must be the same.",
    );
  }
}

/**
 * Clients send no header at all for an empty username or password; a `docker login` with one asks for
 * no scope, and must not succeed.
 */
function requireCredentialsToLogIn({ hasScope }: Asked, credentials: Credentials | null): void {
  if (credentials === null && !hasScope) {
    throw new AppError('invalid_credentials', 'A username and a token are needed to log in.');
  }
}

function requireAccepted(authentication: Authentication, facts: RequestState['facts']): Actor {
  if (!authentication.accepted) {
    Object.assign(facts, refusalFacts(authentication));
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
