import { randomUUID } from 'node:crypto';
import type { Actor } from '../access/actor.js';
import { AppError } from '../access/errors.js';
import type { GitAction } from '../access/git-access.js';
import type { Project } from '../access/project.js';
import { readBody } from '../http/body.js';
import type { Door } from '../http/handler.js';
import type { LfsObjects } from '../repositories/lfs-objects.js';
import { beginLfsUpload, lfsRoom, type LfsDeps } from '../services/lfs.js';
import { actorOf, requireAccess, whoIs, type GitRoutesDeps } from './git-routes.js';
import { answerLfs, lfsErrors } from './lfs-errors.js';
import {
  LfsBatch,
  LfsObject,
  parseLfsBody,
  parseLfsRequest,
  parseRange,
  type LfsRequest,
} from './lfs-request.js';
import { receiveObject, sendObject, type TransferOptions } from './lfs-transfer.js';
import type { ProgressLimits } from './progress.js';
import type { TakeSlot } from './slots.js';

/** Of a batch: git-lfs asks for a hundred objects at once. */
const MAX_BODY_BYTES = 256 * 1024;

export interface LfsRoutesDeps
  extends LfsDeps, Pick<GitRoutesDeps, 'authenticate' | 'refuse' | 'presentActor' | 'findProject'> {
  readonly objects: LfsObjects;
  readonly limits: ProgressLimits & { readonly maxLfsObjectBytes: number };
  readonly takeSlot: TakeSlot;
  readonly publicUrl: string;
}

type Context = Parameters<Door>[0];

/** One who was let in, and where. */
interface Admitted {
  readonly actor: Actor;
  readonly project: Project;
  /** Throws once that is over. */
  readonly requireAccess: () => Promise<void>;
}

/** Git LFS beside each repository: `/<project path>.git/info/lfs/…`, with basic transfers. */
export function lfsDoor(deps: LfsRoutesDeps): Door {
  return async function serveLfs(ctx, next) {
    const request = parseLfsRequest(ctx.req.url ?? '');
    if (request === null) {
      await next();
      return;
    }
    ctx.state.door = 'git';
    await lfsErrors(ctx, async () => {
      await answer(deps, ctx, request);
    });
  };
}

async function answer(
  deps: LfsRoutesDeps,
  ctx: Context,
  { projectPath, operation }: LfsRequest,
): Promise<void> {
  const { method } = ctx;
  if (operation.kind === 'locks') {
    // What git-lfs takes for "no locks here", and goes on.
    ctx.status = 501;
    answerLfs(ctx, { message: 'Pullgate has no locks for Git LFS files.' });
  } else if (operation.kind === 'batch' && method === 'POST') {
    await answerBatch(deps, ctx, projectPath);
  } else if (operation.kind === 'verify' && method === 'POST') {
    await answerVerify(deps, ctx, projectPath);
  } else if (operation.kind === 'object' && method === 'GET') {
    await answerDownload(deps, ctx, { projectPath, oid: operation.oid });
  } else if (operation.kind === 'object' && method === 'PUT') {
    await answerUpload(deps, ctx, { projectPath, oid: operation.oid });
  } else {
    throw new AppError('not_found', 'Git LFS has no such address.');
  }
}

async function admit(
  deps: LfsRoutesDeps,
  ctx: Context,
  asked: { readonly projectPath: string; readonly action: GitAction },
): Promise<Admitted> {
  ctx.state.repository = asked.projectPath;
  const actor = await actorOf(deps, ctx.req.headers.authorization, ctx.state);
  const project = await requireAccess(deps, { actor, ...asked }, ctx.state);
  if (project === null) {
    throw new AppError('not_found', 'There is no such project.');
  }
  return {
    actor,
    project,
    async requireAccess() {
      const present = await deps.presentActor(actor);
      await requireAccess(deps, { actor: present, ...asked }, ctx.state);
    },
  };
}

async function answerBatch(deps: LfsRoutesDeps, ctx: Context, projectPath: string): Promise<void> {
  const body = await readBody(ctx.req, MAX_BODY_BYTES);
  const { operation, objects } = parseLfsBody(body, LfsBatch);
  const action = operation === 'upload' ? 'push' : 'fetch';
  const { project } = await admit(deps, ctx, { projectPath, action });
  const base = `${deps.publicUrl}/${project.path}.git/info/lfs/objects`;
  const answerOf =
    operation === 'upload' ? await uploads(deps, project, base) : downloads(deps, project, base);
  const answered: object[] = [];
  for (const object of objects) {
    answered.push({ ...object, ...(await answerOf(object)) });
  }
  answerLfs(ctx, { transfer: 'basic', objects: answered, hash_algo: 'sha256' });
}

type AnswerOfObject = (object: LfsObject) => Promise<object>;

