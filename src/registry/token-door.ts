import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  ANONYMOUS,
  credentialsExpireAt,
  subjectOf,
  type Actor,
  type Origin,
} from '../access/actor.js';
import type { DeployToken } from '../access/deploy-token.js';
import { AppError } from '../access/errors.js';
import type { OwnedPrefix } from '../access/project.js';
import { grant, registryRefusal } from '../access/registry-access.js';
import type { FaultyCredentials } from '../credentials.js';
import { noteRefusal, unexpectedErrorBody, type FailureLog } from '../http/errors.js';
import { REQUEST_ID_HEADER } from '../http/request-log.js';
import type { Handler } from '../http/handler.js';
import { originOf, type BeginRequest, type RequestRecord } from '../http/request-record.js';
import { HANG_UP } from '../http/unread-body.js';
import {
  refusalError,
  type Authentication,
  type Presented,
  type Refused,
} from '../services/authenticate.js';
import { corsHeaders } from './cors.js';
import { errorAnswer, METHOD_NOT_ALLOWED, PREFLIGHT, type RegistryAnswer } from './errors.js';
import type { IssuedToken, IssueToken } from './issue-token.js';
import { tokenAnswer } from './token-answer.js';
import { parseGetRequest, readPostRequest, type Asked, type ReadRequest } from './token-request.js';

export interface TokenDoorDeps {
  /** The address of this endpoint, as clients should be given it. */
  readonly realm: string;
  readonly service: string;
  readonly issuer: string;
  readonly now: () => Date;
  readonly issue: IssueToken;
  readonly lookUp: (question: {
    readonly secretDigest: string | null;
    readonly prefixes: readonly string[];
  }) => Promise<{
    readonly deployToken: DeployToken | null;
    readonly owned: readonly OwnedPrefix[];
  }>;
  /** Whether a project of before has more components than a new one may. */
  readonly hasDeepProjects: boolean;
  readonly authenticate: (presented: Presented, origin: Origin) => Promise<Authentication>;
  readonly refuse: (credentials: FaultyCredentials, origin: Origin) => Promise<Refused>;
  /** Whose pages may read the answers. */
  readonly corsOrigins: ReadonlySet<string>;
  readonly begin: BeginRequest;
  readonly failed: FailureLog;
}

/** For an unknown user and a wrong secret. One for all of them: an error costs as much as a look-up. */
const ACCESS_DENIED = new AppError(
  'invalid_credentials',
  'Access denied: the username or the token is wrong, expired or revoked. ' +
    'Ask a maintainer of the project for a new deploy token.',
);

/**
 * The token endpoint that the registry's `auth.token.realm` points at.
 * Protocol: distribution, spec/auth/token.md (GET) and spec/auth/oauth.md (POST).
 *
 * Without Koa: see docs/decisions/0023-token-door-without-koa.md.
 */
export function tokenDoor(deps: TokenDoorDeps): Handler {
  return async function serveToken(request, response) {
    const record = deps.begin(request, response);
    record.door = 'registry';
    send(deps, { request, response, record }, await answerRequest(deps, request, record));
  };
}

/** For requests that were meant for the token endpoint, and came in elsewhere. */
export function misdirected(deps: TokenDoorDeps): Handler {
  return function tellRealm(request, response) {
    const record = deps.begin(request, response);
    record.door = 'registry';
    const error = new AppError(
      'not_found',
      `This is not the token endpoint. The registry's auth.token.realm must be ${deps.realm}.`,
    );
    send(deps, { request, response, record }, answerError(deps, error, record));
    return Promise.resolve();
  };
}

function send(
  { corsOrigins }: TokenDoorDeps,
  {
    request,
    response,
    record,
  }: {
    readonly request: IncomingMessage;
    readonly response: ServerResponse;
    readonly record: RequestRecord;
  },
  answer: RegistryAnswer,
): void {
  response.writeHead(answer.status, answer.statusMessage, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': answer.json.length,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    [REQUEST_ID_HEADER]: record.requestId,
    ...answer.headers,
    ...corsHeaders(corsOrigins, request),
    ...(request.complete ? null : HANG_UP),
  });
  response.end(answer.json, 'latin1');
}

