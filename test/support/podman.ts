import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { findSystemProgram } from './docker-engine.js';
import { run, type RunResult } from './run.js';

/** Runs podman to its end; `home` keeps it away from images and logins of this machine. */
export async function podman(home: string, args: readonly string[]): Promise<RunResult> {
  const program = await findSystemProgram('podman');
  if (program === null) {
    throw new Error('These tests need podman: apt-get update && apt-get install -y podman');
  }
  await mkdir(home, { recursive: true });
  const env = { PATH: process.env['PATH'], HOME: home, XDG_RUNTIME_DIR: home };
  const storage = ['--root', join(home, 'storage'), '--runroot', join(home, 'run')];
  // Without mounts, so that it works wherever the folder is.
  return await run(program, ['--storage-driver', 'vfs', ...storage, ...args], { env });
}
