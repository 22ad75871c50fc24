/**
 * One request handed to git and git's answer handed back. Pushes and answers are streams: memory stays
 * flat. The body of a fetch is there before git is started, so that nobody holds a place by sending slowly.
 */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable, Transform, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { AppError } from '../access/errors.js';
import { readBody } from '../http/body.js';
import { noSpace, saysNoSpace } from '../repositories/no-space.js';
import type { GitMemory } from '../repositories/git-memory.js';
import { watchAccess } from './access-watch.js';
import type { BodyRoom } from './body-room.js';
import { startGit, type GitProcess } from './git-process.js';
import { gitProtocol, type GitOperation } from './git-request.js';
import { watchProgress, type ProgressLimits } from './progress.js';
import { answerHook } from './push-gate.js';
import type { TakeSlot } from './slots.js';

type Moved = (bytes: number) => void;

export interface ExchangeLimits extends ProgressLimits {
  readonly maxFetchBytes: number;
  readonly maxPushBytes: number;
}

export interface ExchangeOptions {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly operation: GitOperation;
  readonly repository: string;
  readonly limits: ExchangeLimits;
  readonly takeSlot: TakeSlot;
  readonly bodyRoom: BodyRoom;
  /** Whose place and room it is: an actor, or an anonymous caller's network. */
  readonly who: string;
  /** Throws an AppError once the caller may do this no longer. */
  readonly requireAccess: () => Promise<void>;
  /** The PATH to find git on. */
  readonly path: string;
  readonly memory: GitMemory;
  /** Gets what git complained of, for the log. */
  readonly complained: (stderr: string) => void;
}

/**
 * Throws an AppError as long as nothing of the answer is sent; afterwards an answer that cannot be
 * finished is cut off, which git notices. However it ends, git's programs are gone.
 */
export async function exchangeWithGit(options: ExchangeOptions): Promise<void> {
  const { request, response, operation } = options;
  if (operation.step === 'exchange') {
    requireContent(request, operation);
  }
  const gone = new AbortController();
  response.once('close', () => {
    gone.abort();
  });
  const share = options.bodyRoom(options.who);
  try {
    const body = isFetch(operation) ? await readFetch(options, share.take) : request;
    const release = await options.takeSlot(gone.signal, options.who);
    try {
      // It may have waited for minutes.
      await options.requireAccess();
      await runGit(options, body, gone.signal);
    } finally {
      release();
    }
  } finally {
    share.giveBack();
  }
}

function isFetch({ service, step }: GitOperation): boolean {
  return service === 'git-upload-pack' && step === 'exchange';
}

async function readFetch(
  { request, limits }: ExchangeOptions,
  arrived: (bytes: number) => void,
): Promise<Readable> {
  const deadlineMs = limits.idleSeconds * 1000;
  const body = await readBody(request, limits.maxFetchBytes, { deadlineMs, arrived });
  return Readable.from(body.length === 0 ? [] : [body]);
}

async function runGit(options: ExchangeOptions, body: Readable, gone: AbortSignal): Promise<void> {
  const { response, operation, limits } = options;
  const git = startGit({
    operation,
    repository: options.repository,
    protocol: gitProtocol(options.request),
    path: options.path,
    memory: options.memory,
    maxPushBytes: limits.maxPushBytes,
  });
  const watch = watchProgress(
    {
      isClientAwaited: () =>
        response.writableNeedDrain || isRequestAwaited(options.request, git.stdin),
      end: git.kill,
    },
    limits,
  );
  const access = watchAccess(options.requireAccess, git.kill);
  answerHook(git.hook, options.requireAccess);
  gone.addEventListener('abort', git.kill);
  if (gone.aborted) {
    git.kill();
  }
  try {
    const sent = sendRequest(options, { body, git, moved: watch.moved });
    await Promise.all([sent, sendAnswer(options, git, { moved: watch.moved, sent })]);
  } catch (error) {
    throw access.refusal() ?? error;
  } finally {
    watch.stop();
    access.stop();
    git.kill();
    const code = await git.exited;
    if (code !== 0 || git.stderr() !== '') {
      options.complained(git.stderr());
    }
  }
}

/** Whether git could read on and there is nothing of the request. */
function isRequestAwaited(request: IncomingMessage, stdin: Writable): boolean {
  return !request.complete && request.readableLength === 0 && !stdin.writableNeedDrain;
}

