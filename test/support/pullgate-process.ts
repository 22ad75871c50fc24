/** Pullgate's command line as processes of their own, with an environment of their own. */

import { EventEmitter, once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { startOwnProcess, type OwnProcess } from '../../src/quickstart/own-process.js';
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

export interface StartOptions extends ProcessOptions {
  /** It also tells whoever started it new secrets, once: only its lines of JSON are a log. */
  readonly isTelling?: boolean;
}

export interface OwnScript extends Pick<
  OwnProcess,
  'pid' | 'stdout' | 'stderr' | 'exited' | 'signal' | 'stop'
> {
  /** Standard output so far, line by line. */
  readonly lines: () => readonly string[];
  /** The first line of standard output, also of those before, that fits; throws if none comes. */
  readonly line: (fits: (line: string) => boolean) => Promise<string>;
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
export function startPullgate(args: readonly string[], options: StartOptions): OwnScript {
  return startScript(PULLGATE, args, options);
}

/** Starts a compiled script, which does not outlive this process. */
export function startScript(
  script: string,
  args: readonly string[],
  { env, cwd, isTelling = false }: StartOptions,
): OwnScript {
  const printed = new EventEmitter();
  const own = startOwnProcess(process.execPath, [script, ...args], {
    env: ownEnv(env),
    cwd,
    keep: Infinity,
    stopTimeoutMs: STOP_TIMEOUT_MS,
    onStdout: () => printed.emit('text'),
  });
  const exited = own.exited.finally(() => {
    keepLog('process', isTelling ? jsonLines(own.logs()) : own.logs());
  });

  /** Whole ones: what stands after the last line end may go on. */
  function lines(): readonly string[] {
    return own.stdout().split('\n').slice(0, -1);
  }

  async function line(fits: (line: string) => boolean): Promise<string> {
    const patience = AbortSignal.timeout(LINE_TIMEOUT_MS);
    const ended = exited.then((code): never => {
      throw new Error(`It ended with ${code} and printed:\n${own.logs()}`);
    });
    // Whoever waits for it below is told; nobody may.
    ended.catch(() => {});
    for (;;) {
      const found = lines().find(fits);
      if (found !== undefined) {
        return found;
      }
      await Promise.race([once(printed, 'text', { signal: patience }), ended]).catch(
        (error: unknown) => {
          throw patience.aborted
            ? new Error(`The line did not come. It printed:\n${own.logs()}`)
            : error;
        },
      );
    }
  }

  return { ...own, exited, lines, line };
}

function jsonLines(text: string): string {
  return text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .join('\n');
}

function ownEnv(env: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], ...evidenceEnv(), ...env };
}
