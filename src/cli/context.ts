import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { operatorWho, type OperatorActor } from '../access/actor.js';
import { readConfig } from '../config/load.js';
import { Secret } from '../credentials.js';
import { openRepositories, type Repositories } from '../repositories/repositories.js';
import { createPasswords, type Passwords } from '../services/passwords.js';
import { NO_QUOTAS, type Quotas } from '../services/quotas.js';
import type { Config } from '../config/schema.js';
import { openExistingStore, type Store } from '../store/open-store.js';

/** The process around the command line, so that no command reaches for it by itself. */
export interface CliContext {
  readonly env: NodeJS.ProcessEnv;
  readonly stdin: AsyncIterable<Buffer | string>;
  readonly now: () => Date;
  readonly writeOut: (text: string) => void;
  /** How wide the terminal is; null where the output goes elsewhere. */
  readonly columns: number | null;
  /** Of what may be long: no faster than it is read. */
  readonly writeAll: (texts: AsyncIterable<string>) => Promise<void>;
  readonly writeError: (text: string) => void;
  /** What long work is at, for whoever watches a terminal; nothing in a pipe. */
  readonly progress: (line: string) => void;
}

interface ProcessStreams extends Pick<CliContext, 'env' | 'stdin'> {
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: Writable & { readonly isTTY?: boolean };
}

/** Of a real process, whose output may end up in a pipe that is closed early. */
export function contextOf({ env, stdin, stdout, stderr }: ProcessStreams): CliContext {
  for (const stream of [stdout, stderr]) {
    stream.on('error', ignoreClosedPipe);
  }
  return {
    env,
    stdin,
    now: () => new Date(),
    columns: stdout.isTTY === true ? (stdout.columns ?? null) : null,
    writeOut: (text) => stdout.write(text),
    async writeAll(texts) {
      await pipeline(texts, stdout, { end: false }).catch(ignoreClosedPipe);
    },
    writeError: (text) => stderr.write(text),
    progress: (line) => stderr.isTTY === true && stderr.write(`${line}\n`),
  };
}

/** `pullgate … | head`: the reader has seen enough; the work itself goes on. */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') {
    throw error;
  }
}

/** What every use case needs of its surroundings. */
export interface OperatorDeps {
  readonly operator: OperatorActor;
  readonly store: Store;
  readonly repositories: Repositories;
  readonly now: () => Date;
  readonly tokenPrefix: string;
  readonly passwords: Passwords;
  readonly quotas: Quotas;
}

export async function withStore<T>(
  context: CliContext,
  work: (deps: OperatorDeps, config: Config) => Promise<T>,
): Promise<T> {
  const config = await readConfig(context);
  const store = await openExistingStore(config.database);
  try {
    const { prefix } = config.deployTokens;
    const repositories = openRepositories(config.git.root, context.env['PATH'] ?? '');
    const deps = {
      operator: operatorWho(context.env['SUDO_USER']),
      store,
      repositories,
      now: context.now,
      tokenPrefix: prefix,
      passwords: createPasswords(),
      quotas: NO_QUOTAS,
    };
    return await work(deps, config);
  } finally {
    await store.close();
  }
}

/** Standard input without the one line end that `echo` and an editor put after it. */
export async function readSecret({ stdin }: CliContext): Promise<Secret> {
  const chunks: Buffer[] = [];
  for await (const chunk of stdin) {
    chunks.push(Buffer.from(chunk));
  }
  return new Secret(
    Buffer.concat(chunks)
      .toString('utf8')
      .replace(/\r?\n$/, ''),
  );
}
