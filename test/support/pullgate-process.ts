/** Pullgate's command line as processes of their own, with an environment of their own. */

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { evidenceEnv, keepLog } from './run-evidence.js';
import { run, type RunOptions, type RunResult } from './run.js';

/** Tests run compiled, so this is the compiled program beside them. */
const PULLGATE = fileURLToPath(new URL('../../src/main.js', import.meta.url));
const LINE_TIMEOUT_MS = 20_000;
const STOP_TIMEOUT_MS = 30_000;

export interface ProcessOptions {
  /** The whole environment but for PATH: nothing of ours is inherited. */
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd: string;
}

export interface OwnScript {
  readonly pid: number | undefined;
  /** Standard output so far, line by line. */
  readonly lines: () => readonly string[];
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** The exit code, once all output is here; null if a signal ended it. */
  readonly exited: Promise<number | null>;
  /** The first line of standard output, also of those before, that fits; throws if none comes. */
  readonly line: (fits: (line: string) => boolean) => Promise<string>;
  readonly signal: (name: NodeJS.Signals) => void;
  /** SIGTERM, and SIGKILL if that is not enough; returns the exit code. */
  readonly stop: () => Promise<number | null>;
}

/** Runs one command to its end, whatever its exit code. */
export async function pullgate(
  args: readonly string[],
  options: ProcessOptions & Pick<RunOptions, 'input' | 'timeoutMs'>,
): Promise<RunResult> {
  const { env, ...others } = options;
  const result = await run(process.execPath, [PULLGATE, ...args], { ...others, env: ownEnv(env) });
  // Standard output is for whoever typed the command, and tells a new secret once.
  keepLog('command', result.stderr);
  return result;
}

/** Starts `pullgate serve`, or another command that stays. */
export function startPullgate(args: readonly string[], options: ProcessOptions): OwnScript {
  return startScript(PULLGATE, args, options);
}

/** Starts a compiled script, which does not outlive this process. */
export function startScript(
  script: string,
  args: readonly string[],
  { env, cwd }: ProcessOptions,
): OwnScript {
  const child = spawn(process.execPath, [script, ...args], {
    env: ownEnv(env),
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  const reader = createInterface({ input: child.stdout });
  reader.on('line', (text) => lines.push(text));
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));

  function endWithUs(): void {
    child.kill('SIGTERM');
  }
  process.once('exit', endWithUs);
  const exited = new Promise<number | null>((settle) => {
    child.once('error', () => settle(null));
    child.once('close', settle);
  }).finally(() => {
    process.removeListener('exit', endWithUs);
    keepLog('process', `${lines.join('\n')}\n${stderr}`);
  });

  async function line(fits: (line: string) => boolean): Promise<string> {
    const before = lines.find(fits);
    if (before !== undefined) {
      return before;
    }
    const patience = AbortSignal.timeout(LINE_TIMEOUT_MS);
    const given = new Promise<string>((resolve, reject) => {
      function look(text: string): void {
        if (fits(text)) {
          reader.removeListener('line', look);
          resolve(text);
        }
      }
      reader.on('line', look);
      patience.addEventListener('abort', () => {
        reader.removeListener('line', look);
        reject(new Error(`The line did not come. It printed:\n${lines.join('\n')}\n${stderr}`));
      });
    });
    const ended = exited.then((code): never => {
      throw new Error(`It ended with ${code} and printed:\n${lines.join('\n')}\n${stderr}`);
    });
    return await Promise.race([given, ended]);
  }

  async function stop(): Promise<number | null> {
    child.kill('SIGTERM');
    const impatience = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    const code = await exited;
    clearTimeout(impatience);
    return code;
  }

  return {
    pid: child.pid,
    lines: () => lines,
    stdout: () => lines.join('\n'),
    stderr: () => stderr,
    exited,
    line,
    signal: (name) => child.kill(name),
    stop,
  };
}

function ownEnv(env: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], ...evidenceEnv(), ...env };
}
