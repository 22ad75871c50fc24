import { spawn, type ChildProcess } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const EXECUTABLE = 0o111;
const START_TIMEOUT_MS = 20_000;
const STOP_TIMEOUT_MS = 5_000;
const POLL_MS = 30;
const LOG_MAX = 200_000;

/** Every executable file with one of these names, in the PATH's order. */
export async function findPrograms(names: readonly string[], path: string): Promise<string[]> {
  const folders = path.split(delimiter).filter((folder) => folder !== '');
  const files = folders.flatMap((folder) => names.map((name) => join(folder, name)));
  const usable = await Promise.all(files.map(isExecutable));
  return files.filter((_, index) => usable[index]);
}

export interface OwnProcess {
  readonly pid: number | undefined;
  /** The exit code, once all output is here; null if a signal ended it or it could not be started. */
  readonly exited: Promise<number | null>;
  /** Why it could not be started; null if it was. */
  readonly startFailure: () => Error | null;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Both, in the order of arrival, and why it could not be started. */
  readonly logs: () => string;
  readonly signal: (name: NodeJS.Signals) => void;
  /** SIGTERM, and SIGKILL if that is not enough; returns the exit code. */
  readonly stop: () => Promise<number | null>;
}

export interface OwnProcessOptions {
  /** The whole environment; ours where it is left out. */
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** For its standard input, which is closed then. */
  readonly input?: string | Uint8Array;
  /** How many characters of each output are kept: those at the end. */
  readonly keep?: number;
  readonly stopTimeoutMs?: number;
  /** What else must happen when SIGTERM was not enough. */
  readonly forceStop?: () => void;
  readonly onStdout?: (text: string) => void;
}

/** Starts a program, without a shell, that does not outlive this one. */
export function startOwnProcess(
  program: string,
  args: readonly string[],
  { env, cwd, input, keep = LOG_MAX, ...options }: OwnProcessOptions = {},
): OwnProcess {
  const child = spawn(program, args, { env, cwd, stdio: 'pipe' });
  const kept = { stdout: '', stderr: '', logs: '' };
  function remember(name: keyof typeof kept, text: string): void {
    kept[name] = (kept[name] + text).slice(-keep);
  }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      remember(name, text);
      remember('logs', text);
    });
  }
  child.stdout.on('data', (text: string) => options.onStdout?.(text));
  // A program that does not read its input may close it before all is written.
  child.stdin.on('error', () => {});
  child.stdin.end(input);

  let startFailure: Error | null = null;
  endWithUs(child);
  const exited = new Promise<number | null>((settle) => {
    child.once('error', (error) => {
      startFailure = error;
      remember('logs', `${error.message}\n`);
      settle(null);
    });
    child.once('close', settle);
  });

  async function stop(): Promise<number | null> {
    child.kill('SIGTERM');
    const impatience = setTimeout(() => {
      options.forceStop?.();
      child.kill('SIGKILL');
      // What it started itself may live on and hold these open.
      child.stdout.destroy();
      child.stderr.destroy();
    }, options.stopTimeoutMs ?? STOP_TIMEOUT_MS);
    const code = await exited;
    clearTimeout(impatience);
    return code;
  }

  return {
    pid: child.pid,
    exited,
    startFailure: () => startFailure,
    stdout: () => kept.stdout,
    stderr: () => kept.stderr,
    logs: () => kept.logs,
    signal: (name) => child.kill(name),
    stop,
  };
}

/** Waits for a program to end by itself; stops it, and throws with what it printed, if it takes too long. */
export async function endOf(
  own: OwnProcess,
  name: string,
  timeoutMs: number,
): Promise<number | null> {
  const patience = new AbortController();
  const timedOut = sleep(timeoutMs, 'timeout' as const, { signal: patience.signal }).catch(
    () => null,
  );
  const end = await Promise.race([own.exited, timedOut]);
  patience.abort();
  if (end === 'timeout') {
    await own.stop();
    throw new Error(`${name} took more than ${timeoutMs} ms. It printed:\n${own.logs()}`);
  }
  return end;
}

const running = new Set<ChildProcess>();

function endWithUs(child: ChildProcess): void {
  if (running.size === 0) {
    process.once('exit', endAll);
  }
  running.add(child);
  child.once('close', () => {
    running.delete(child);
    if (running.size === 0) {
      process.removeListener('exit', endAll);
    }
  });
}

function endAll(): void {
  for (const child of running) {
    child.kill('SIGTERM');
  }
}

/** Polls until the program is ready; if it exits or stays silent, stops it and throws with its log. */
export async function waitUntilReady(
  own: OwnProcess,
  what: string,
  isReady: () => Promise<boolean>,
): Promise<void> {
  const ended = own.exited.then((code) => `has ended (exit code ${code})`);
  const patience = AbortSignal.timeout(START_TIMEOUT_MS);
  let end: string | null = null;
  while (end === null && !patience.aborted) {
    if (await isReady()) {
      return;
    }
    end = await Promise.race([ended, sleep(POLL_MS, null)]);
  }
  await own.stop();
  // After a panic, the reason stands above the stacks of Go's routines.
  const [log = ''] = own.logs().split('\ngoroutine ', 1);
  const lastLines = log.trimEnd().split('\n').slice(-10).join('\n');
  throw new Error(`${what} ${end ?? 'does not answer'}. Its last lines:\n${lastLines}`);
}

async function isExecutable(file: string): Promise<boolean> {
  const found = await stat(file).catch(() => null);
  return found !== null && found.isFile() && (found.mode & EXECUTABLE) !== 0;
}