async function answerRequest(
  deps: TokenDoorDeps,
  request: IncomingMessage,
  record: RequestRecord,
): Promise<RegistryAnswer> {
  try {
    switch (request.method ?? '') {
      case 'GET':
      case 'HEAD': {
        const asked = parseGetRequest(queryOf(request), request.headers.authorization);
        const issued = await issueFor(deps, asked, record);
        return { status: 200, json: tokenAnswer(issued, { now: deps.now(), withScope: false }) };
      }
      case 'POST': {
        const asked = await readPostRequest(request);
        const issued = await issueFor(deps, asked, record);
        return { status: 200, json: tokenAnswer(issued, { now: deps.now(), withScope: true }) };
      }
      case 'OPTIONS':
        return deps.corsOrigins.has(request.headers.origin ?? '') ? PREFLIGHT : METHOD_NOT_ALLOWED;
      default:
        return METHOD_NOT_ALLOWED;
    }
  } catch (error) {
    return answerError(deps, error, record);
  }
}

function queryOf({ url = '' }: IncomingMessage): string {
  const questionMark = url.indexOf('?');
  return questionMark === -1 ? '' : url.slice(questionMark + 1);
}

function answerError(
  { issuer, failed }: TokenDoorDeps,
  error: unknown,
  record: RequestRecord,
): RegistryAnswer {
  if (error instanceof AppError) {
    noteRefusal(record, error);
    return errorAnswer(issuer, error);
  }
  failed(record.requestId, error);
  return { status: 500, json: JSON.stringify(unexpectedErrorBody(record.requestId)) };
}

async function issueFor(
  deps: TokenDoorDeps,
  request: ReadRequest,
  record: RequestRecord,
): Promise<IssuedToken> {
  if ('fault' in request) {
    throw await refuse(deps, request, record);
  }
  const { asked, credentials } = request;
  requireService(deps, asked);
  const { entries, prefixes, deepPrefixes, over, repositories } = asked;
  record.asked = entries;
  record.repository = repositories[0] ?? null;
  if (credentials === null) {
    // Before the database is asked for anything.
    requireUse(ANONYMOUS, asked, record);
  }
  const secretDigest = credentials && credentials.secret.digestText();
  const { deployToken, owned } = await deps.lookUp({
    secretDigest,
    prefixes: deps.hasDeepProjects ? [...prefixes, ...deepPrefixes] : prefixes,
  });
  const actor =
    credentials === null
      ? ANONYMOUS
      : requireAccepted(
          await deps.authenticate({ credentials, deployToken }, originOf(record, 'registry')),
          record,
        );
  record.actor = actor;
  requireUse(actor, asked, record);

  const { granted, refused } = grant(actor, entries, owned, over);
  record.refused = refused;
  const issued = deps.issue({
    subject: subjectOf(actor),
    access: granted,
    credentialsExpireAt: credentialsExpireAt(actor),
  });
  record.granted = issued.scopes;
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

async function refuse(
  deps: TokenDoorDeps,
  credentials: FaultyCredentials,
  record: RequestRecord,
): Promise<AppError> {
  const refused = await deps.refuse(credentials, originOf(record, 'registry'));
  record.refusedCredentials = refused;
  return refusalError(refused, ACCESS_DENIED);
}

function requireAccepted(authentication: Authentication, record: RequestRecord): Actor {
  if (!authentication.accepted) {
    record.refusedCredentials = authentication;
    throw refusalError(authentication, ACCESS_DENIED);
  }
  return authentication.actor;
}

function requireUse(actor: Actor, asked: Asked, record: RequestRecord): void {
  const refusal = registryRefusal(actor, asked);
  if (refusal === null) {
    return;
  }
  if (actor.kind !== 'anonymous') {
    record.refusedCredentials = { refusal: 'scope_missing' };
  }
  throw refusal;
}
