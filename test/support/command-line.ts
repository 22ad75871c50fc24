/** The command line in this process, on a database of its own: quicker than a program for each command. */

import { join } from 'node:path';
import { withStore, type CliContext, type OperatorDeps } from '../../src/cli/context.js';
import { runCommandLine, type LongRunning } from '../../src/cli/program.js';
import { temporaryFolder } from './run.js';

export interface CommandLine {
  /** Of the database and the keys. */
  readonly folder: string;
  /** Words separated by blanks, or a list of them. */
  readonly run: (
    command: string | readonly string[],
    context?: Partial<CliContext>,
  ) => Promise<CommandResult>;
  /** The standard output of one that succeeds. */
  readonly done: (
    command: string | readonly string[],
    context?: Partial<CliContext>,
  ) => Promise<string>;
  /** What commands work with. */
  readonly inside: <T>(work: (deps: OperatorDeps) => Promise<T>) => Promise<T>;
  readonly remove: () => Promise<void>;
}

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const NOT_HERE: LongRunning & { readonly version: string } = {
  async serve() {
    await Promise.reject(new Error('serve does not run here'));
  },
  async quickstart() {
    await Promise.reject(new Error('quickstart does not run here'));
  },
  version: '1.2.3',
};

async function* nothing(): AsyncGenerator<string> {}

export async function newCommandLine(env: NodeJS.ProcessEnv = {}): Promise<CommandLine> {
  const { path, remove } = await temporaryFolder('pullgate-cli-');
  const whole = {
    PATH: process.env['PATH'],
    PULLGATE_DATABASE_URL: `sqlite:${join(path, 'pullgate.db')}`,
    PULLGATE_CERTS_DIR: join(path, 'certs'),
    PULLGATE_GIT_ROOT: join(path, 'git'),
    ...env,
  };

  function contextFor(written: { out: string; error: string }): CliContext {
    return {
      env: whole,
      stdin: nothing(),
      now: () => new Date(),
      columns: null,
      writeOut: (text) => {
        written.out += text;
      },
      async writeAll(texts) {
        for await (const text of texts) {
          written.out += text;
        }
      },
      writeError: (text) => {
        written.error += text;
      },
      progress: () => undefined,
    };
  }

  async function run(
    command: string | readonly string[],
    context: Partial<CliContext> = {},
  ): Promise<CommandResult> {
    const argv = typeof command === 'string' ? command.split(' ') : command;
    const written = { out: '', error: '' };
    const code = await runCommandLine(argv, { ...contextFor(written), ...context }, NOT_HERE);
    return { code, stdout: written.out, stderr: written.error };
  }

  async function done(
    command: string | readonly string[],
    context?: Partial<CliContext>,
  ): Promise<string> {
    const { code, stdout, stderr } = await run(command, context);
    if (code !== 0) {
      throw new Error(`${String(command)} exits ${code}: ${stderr}`);
    }
    return stdout;
  }

  await done('migrate');
  return {
    folder: path,
    run,
    done,
    inside: async (work) => await withStore(contextFor({ out: '', error: '' }), work),
    remove,
  };
}
