import { execFile } from 'node:child_process';

const TIMEOUT_MS = 60_000;

export interface RunOptions {
  /** The whole environment; ours where it is left out. */
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** For its standard input. */
  readonly input?: string;
}

/**
 * What the program wrote to standard output. Throws, with what it wrote to standard error, when it
 * fails: never with its arguments, which may hold a secret.
 */
export async function runProgram(
  program: string,
  args: readonly string[],
  { env, cwd, input = '' }: RunOptions = {},
): Promise<string> {
  return await new Promise((resolve, reject) => {
    const child = execFile(
      program,
      args,
      { env, cwd, timeout: TIMEOUT_MS },
      (failure, stdout, stderr) => {
        if (failure === null) {
          resolve(stdout);
        } else {
          reject(new Error(`${program} ${args[0] ?? ''} failed: ${stderr.trim()}`));
        }
      },
    );
    // A program that ends without reading its input tells by its status how that went.
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}
