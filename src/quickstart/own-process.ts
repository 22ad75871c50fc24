import { spawn } from 'node:child_process';
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
  /** The exit code; null if a signal ended it. */
  readonly exited: Promise<number | null>;
  /** Standard output and standard error; of a long log, the end. */
  readonly logs: () => string;
  readonly signal: (name: NodeJS.Signals) => void;
  /** SIGTERM, and SIGKILL if that is not enough; returns when it is gone. */
  readonly stop: () => Promise<void>;
}

/**
 * Starts a program that does not outlive this one. Its standard input is closed; without `env`, it
 * inherits the environment. A program that cannot be started has exited, and its log says why.
 */
export function startOwnProcess(
  program: string,
  args: readonly string[],
  options: {
    readonly env?: NodeJS.ProcessEnv;
    readonly stopTimeoutMs?: number;
    /** What else must happen when SIGTERM was not enough. */
    readonly forceStop?: () => void;
  } = {},
): OwnProcess {
  const child = spawn(program, args, { env: options.env, stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  function remember(text: string): void {
    log = (log + text).slice(-LOG_MAX);
  }
  child.stdout.setEncoding('utf8').on('data', remember);
  child.stderr.setEncoding('utf8').on('data', remember);
  child.on('error', (error) => remember(`${error.message}\n`));

  function endWithUs(): void {
    child.kill('SIGTERM');
  }
  process.once('exit', endWithUs);
  const exited = new Promise<number | null>((settle) => {
    child.once('error', () => settle(null));
    child.once('close', settle);
  }).finally(() => process.removeListener('exit', endWithUs));

  async function stop(): Promise<void> {
    child.kill('SIGTERM');
    const impatience = setTimeout(() => {
      options.forceStop?.();
      child.kill('SIGKILL');
      // What it started itself may live on and hold these open.
      child.stdout.destroy();
      child.stderr.destroy();
    }, options.stopTimeoutMs ?? STOP_TIMEOUT_MS);
    await exited;
    clearTimeout(impatience);
  }

  return { exited, logs: () => log, signal: (name) => child.kill(name), stop };
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
