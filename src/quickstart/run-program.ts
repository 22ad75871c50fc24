import { endOf, startOwnProcess, type OwnProcessOptions } from './own-process.js';

const TIMEOUT_MS = 60_000;

/**
 * What the program wrote to standard output. Throws, with what it wrote to standard error, when it
 * fails: never with its arguments, which may hold a secret.
 */
export async function runProgram(
  program: string,
  args: readonly string[],
  options: Pick<OwnProcessOptions, 'env' | 'cwd' | 'input'> = {},
): Promise<string> {
  const own = startOwnProcess(program, args, { ...options, keep: Infinity });
  const name = `${program} ${args[0] ?? ''}`;
  const code = await endOf(own, name, TIMEOUT_MS);
  if (code !== 0) {
    throw new Error(`${name} failed: ${own.startFailure()?.message ?? own.stderr().trim()}`);
  }
  return own.stdout();
}