/** Exactly what git sends, as `git http-backend` wants it too. */
function requireContent(request: IncomingMessage, { service }: GitOperation): void {
  if (request.headers['content-type'] !== `application/x-${service}-request`) {
    throw new AppError(
      'invalid_input',
      `The content type must be application/x-${service}-request.`,
    );
  }
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (!['identity', 'gzip', 'x-gzip'].includes(encoding)) {
    throw new AppError('invalid_input', 'The content encoding must be gzip or none.');
  }
}

async function sendRequest(
  { request, operation, limits }: ExchangeOptions,
  {
    body,
    git,
    moved,
  }: { readonly body: Readable; readonly git: GitProcess; readonly moved: Moved },
): Promise<void> {
  if (operation.step === 'advertise') {
    git.stdin.end();
    return;
  }
  const limit =
    operation.service === 'git-upload-pack' ? limits.maxFetchBytes : limits.maxPushBytes;
  const isPacked = (request.headers['content-encoding'] ?? 'identity') !== 'identity';
  const meters = [
    meter(limit, moved),
    ...(isPacked ? [createGunzip(), meter(limit, () => {})] : []),
  ];
  try {
    await pipeline([body, ...meters, git.stdin]);
  } catch (error) {
    // Git may stop reading once it knows its answer, such as a refusal; that is no failure of ours.
    if (isClosedPipe(error)) {
      request.resume();
      return;
    }
    git.kill();
    throw error instanceof AppError
      ? error
      : new AppError('invalid_input', 'The request body is damaged, or took too long to arrive.', {
          cause: error,
        });
  }
}

async function sendAnswer(
  { response, operation }: ExchangeOptions,
  git: GitProcess,
  { moved, sent }: { readonly moved: Moved; readonly sent: Promise<void> },
): Promise<void> {
  // Whether git can serve the repository shows in its first byte, and only then is a status sent.
  if (!(await hasOutput(git.stdout))) {
    // Git that was cut off from a damaged request may end well, with nothing to say.
    await sent;
    await requireSuccess(git, operation);
  }
  requireNotEnded(git.isKilled());
  const kind = operation.step === 'advertise' ? 'advertisement' : 'result';
  response.writeHead(200, {
    'content-type': `application/x-${operation.service}-${kind}`,
    'cache-control': 'no-cache, max-age=0, must-revalidate',
    expires: 'Fri, 01 Jan 1980 00:00:00 GMT',
    pragma: 'no-cache',
    'x-content-type-options': 'nosniff',
  });
  if (operation.step === 'advertise') {
    response.write(serviceBanner(operation.service));
  }
  git.stdout.on('data', (chunk: Buffer) => {
    moved(chunk.length);
  });
  await pipeline(git.stdout, response, { end: false });
  const isEnded = (await git.exited) === null;
  requireNotEnded(isEnded || git.isKilled());
  response.end();
}

/** Git that was ended, by a time limit for example, has not said all: neither is the answer whole. */
function requireNotEnded(isEnded: boolean): void {
  if (isEnded) {
    throw new AppError('unavailable', 'git was ended before it had finished.');
  }
}

async function requireSuccess(git: GitProcess, { step }: GitOperation): Promise<void> {
  if ((await git.exited) !== 0) {
    if (saysNoSpace(git.stderr())) {
      throw noSpace();
    }
    throw step === 'exchange'
      ? new AppError('invalid_input', 'git could not make anything of the request.')
      : new AppError('unavailable', 'The repository cannot be read at the moment.');
  }
}

/** The first pkt-line and a flush, before the references. A v2 client skips it. */
function serviceBanner(service: string): string {
  const line = `# service=${service}\n`;
  const length = (line.length + 4).toString(16).padStart(4, '0');
  return `${length}${line}0000`;
}

async function hasOutput(stdout: Readable): Promise<boolean> {
  return await new Promise((resolve) => {
    stdout.once('readable', () => {
      resolve(stdout.readableLength > 0);
    });
    stdout.once('end', () => {
      resolve(false);
    });
    stdout.once('close', () => {
      resolve(false);
    });
  });
}

/** Counts bytes on their way; past the limit the transfer fails. */
function meter(limit: number, moved: Moved): Transform {
  let size = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      size += chunk.length;
      moved(chunk.length);
      if (size > limit) {
        done(new AppError('too_large', `The request body has more than ${limit} bytes.`));
      } else {
        done(null, chunk);
      }
    },
  });
}

function isClosedPipe(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EPIPE';
}