function downloads({ objects }: LfsRoutesDeps, { id }: Project, base: string): AnswerOfObject {
  return async ({ oid, size }) => {
    const stored = await objects.sizeOf(id, oid);
    return stored === size
      ? { actions: { download: { href: `${base}/${oid}` } } }
      : objectError(404, 'There is no such object in this project.');
  };
}

/** Refuses early what cannot succeed. What counts is what arrives. */
async function uploads(
  deps: LfsRoutesDeps,
  project: Project,
  base: string,
): Promise<AnswerOfObject> {
  const { maxLfsObjectBytes } = deps.limits;
  let room = await lfsRoom(deps, project);
  return async ({ oid, size }) => {
    if ((await deps.objects.sizeOf(project.id, oid)) !== null) {
      return {};
    }
    if (size > maxLfsObjectBytes) {
      return objectError(413, `An object may have ${maxLfsObjectBytes} bytes.`);
    }
    if (size > room) {
      return objectError(507, 'The project has no room for this object.');
    }
    room -= size;
    return {
      actions: { upload: { href: `${base}/${oid}` }, verify: { href: `${base}/verify` } },
    };
  };
}

function objectError(code: number, message: string): object {
  return { error: { code, message } };
}

async function answerVerify(deps: LfsRoutesDeps, ctx: Context, projectPath: string): Promise<void> {
  const body = await readBody(ctx.req, MAX_BODY_BYTES);
  const { oid, size } = parseLfsBody(body, LfsObject);
  const { project } = await admit(deps, ctx, { projectPath, action: 'push' });
  if ((await deps.objects.sizeOf(project.id, oid)) !== size) {
    throw new AppError('not_found', 'There is no such object in this project.');
  }
  answerLfs(ctx, {});
}

interface OneObject {
  readonly projectPath: string;
  readonly oid: string;
}

async function answerDownload(
  deps: LfsRoutesDeps,
  ctx: Context,
  { projectPath, oid }: OneObject,
): Promise<void> {
  const admitted = await admit(deps, ctx, { projectPath, action: 'fetch' });
  const { id } = admitted.project;
  const size = await deps.objects.sizeOf(id, oid);
  if (size === null) {
    throw new AppError('not_found', 'There is no such object in this project.');
  }
  const range = parseRange(ctx.req.headers.range, size);
  ctx.set('accept-ranges', 'bytes');
  if (range === 'outside') {
    ctx.status = 416;
    ctx.set('content-range', `bytes */${size}`);
    answerLfs(ctx, { message: `The object has ${size} bytes.` });
    return;
  }
  const part = range === 'whole' ? { start: 0, end: size - 1 } : range;
  await sendObject(transfer(deps, ctx, admitted), () => {
    ctx.respond = false;
    ctx.res.writeHead(range === 'whole' ? 200 : 206, {
      'content-type': 'application/octet-stream',
      'content-length': part.end - part.start + 1,
      ...(range !== 'whole' && { 'content-range': `bytes ${part.start}-${part.end}/${size}` }),
    });
    return deps.objects.read(id, oid, part);
  }).catch((error: unknown) => {
    if (!ctx.res.headersSent) {
      throw error;
    }
    ctx.state.error = error instanceof Error ? error.message : String(error);
    ctx.res.destroy();
  });
}

async function answerUpload(
  deps: LfsRoutesDeps,
  ctx: Context,
  { projectPath, oid }: OneObject,
): Promise<void> {
  const admitted = await admit(deps, ctx, { projectPath, action: 'push' });
  const { actor, project } = admitted;
  const announced = Number(ctx.req.headers['content-length'] ?? 0);
  if (announced > (await lfsRoom(deps, project))) {
    throw new AppError('too_large', 'The project has no room for this object.');
  }
  requireSize(deps, announced);
  const upload = beginLfsUpload(deps, actor, project, randomUUID());
  try {
    await receiveObject(transfer(deps, ctx, admitted), async (body, moved) => {
      let before = 0;
      const draft = await deps.objects.receive(project.id, oid, body, {
        async arrived(bytes) {
          moved(bytes - before);
          before = bytes;
          requireSize(deps, bytes);
          await upload.arrived(bytes);
        },
      });
      try {
        await upload.finish(draft);
      } finally {
        await draft.discard();
      }
    });
  } finally {
    await upload.abandon();
  }
  answerLfs(ctx, {});
}

function requireSize({ limits: { maxLfsObjectBytes } }: LfsRoutesDeps, bytes: number): void {
  if (bytes > maxLfsObjectBytes) {
    throw new AppError('too_large', `A Git LFS object may have ${maxLfsObjectBytes} bytes.`);
  }
}

function transfer(
  { limits, takeSlot }: LfsRoutesDeps,
  ctx: Context,
  { actor, requireAccess: stillMay }: Admitted,
): TransferOptions {
  return {
    request: ctx.req,
    response: ctx.res,
    limits,
    takeSlot,
    who: whoIs(actor, ctx.state),
    requireAccess: stillMay,
  };
}
