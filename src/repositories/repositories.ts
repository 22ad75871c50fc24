/**
 * The bare repositories on disk: `<git.root>/<project id>.git`. No name from a request is ever part of
 * a path, and renaming a project moves nothing.
 */

import { execFile } from 'node:child_process';
import {
  access,
  constants,
  lstat,
  mkdtemp,
  readdir,
  realpath,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { DEFAULT_BRANCH } from '../access/branch-name.js';
import { AppError } from '../access/errors.js';
import { giveTreeToOwnerOf, makeFolder } from '../file-owner.js';
import { asNoSpace } from './no-space.js';
import { DRAFT } from './sweep.js';
import { gitEnvironment, lowerPriority } from './git-environment.js';
import { copyLfsObjects } from './lfs-objects.js';
import { branchOfHead, hasBranch, hasNoReferences, readText, repairHead } from './head.js';

const REPOSITORY = /^(\d+)\.git$/;

export interface Repositories {
  /** Makes the folder if it is not there; throws `unavailable` when nothing can be kept in it. */
  readonly checkRoot: () => Promise<void>;
  /** Why nothing can be cloned or pushed on this host, as a sentence; null when it can. */
  readonly gitProblem: () => Promise<string | null>;
  /** The folder of a project's repository; null when there is none. */
  readonly find: (projectId: number) => Promise<string | null>;
  /** An empty repository, not yet in its place. */
  readonly prepareEmpty: (forWhom: string, defaultBranch: string) => Promise<RepositoryDraft>;
  /**
   * A copy of another repository's branches, tags, history and Git LFS objects, and of nothing else: neither its
   * configuration nor its hooks. The other one is left as it was.
   */
  readonly prepareCopy: (from: string) => Promise<RepositoryDraft>;
  /** The ids of those that are there, in order. */
  readonly ids: () => Promise<readonly number[]>;
  /** Whether there is neither a branch nor a tag to lose. */
  readonly isEmpty: (projectId: number) => Promise<boolean>;
  /** Read without starting a program, so that a list may ask for each of its projects. */
  readonly describe: (projectId: number) => Promise<RepositoryDescription>;
  /** Has clones check out this branch; false when it is not there and others are. */
  readonly setDefaultBranch: (projectId: number, branch: string) => Promise<boolean>;
}

export interface RepositoryDescription {
  /** What HEAD names, whether or not it has a commit. */
  readonly defaultBranch: string;
  readonly isEmpty: boolean;
}

/** A whole repository beside its place: what can fail has not failed. One of the two must be called. */
export interface RepositoryDraft {
  /** What its Git LFS objects take. */
  readonly lfsBytes: number;
  /** Called again, as a transaction that is repeated does, it moves the repository on. */
  readonly place: (projectId: number) => Promise<void>;
  /** Does nothing once it is in its place. */
  readonly discard: () => Promise<void>;
}

/** Makes an empty bare repository of an empty folder; who asks for it shares what it takes with others. */
export type InitRepository = (folder: string, forWhom: string) => Promise<void>;

/** `path` is the PATH to find git on. */
export function openRepositories(
  root: string,
  path: string,
  init: InitRepository = initByGit(path),
): Repositories {
  const folder = resolve(root);
  const env = gitEnvironment(path);

  function folderOf(projectId: number): string {
    return join(folder, `${projectId}.git`);
  }

  async function isEmpty(projectId: number): Promise<boolean> {
    const repository = folderOf(projectId);
    const list = ['--git-dir', repository, 'for-each-ref', '--count=1'];
    return !(await isFolder(repository)) || (await git(env, list)) === '';
  }

  async function checkRoot(): Promise<void> {
    try {
      await makeFolder(folder, 0o700);
      await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new AppError(
        'unavailable',
        `git.root: ${folder} cannot be used (${reason}). It must be a folder that Pullgate may write to.`,
        { cause: error },
      );
    }
  }

  async function makeDraft(): Promise<string> {
    try {
      await makeFolder(folder, 0o700);
      return await mkdtemp(join(folder, DRAFT));
    } catch (error) {
      throw asNoSpace(error);
    }
  }

  async function prepare(
    forWhom: string,
    fill: (draft: string) => Promise<number>,
  ): Promise<RepositoryDraft> {
    const draft = await makeDraft();
    async function discard(): Promise<void> {
      await rm(draft, { recursive: true, force: true });
    }
    let lfsBytes: number;
    try {
      await init(draft, forWhom);
      lfsBytes = await fill(draft);
      await giveTreeToOwnerOf(folder, draft);
    } catch (error) {
      await discard();
      throw asNoSpace(error);
    }
    let at = draft;
    return {
      lfsBytes,
      discard,
      async place(projectId) {
        const repository = folderOf(projectId);
        if (at === repository) {
          return;
        }
        if (await isEmpty(projectId)) {
          await rm(repository, { recursive: true, force: true });
        } else {
          // Left by a process that died before it had recorded the project; nobody's to throw away.
          await rename(repository, `${repository}.${Date.now()}.orphan`);
        }
        await rename(at, repository);
        at = repository;
      },
    };
  }

  return {
    checkRoot,
    async gitProblem() {
      const isThere = await Promise.all(
        path.split(delimiter).map(async (dir) => await isExecutable(join(dir, 'git'))),
      );
      return isThere.includes(true) ? null : 'git is not on the PATH: nobody can clone or push';
    },
    async find(projectId) {
      return (await isFolder(folderOf(projectId))) ? folderOf(projectId) : null;
    },
    async prepareEmpty(forWhom, defaultBranch) {
      return await prepare(forWhom, async (draft) => {
        if (defaultBranch !== DEFAULT_BRANCH) {
          await pointHead(env, draft, defaultBranch);
        }
        return 0;
      });
    },
    async prepareCopy(from) {
      return await prepare('', async (draft) => {
        const source = await copyHistory(env, from, draft);
        await repairHead(draft, path);
        return await copyLfsObjects(source, draft);
      });
    },
    async ids() {
      const names = await readdir(folder).catch(() => []);
      return names.flatMap((name) => Number(REPOSITORY.exec(name)?.[1] ?? [])).toSorted(ascending);
    },
    isEmpty,
    async describe(projectId) {
      const repository = folderOf(projectId);
      return {
        defaultBranch: (await branchOfHead(repository)) ?? DEFAULT_BRANCH,
        isEmpty: await hasNoReferences(repository),
      };
    },
    async setDefaultBranch(projectId, branch) {
      const repository = folderOf(projectId);
      const isThere = (await hasBranch(repository, branch)) || (await hasNoReferences(repository));
      if (isThere) {
        await pointHead(env, repository, branch);
      }
      return isThere;
    },
  };
}

async function pointHead(env: Environment, repository: string, branch: string): Promise<void> {
  await git(env, ['--git-dir', repository, 'symbolic-ref', 'HEAD', `refs/heads/${branch}`]);
}

export function initByGit(path: string): InitRepository {
  // An empty template: no sample hooks, no description.
  const args = ['init', '--quiet', '--bare', '--template=', `--initial-branch=${DEFAULT_BRANCH}`];
  return async (folder) => {
    await git(gitEnvironment(path), [...args, '--', folder]);
  };
}

function ascending(one: number, other: number): number {
  return one - other;
}

type Environment = Readonly<Record<string, string>>;

async function git(env: Environment, args: readonly string[]): Promise<string> {
  const running = promisify(execFile)('git', args, { env });
  lowerPriority(running.child);
  return (await running).stdout;
}

/** Returns the folder it copied. Throws `invalid_input`, with what git said, for what cannot be read. */
async function copyHistory(env: Environment, from: string, draft: string): Promise<string> {
  // The source may be another user's, which git doubts; its second process, which reads the source,
  // takes no settings from the command line.
  const settings = join(draft, 'adopt.config');
  await writeFile(settings, '[safe]\n\tdirectory = *\n');
  const trusting = { ...env, GIT_CONFIG_GLOBAL: settings };
  try {
    const source = await requireBare(trusting, from);
    const fetch = ['fetch', '--quiet', '--no-auto-gc', '--', source, '+refs/*:refs/*'];
    await git(trusting, ['--git-dir', draft, ...fetch]);
    const head = await headOf(trusting, source);
    if (head !== null) {
      await git(env, ['--git-dir', draft, 'symbolic-ref', 'HEAD', head]);
    }
    return source;
  } catch (error) {
    throw error instanceof AppError || asNoSpace(error) !== error
      ? error
      : new AppError('invalid_input', `${from} cannot be copied: ${lastLineOf(error)}`, {
          cause: error,
        });
  } finally {
    await rm(settings, { force: true });
  }
}

/** Returns the folder, past any symbolic link. */
async function requireBare(env: Environment, from: string): Promise<string> {
  let source: string;
  let isBare: string;
  try {
    source = await realpath(from);
    isBare = await git(env, ['--git-dir', source, 'rev-parse', '--is-bare-repository']);
  } catch (error) {
    throw new AppError('invalid_input', `${from} is no git repository.`, { cause: error });
  }
  if (isBare.trim() !== 'true') {
    throw new AppError(
      'invalid_input',
      `${from} is no bare repository. Make one of it first: git clone --mirror ${from} copy.git`,
    );
  }
  await requireOwnObjects(source);
  return source;
}

/** Whoever made the repository could else have the files of any other copied that Pullgate may read. */
async function requireOwnObjects(source: string): Promise<void> {
  const objects = join(source, 'objects');
  if (!(await isFolder(objects))) {
    throw new AppError('invalid_input', `${objects} is no folder: it could lead anywhere.`);
  }
  for (const name of ['alternates', 'http-alternates']) {
    const file = join(objects, 'info', name);
    if ((await readText(file)).trim() !== '') {
      throw new AppError(
        'invalid_input',
        `${source} borrows objects of other repositories (${file}). Make it whole first: ` +
          `git --git-dir ${source} repack -a -d, and remove that file.`,
      );
    }
  }
}

/** The branch that HEAD names, whether or not it has a commit; null for a detached HEAD. */
async function headOf(env: Environment, source: string): Promise<string | null> {
  try {
    const head = await git(env, ['--git-dir', source, 'symbolic-ref', '--quiet', 'HEAD']);
    return head.startsWith('refs/heads/') ? head.trim() : null;
  } catch {
    return null;
  }
}

/** Git says last what went wrong, or nearly so. */
function lastLineOf(error: unknown): string {
  const text =
    error instanceof Error && 'stderr' in error && typeof error.stderr === 'string'
      ? error.stderr
      : String(error);
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.find((line) => /^(fatal|error):/.test(line)) ?? lines.at(-1) ?? '';
}

async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
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
