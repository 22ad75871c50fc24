import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import {
  endOf,
  startOwnProcess,
  type OwnProcessOptions,
} from '../../src/quickstart/own-process.js';

export interface RunOptions extends Pick<OwnProcessOptions, 'env' | 'cwd' | 'input'> {
  readonly timeoutMs?: number;
}

export interface RunResult {
  /** Null if a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Both, in the order of arrival. */
  readonly output: string;
}

const TIMEOUT_MS = 60_000;
const POLL_MS = 20;
const PATIENCE_MS = 30_000;

/** Runs a program, without a shell, to its end, whatever its exit code; throws if it takes too long. */
export async function run(
  program: string,
  args: readonly string[],
  { timeoutMs = TIMEOUT_MS, ...options }: RunOptions = {},
): Promise<RunResult> {
  const own = startOwnProcess(program, args, { ...options, keep: Infinity, stopTimeoutMs: 0 });
  const code = await endOf(own, [program, ...args].join(' '), timeoutMs);
  const failure = own.startFailure();
  if (failure !== null) {
    throw failure;
  }
  return { code, stdout: own.stdout(), stderr: own.stderr(), output: own.logs() };
}

/** Like run(), and throws unless the program succeeds. */
export async function runOrThrow(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<RunResult> {
  const result = await run(program, args, options);
  if (result.code !== 0) {
    const command = [program, ...args].join(' ');
    throw new Error(`${command} ended with ${result.code}. It printed:\n${result.output}`);
  }
  return result;
}

/** A TCP port of 127.0.0.1 that nobody listened on a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') {
    throw new Error('A listening server has no port.');
  }
  return address.port;
}

export interface TemporaryFolder {
  readonly path: string;
  readonly remove: () => Promise<void>;
}

export async function temporaryFolder(prefix: string): Promise<TemporaryFolder> {
  const path = await mkdtemp(join(tmpdir(), `${prefix}-`));

  async function remove(): Promise<void> {
    // Container engines that were stopped in the middle of something leave mounts, which rm would enter.
    for (const mount of await mountsBelow(path)) {
      await runOrThrow('umount', ['--lazy', mount]);
    }
    await rm(path, { recursive: true, force: true, maxRetries: 5 });
  }

  return { path, remove };
}

/** The last mounted first. */
async function mountsBelow(folder: string): Promise<string[]> {
  const table = await readFile('/proc/self/mountinfo', 'utf8').catch(() => '');
  return table
    .split('\n')
    .map((line) => unescapeOctal(line.split(' ')[4] ?? ''))
    .filter((mount) => mount.startsWith(folder + sep))
    .toReversed();
}

function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}

/** Polls; throws with what it saw last when it does not happen in time. */
export async function eventually<T>(
  what: string,
  look: () => Promise<T>,
  isIt: (seen: T) => boolean,
): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const seen = await look();
    if (isIt(seen)) {
      return;
    }
    await pause(POLL_MS);
    if (performance.now() > deadline) {
      throw new Error(`${what} did not happen. Last seen: ${JSON.stringify(seen)}`);
    }
  }
}
