import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { repositoriesIn } from './folders.js';
import { gitEnvironment, lowerPriority } from './git-environment.js';
import type { GitMemory } from './git-memory.js';

/** Of one repository. What is not done by then goes on the next day. */
const LONGEST_MS = 60 * 60 * 1000;
const STDERR_MAX = 2000;

export interface GarbageOptions {
  readonly root: string;
  /** The PATH to find git on. */
  readonly path: string;
  readonly memory: GitMemory;
  /** Ends it, and its git. */
  readonly stopping: AbortSignal;
  readonly failed: (repository: string, reason: string) => void;
}

/**
 * `git gc` where there is enough to do: one repository after the other, so that there is never more than
 * one. Pushes do not, so that nobody waits for it. git itself keeps two processes from doing the same.
 */
export async function collectGarbage({ root, failed, ...how }: GarbageOptions): Promise<void> {
  for (const name of await repositoriesIn(root)) {
    if (how.stopping.aborted) {
      return;
    }
    const reason = await collect(join(root, name), how);
    if (reason !== null && !how.stopping.aborted) {
      failed(name, reason);
    }
  }
}

/** What went wrong; null for nothing. */
async function collect(
  repository: string,
  { path, memory, stopping }: Pick<GarbageOptions, 'path' | 'memory' | 'stopping'>,
): Promise<string | null> {
  const settings = [`safe.directory=${repository}`, 'gc.autoDetach=false', ...memory.settings];
  const [program, ...args] = memory.command([
    ...settings.flatMap((setting) => ['-c', setting]),
    '--git-dir',
    repository,
    'gc',
    '--auto',
    '--quiet',
  ]);
  const child = spawn(program, args, {
    env: { ...gitEnvironment(path), ...memory.environment },
    // A process group of its own: repack and pack-objects below it end with it.
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  lowerPriority(child);
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-STDERR_MAX);
  });
  function end(): void {
    if (child.pid !== undefined && child.exitCode === null) {
      process.kill(-child.pid, 'SIGTERM');
    }
  }
  const patience = setTimeout(end, LONGEST_MS).unref();
  stopping.addEventListener('abort', end);
  try {
    await once(child, 'close');
    return child.exitCode === 0 ? null : stderr.trim() || 'git was ended';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    clearTimeout(patience);
    stopping.removeEventListener('abort', end);
  }
}
