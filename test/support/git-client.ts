/** The real git as a client, with a home and settings of its own, and ready-made histories. */

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { run, runOrThrow, temporaryFolder, type RunResult } from './run.js';
import type { Login } from './token-client.js';

const TIMEOUT_MS = 120_000;
const AUTHOR = 'Ada <ada@example.com>';
const FIRST_COMMIT_AT = 1_700_000_000;

export interface GitClient {
  /** A new one for each client; clones go below it. */
  readonly folder: string;
  /** Runs git there, whatever its exit code. */
  readonly run: (args: readonly string[], options?: GitOptions) => Promise<RunResult>;
  /** Its standard output without the last line end; throws when it fails. */
  readonly git: (args: readonly string[], options?: GitOptions) => Promise<string>;
  readonly remove: () => Promise<void>;
}

export interface GitOptions {
  /** Below the client's folder. */
  readonly in?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string | Uint8Array;
}

export async function newGitClient(): Promise<GitClient> {
  const { path, remove } = await temporaryFolder('pullgate-git');
  const home = join(path, 'home');
  await mkdir(home);

  function optionsOf(options: GitOptions = {}): Parameters<typeof run>[2] & object {
    return {
      cwd: join(path, options.in ?? '.'),
      env: { ...clientEnv(home), ...options.env },
      timeoutMs: TIMEOUT_MS,
      ...(options.input === undefined ? {} : { input: options.input }),
    };
  }

  return {
    folder: path,
    run: async (args, options) => await run('git', args, optionsOf(options)),
    git: async (args, options) =>
      (await runOrThrow('git', args, optionsOf(options))).stdout.trimEnd(),
    remove,
  };
}

function clientEnv(home: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    HOME: home,
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_AUTHOR_NAME: 'Ada',
    GIT_AUTHOR_EMAIL: 'ada@example.com',
    GIT_COMMITTER_NAME: 'Ada',
    GIT_COMMITTER_EMAIL: 'ada@example.com',
  };
}

/** What a person would type, with the credentials in it. */
export function cloneUrl(origin: string, projectPath: string, login: Login | null = null): string {
  const url = new URL(`/${projectPath}`, origin);
  if (login !== null) {
    url.username = encodeURIComponent(login.username);
    url.password = encodeURIComponent(login.secret);
  }
  return url.href;
}

/** Writes a `git fast-import` stream into a bare repository, without a server in between. */
export async function importInto(repository: string, stream: string | Uint8Array): Promise<void> {
  const args = ['--git-dir', repository, 'fast-import', '--quiet', '--force'];
  await runOrThrow('git', args, {
    env: { PATH: process.env['PATH'] },
    input: stream,
    timeoutMs: TIMEOUT_MS,
  });
}

export interface HistoryOptions {
  readonly branch?: string;
  readonly commits: number;
  /** Put into the first commit, by name. */
  readonly files?: Readonly<Record<string, Uint8Array>>;
}

/** A `git fast-import` stream: commit `n` writes `n` into one of a hundred files. */
export function history({ branch = 'main', commits, files = {} }: HistoryOptions): Buffer {
  const pieces: Uint8Array[] = [];
  for (let number = 1; number <= commits; number += 1) {
    const text = `${branch} ${number}\n`;
    pieces.push(
      Buffer.from(
        `commit refs/heads/${branch}\ncommitter ${AUTHOR} ${FIRST_COMMIT_AT + number} +0000\n` +
          `${dataOf(`commit ${number}`)}${number === 1 ? 'deleteall\n' : ''}` +
          `M 100644 inline folder/file-${number % 100}.txt\n${dataOf(text)}`,
      ),
    );
    for (const [name, content] of number === 1 ? Object.entries(files) : []) {
      pieces.push(Buffer.from(`M 100644 inline ${name}\ndata ${content.length}\n`), content);
      pieces.push(Buffer.from('\n'));
    }
  }
  return Buffer.concat(pieces);
}

/** More references to the tip of `main`, as a `git fast-import` stream. */
export function references(names: readonly string[], from = 'refs/heads/main'): string {
  return names.map((name) => `reset ${name}\nfrom ${from}\n\n`).join('');
}

/** An annotated tag of the tip of `main`, as a `git fast-import` stream. */
export function annotatedTag(name: string): string {
  return `tag ${name}\nfrom refs/heads/main\ntagger ${AUTHOR} ${FIRST_COMMIT_AT} +0000\n${dataOf(name)}`;
}

function dataOf(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}\n`;
}

/** One line of git's wire format: its length in four hexadecimal digits, then its text. */
export function packetLine(text: string): string {
  return (text.length + 4).toString(16).padStart(4, '0') + text;
}

/** The body of a protocol v2 request for everything that a commit holds. */
export function fetchRequest(commit: string): string {
  return [
    packetLine('command=fetch'),
    '0001',
    packetLine('no-progress'),
    packetLine(`want ${commit}\n`),
    packetLine('done\n'),
    '0000',
  ].join('');
}
