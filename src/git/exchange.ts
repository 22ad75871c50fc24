/** One request handed to git and git's answer handed back, both as streams: memory stays flat. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { AppError } from '../access/errors.js';
import { startGit, type GitProcess } from './git-process.js';
import { gitProtocol, type GitOperation } from './git-request.js';
import { answerHook } from './push-gate.js';
import type { TakeSlot } from './slots.js';

/** How soon an exchange ends whose caller has lost access. */
const LOOK_AGAIN_MS = 2000;

export interface ExchangeLimits {
  readonly idleSeconds: number;
  readonly totalSeconds: number;
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
  /** Throws an AppError once the caller may do this no longer. */
  readonly requireAccess: () => Promise<void>;
  /** The PATH to find git on. */
  readonly path: string;
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
  const release = await options.takeSlot(gone.signal);
  try {
    await runGit(options, gone.signal);
  } finally {
    release();
  }
}

async function runGit(options: ExchangeOptions, gone: AbortSignal): Promise<void> {
  const { request, operation, limits } = options;
  const git = startGit({
    operation,
    repository: options.repository,
    protocol: gitProtocol(request),
    path: options.path,
    maxPushBytes: limits.maxPushBytes,
  });
  const watch = watchProgress(git, limits);
  const access = watchAccess(git, options.requireAccess);
  answerHook(git.hook, options.requireAccess);
  gone.addEventListener('abort', git.kill);
  if (gone.aborted) {
    git.kill();
  }
  try {
    const sent = sendRequest(options, git, watch.progressed);
    await Promise.all([sent, sendAnswer(options, git, { progressed: watch.progressed, sent })]);
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
  git: GitProcess,
  progressed: () => void,
): Promise<void> {
  if (operation.step === 'advertise') {
    git.stdin.end();
    return;
  }
  const limit =
    operation.service === 'git-upload-pack' ? limits.maxFetchBytes : limits.maxPushBytes;
  const isPacked = (request.headers['content-encoding'] ?? 'identity') !== 'identity';
  const meters = [
    meter(limit, progressed),
    ...(isPacked ? [createGunzip(), meter(limit, progressed)] : []),
  ];
  try {
    await pipeline([request, ...meters, git.stdin]);
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
  { progressed, sent }: { readonly progressed: () => void; readonly sent: Promise<void> },
): Promise<void> {
  // Whether git can serve the repository shows in its first byte, and only then is a status sent.
  if (!(await hasOutput(git.stdout))) {
    // Git that was cut off from a damaged request may end well, with nothing to say.
    await sent;
    await requireSuccess(git, operation);
  }
  const kind = operation.step === 'advertise' ? 'advertisement' : 'result';
  response.writeHead(200, {
    'content-type': `application/x-${operation.service}-${kind}`,
    'cache-control': 'no-cache, max-age=0, must-revalidate',
    expires: 'Fri, 01 Jan 1980 00:00:00 GMT',
    pragma: 'no-cache',
  });
  if (operation.step === 'advertise') {
    response.write(serviceBanner(operation.service));
  }
  git.stdout.on('data', progressed);
  await pipeline(git.stdout, response, { end: false });
  // Git that was ended, by a time limit for example, has not said all: neither is the answer whole.
  if ((await git.exited) === null) {
    throw new AppError('unavailable', 'git was ended before it had finished.');
  }
  response.end();
}

async function requireSuccess(git: GitProcess, { step }: GitOperation): Promise<void> {
  if ((await git.exited) !== 0) {
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
function meter(limit: number, progressed: () => void): Transform {
  let size = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      size += chunk.length;
      progressed();
      if (size > limit) {
        done(new AppError('too_large', `The request body has more than ${limit} bytes.`));
      } else {
        done(null, chunk);
      }
    },
  });
}

function watchProgress(
  git: GitProcess,
  { idleSeconds, totalSeconds }: ExchangeLimits,
): { progressed: () => void; stop: () => void } {
  const total = setTimeout(git.kill, totalSeconds * 1000);
  const idle = setTimeout(git.kill, idleSeconds * 1000);
  return {
    progressed() {
      idle.refresh();
    },
    stop() {
      clearTimeout(total);
      clearTimeout(idle);
    },
  };
}

/** Ends git when the caller loses access meanwhile. A database that is away is no refusal. */
function watchAccess(
  git: GitProcess,
  requireAccess: () => Promise<void>,
): { refusal: () => AppError | null; stop: () => void } {
  let refusal: AppError | null = null;
  async function look(): Promise<void> {
    try {
      await requireAccess();
      timer.refresh();
    } catch (error) {
      if (error instanceof AppError && error.code !== 'unavailable') {
        refusal = error;
        git.kill();
      } else {
        timer.refresh();
      }
    }
  }
  const timer = setTimeout(() => void look(), LOOK_AGAIN_MS);
  return {
    refusal: () => refusal,
    stop() {
      clearTimeout(timer);
    },
  };
}

function isClosedPipe(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EPIPE';
}
