import { ANONYMOUS, subjectOf, type Actor, type Origin } from '../access/actor.js';
import { AppError } from '../access/errors.js';
import { gitRefusal, type GitAction } from '../access/git-access.js';
import { isPath, type Project } from '../access/project.js';
import { formatScope } from '../access/scope.js';
import { isFaulty, type Credentials, type FaultyCredentials } from '../credentials.js';
import { parseBasicAuth } from '../http/basic-auth.js';
import type { Door } from '../http/handler.js';
import { originOf, type RequestRecord } from '../http/request-record.js';
import { refusalError, type Authentication, type Refused } from '../services/authenticate.js';
import { networksOf } from '../services/networks.js';
import type { GitMemory } from '../repositories/git-memory.js';
import type { BodyRoom } from './body-room.js';
import { gitErrors } from './errors.js';
import { exchangeWithGit, type ExchangeLimits } from './exchange.js';
import { parseGitRequest, type GitRequest } from './git-request.js';
import type { TakeSlot } from './slots.js';

const ACCESS_DENIED = new AppError(
  'invalid_credentials',
  'Access denied: the username or the token is wrong, expired or revoked.',
);

export interface GitRoutesDeps {
  readonly authenticate: (credentials: Credentials, origin: Origin) => Promise<Authentication>;
  readonly refuse: (credentials: FaultyCredentials, origin: Origin) => Promise<Refused>;
  /** The actor as of now; throws when its credential or its user was revoked. */
  readonly presentActor: (actor: Actor) => Promise<Actor>;
  readonly findProject: (path: string) => Promise<Project | null>;
  /** The folder of a project's repository; null when there is none. */
  readonly findRepository: (projectId: number) => Promise<string | null>;
  readonly limits: ExchangeLimits;
  readonly takeSlot: TakeSlot;
  readonly bodyRoom: BodyRoom;
  /** The PATH to find git on. */
  readonly path: string;
  readonly memory: GitMemory;
}

/** git over smart HTTP: `/<project path>.git/info/refs` and the two services, with or without `.git`. */
export function gitDoor(deps: GitRoutesDeps): Door {
  return async function serveGit(ctx, next) {
    const request = parseGitRequest(ctx.req);
    if (request === null) {
      await next();
      return;
    }
    ctx.state.door = 'git';
    await gitErrors(
      ctx,
      async () => {
        await serve(deps, ctx, request);
      },
      request.operation,
    );
  };
}

async function serve(
  deps: GitRoutesDeps,
  ctx: Parameters<Door>[0],
  { projectPath, operation }: GitRequest,
): Promise<void> {
  if (operation === null) {
    throw new AppError('forbidden', 'Only git fetch, clone and push over smart HTTP are served.');
  }
  ctx.state.repository = projectPath;
  const actor = await actorOf(deps, ctx.req.headers.authorization, ctx.state);
  const action = operation.service === 'git-receive-pack' ? 'push' : 'fetch';
  const asked = { projectPath, action } as const;
  const project = await requireAccess(deps, { actor, ...asked }, ctx.state);
  const repository = project && (await deps.findRepository(project.id));
  if (repository === null) {
    throw new AppError('not_found', 'A repository for this project does not exist.');
  }
  ctx.respond = false;
  await exchangeWithGit({
    request: ctx.req,
    response: ctx.res,
    operation,
    repository,
    limits: deps.limits,
    takeSlot: deps.takeSlot,
    bodyRoom: deps.bodyRoom,
    who: whoIs(actor, ctx.state),
    async requireAccess() {
      const present = await deps.presentActor(actor);
      await requireAccess(deps, { actor: present, ...asked }, ctx.state);
    },
    path: deps.path,
    memory: deps.memory,
    complained(stderr) {
      ctx.state.git = stderr;
    },
  }).catch((error: unknown) => {
    if (ctx.res.headersSent) {
      ctx.state.error = error instanceof Error ? error.message : String(error);
      ctx.res.destroy();
      return;
    }
    ctx.respond = true;
    throw error;
  });
}

/** Who shares places with others: strangers of one network are one. */
export function whoIs(actor: Actor, record: RequestRecord): string {
  const { address } = originOf(record, 'git');
  return actor.kind === 'anonymous' ? (networksOf(address ?? '').at(-1) ?? '') : subjectOf(actor);
}

export interface AskedOfGit {
  readonly actor: Actor;
  /** As typed. */
  readonly projectPath: string;
  readonly action: GitAction;
}

/** The project; throws what `gitRefusal` says, before anything on disk is looked at. */
export async function requireAccess(
  deps: Pick<GitRoutesDeps, 'findProject'>,
  { actor, projectPath, action }: AskedOfGit,
  record: RequestRecord,
): Promise<Project | null> {
  const asked = { type: 'git', name: projectPath, actions: [action] };
  record.asked = [asked];
  const project = isPath(projectPath) ? await deps.findProject(projectPath) : null;
  const refusal = gitRefusal(actor, action, project);
  if (refusal !== null) {
    record.granted = [];
    record.refused = [{ ...asked, reason: refusal.reason }];
    throw refusal.error;
  }
  record.granted = [formatScope(asked)];
  return project;
}

/** Throws for credentials that are refused. */
export async function actorOf(
  deps: Pick<GitRoutesDeps, 'authenticate' | 'refuse'>,
  authorization: string | undefined,
  record: RequestRecord,
): Promise<Actor> {
  const credentials = parseBasicAuth(authorization);
  if (credentials === null) {
    return ANONYMOUS;
  }
  const origin = originOf(record, 'git');
  const authentication = isFaulty(credentials)
    ? await deps.refuse(credentials, origin)
    : await deps.authenticate(credentials, origin);
  if (!authentication.accepted) {
    record.refusedCredentials = authentication;
    throw refusalError(authentication, ACCESS_DENIED);
  }
  record.actor = authentication.actor;
  return authentication.actor;
}
