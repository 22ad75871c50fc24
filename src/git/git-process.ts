import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { Duplex, type Readable, type Writable } from 'node:stream';
import { AppError } from '../access/errors.js';
import { gitEnvironment, lowerPriority } from '../repositories/git-environment.js';
import type { GitMemory } from '../repositories/git-memory.js';
import { HOOKS_FOLDER } from '../repositories/hooks-folder.js';
import type { GitOperation } from './git-request.js';
import { HOOK_DESCRIPTOR } from './push-gate.js';

/** What git is given to clean up, then to end, before the next signal. */
const PATIENCE_MS = 2000;
const STDERR_MAX = 2000;

export interface GitProcess {
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** Where a push asks before it changes anything. */
  readonly hook: Duplex;
  /** The exit code; null when a signal ended it. */
  readonly exited: Promise<number | null>;
  /** The end of what it wrote to standard error, for the log. */
  readonly stderr: () => string;
  /**
   * Ends it and every program that it started. A push cleans up after itself when its input ends early,
   * and not when it gets a signal, which comes later.
   */
  readonly kill: () => void;
  /** What it says from then on is not its answer. */
  readonly isKilled: () => boolean;
}

export interface GitProcessOptions {
  readonly operation: GitOperation;
  readonly repository: string;
  /** `version=2` and the like. */
  readonly protocol: string | null;
  readonly path: string;
  readonly memory: GitMemory;
  readonly maxPushBytes: number;
}

/** Runs `git upload-pack` or `git receive-pack` on one repository: no shell, nothing of our environment. */
export function startGit(options: GitProcessOptions): GitProcess {
  const { operation, repository, protocol, path, memory } = options;
  const env = {
    ...gitEnvironment(path),
    ...memory.environment,
    ...(protocol === null ? {} : { GIT_PROTOCOL: protocol }),
  };
  const args = [
    ...configuration(options).flatMap((setting) => ['-c', setting]),
    operation.service.replace(/^git-/, ''),
    ...(operation.service === 'git-upload-pack' ? ['--strict'] : []),
    '--stateless-rpc',
    ...(operation.step === 'advertise' ? ['--advertise-refs'] : []),
    '--',
    repository,
  ];
  // A process group of its own: pack-objects and index-pack below it end with it.
  const how: SpawnOptions = { env, detached: true, stdio: ['pipe', 'pipe', 'pipe', 'pipe'] };
  const [program, ...its] = memory.command(args);
  const child: ChildProcess = spawn(program, its, how);
  lowerPriority(child);
  let stderr = '';
  let isKilled = false;
  const exited = new Promise<number | null>((resolve) => {
    child.once('error', (error) => {
      stderr += error.message;
      resolve(null);
    });
    child.once('close', resolve);
  });
  // Where no pipe could be made (EMFILE), Node leaves them out altogether.
  const { stdin, stdout, stdio }: Partial<ChildProcess> = child;
  const hook = stdio?.[HOOK_DESCRIPTOR];
  if (!stdin || !stdout || !(hook instanceof Duplex)) {
    throw new AppError('unavailable', 'git cannot be started at the moment.');
  }
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-STDERR_MAX);
  });

  function signalGroup(signal: NodeJS.Signals): void {
    try {
      if (child.pid !== undefined) {
        process.kill(-child.pid, signal);
      }
    } catch {
      // Gone already.
    }
  }

  return {
    stdin,
    stdout,
    hook,
    exited,
    stderr: () => stderr.trim(),
    isKilled: () => isKilled,
    kill() {
      isKilled = true;
      const isPush = operation.service === 'git-receive-pack';
      stdin.destroy();
      if (isPush) {
        // Whoever reads it may be gone, and git would wait to say what went wrong.
        stdout.resume();
      } else {
        signalGroup('SIGTERM');
      }
      const timers = [
        ...(isPush ? [setTimeout(signalGroup, PATIENCE_MS, 'SIGTERM')] : []),
        setTimeout(signalGroup, 2 * PATIENCE_MS, 'SIGKILL'),
      ];
      void exited.finally(() => {
        timers.forEach(clearTimeout);
      });
    },
  };
}

/**
 * On the command line, where it wins over a repository's own configuration. The repository belongs to
 * this service, so that git need not doubt its owner; no hooks run but ours, and gc has a time of its own.
 */
function configuration({ repository, memory, maxPushBytes }: GitProcessOptions): string[] {
  return [
    ...memory.settings,
    `safe.directory=${repository}`,
    `core.hooksPath=${HOOKS_FOLDER}`,
    'core.alternateRefsCommand=true',
    'core.fsmonitor=false',
    'uploadpack.allowFilter=true',
    'uploadpack.allowReachableSHA1InWant=true',
    'receive.autogc=false',
    // A repository that says it has a working tree would check files out, through its own filters.
    'receive.denyCurrentBranch=ignore',
    'receive.fsckObjects=true',
    'receive.fsck.badTimezone=ignore',
    'receive.fsck.missingSpaceBeforeDate=ignore',
    'receive.fsck.zeroPaddedFilemode=ignore',
    `receive.maxInputSize=${maxPushBytes}`,
  ];
}
