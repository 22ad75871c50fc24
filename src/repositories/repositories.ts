/**
 * The bare repositories on disk: `<git.root>/<project id>.git`. No name from a request is ever part of
 * a path, and renaming a project moves nothing.
 */

import { execFile } from 'node:child_process';
import { lstat, mkdir, mkdtemp, realpath, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { AppError } from '../access/errors.js';
import { gitEnvironment } from './git-environment.js';

const DEFAULT_BRANCH = 'main';

export interface Repositories {
  /** The folder of a project's repository; null when there is none. */
  readonly find: (projectId: number) => Promise<string | null>;
  /** Makes an empty repository. */
  readonly create: (projectId: number) => Promise<void>;
  /**
   * Takes over the branches, tags and history of another repository, and nothing else: neither its
   * configuration nor its hooks. It is copied, and itself left as it was.
   */
  readonly adopt: (projectId: number, from: string) => Promise<void>;
  /** Whether it has neither branches nor tags. */
  readonly isEmpty: (projectId: number) => Promise<boolean>;
}

/** `path` is the PATH to find git on. */
export function openRepositories(root: string, path: string): Repositories {
  const folder = resolve(root);
  const env = gitEnvironment(path);

  function folderOf(projectId: number): string {
    return join(folder, `${projectId}.git`);
  }

  async function git(args: readonly string[]): Promise<string> {
    return (await promisify(execFile)('git', args, { env })).stdout;
  }

  /** Builds a repository beside its place and moves it there whole. */
  async function place(projectId: number, build: (draft: string) => Promise<void>): Promise<void> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const draft = await mkdtemp(join(folder, 'draft-'));
    try {
      await build(draft);
      await setAside(folderOf(projectId));
      await rename(draft, folderOf(projectId));
    } finally {
      await rm(draft, { recursive: true, force: true });
    }
  }

  async function init(draft: string): Promise<void> {
    // An empty template: no sample hooks, no description.
    await git([
      'init',
      '--quiet',
      '--bare',
      '--template=',
      `--initial-branch=${DEFAULT_BRANCH}`,
      '--',
      draft,
    ]);
  }

  return {
    async find(projectId) {
      return (await isFolder(folderOf(projectId))) ? folderOf(projectId) : null;
    },
    async create(projectId) {
      await place(projectId, init);
    },
    async adopt(projectId, from) {
      const source = await sourceOf(from);
      await place(projectId, async (draft) => {
        await init(draft);
        const safe = ['-c', `safe.directory=${source}`];
        const fetch = ['fetch', '--quiet', '--no-auto-gc', '--', source, '+refs/*:refs/*'];
        await git([...safe, '--git-dir', draft, ...fetch]);
        const head = await git([
          ...safe,
          '--git-dir',
          source,
          'rev-parse',
          '--symbolic-full-name',
          'HEAD',
        ]);
        if (head.startsWith('refs/heads/')) {
          await git(['--git-dir', draft, 'symbolic-ref', 'HEAD', head.trim()]);
        }
      });
    },
    async isEmpty(projectId) {
      const refs = await git(['--git-dir', folderOf(projectId), 'for-each-ref', '--count=1']);
      return refs === '';
    },
  };

  async function sourceOf(from: string): Promise<string> {
    try {
      const source = await realpath(from);
      const safe = ['-c', `safe.directory=${source}`];
      const isBare = await git([...safe, '--git-dir', source, 'rev-parse', '--is-bare-repository']);
      if (isBare.trim() === 'true') {
        return source;
      }
    } catch (error) {
      throw new AppError('invalid_input', `${from} is no git repository.`, { cause: error });
    }
    throw new AppError(
      'invalid_input',
      `${from} is no bare repository. Make one of it first: git clone --mirror ${from} copy.git`,
    );
  }
}

/** A repository whose project was never recorded, since the process died in between, makes room. */
async function setAside(folder: string): Promise<void> {
  if (await isFolder(folder)) {
    await rename(folder, `${folder}.${Date.now()}.orphan`);
  }
}

/** False for a symbolic link, which could lead anywhere. */
async function isFolder(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isDirectory();
  } catch {
    return false;
  }
}
