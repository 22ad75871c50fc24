import { mkdir } from 'node:fs/promises';
import { findSystemProgram } from './docker-engine.js';
import { run, type RunResult } from './run.js';
import type { Login } from './token-client.js';

/** Runs skopeo to its end; `home` keeps it away from logins of this machine. */
export async function skopeo(
  home: string,
  args: readonly string[],
  more: NodeJS.ProcessEnv = {},
): Promise<RunResult> {
  const program = await findSystemProgram('skopeo');
  if (program === null) {
    throw new Error('These tests need skopeo: apt-get update && apt-get install -y skopeo');
  }
  await mkdir(home, { recursive: true });
  const env = { PATH: process.env['PATH'], HOME: home, XDG_RUNTIME_DIR: home, ...more };
  return await run(program, ['--insecure-policy', ...args], { env });
}

/** The value of `--creds` and its like. */
export function credsOf({ username, secret }: Login): string {
  return `${username}:${secret}`;
}
