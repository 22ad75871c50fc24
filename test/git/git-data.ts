/** Projects with something in their repository, and a look at the git programs that the service runs. */

import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { OPERATOR } from '../../src/access/actor.js';
import type { DeployTokenScope } from '../../src/access/deploy-token.js';
import type { Project, Visibility } from '../../src/access/project.js';
import { createProject } from '../../src/services/projects.js';
import { NO_QUOTAS } from '../../src/services/quotas.js';
import { newDeployToken } from '../doors/app-data.js';
import { LONG_AGO } from '../support/build.js';
import { history, importInto } from '../support/git-client.js';
import type { TestApp } from '../support/start-app.js';
import type { Login } from '../support/token-client.js';

let lastNumber = 0;

export interface StoredProject {
  readonly project: Project;
  /** The bare repository on disk. */
  readonly repository: string;
}

export async function emptyProject(
  { service }: TestApp,
  {
    path = `tanuki/code_${(lastNumber += 1)}`,
    visibility = 'private',
  }: { readonly path?: string; readonly visibility?: Visibility } = {},
): Promise<StoredProject> {
  const { store, repositories } = service;
  const deps = { store, repositories, now: () => LONG_AGO, quotas: NO_QUOTAS };
  const project = await createProject(deps, OPERATOR, { path, visibility });
  const repository = await repositories.find(project.id);
  if (repository === null) {
    throw new Error(`${path} has no repository.`);
  }
  return { project, repository };
}

/** With three commits on `main`, or what the stream holds. */
export async function projectWithCode(
  app: TestApp,
  options: Parameters<typeof emptyProject>[1] & { readonly stream?: string | Uint8Array } = {},
): Promise<StoredProject> {
  const stored = await emptyProject(app, options);
  await importInto(stored.repository, options.stream ?? history({ commits: 3 }));
  return stored;
}

/** A deploy token that may read the project's code. */
export async function codeToken(
  app: TestApp,
  project: Project,
  scopes: readonly DeployTokenScope[] = ['read_repository'],
): Promise<Login> {
  return (await newDeployToken(app, project, { scopes })).login;
}

interface ProcessLine {
  readonly pid: number;
  readonly group: number;
  readonly command: string;
}

const POLL_MS = 10;
const POLLS = 1500;

/** Process ids of the programs that serve this repository now, and of all that they started. */
export async function gitProcesses(repository: string): Promise<number[]> {
  const processes = await runningProcesses();
  const groups = processes
    .filter(({ command }) => command.includes(`\0--\0${repository}\0`))
    .map(({ group }) => group);
  return processes.filter(({ group }) => groups.includes(group)).map(({ pid }) => pid);
}

/** Those of a process group that was seen before, whoever of it is left. */
export async function groupMembers(group: number): Promise<number[]> {
  const processes = await runningProcesses();
  return processes.filter((line) => line.group === group).map(({ pid }) => pid);
}

/** The first of the programs that serve this repository, as soon as there is one. */
export async function gitProcessOf(repository: string): Promise<number> {
  return await eventually(async () => (await gitProcesses(repository))[0] ?? null);
}

export async function groupGone(group: number): Promise<void> {
  await eventually(async () => ((await groupMembers(group)).length === 0 ? 'gone' : null));
}

/** Asks until there is an answer; throws when none comes in a long while. */
export async function eventually<T>(look: () => Promise<T | null>): Promise<T> {
  for (let poll = 0; poll < POLLS; poll += 1) {
    const seen = await look();
    if (seen !== null) {
      return seen;
    }
    await pause(POLL_MS);
  }
  throw new Error('What was waited for did not happen.');
}

/** Zombies, which only wait to be reaped, are gone already. */
async function runningProcesses(): Promise<ProcessLine[]> {
  const names = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(names.map(readProcess));
  return lines.filter((line) => line !== null);
}

async function readProcess(pid: string): Promise<ProcessLine | null> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8');
    // After the name in brackets, which may hold anything: state, parent, process group.
    const [state, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return state === 'Z' || state === 'X'
      ? null
      : { pid: Number(pid), group: Number(group), command };
  } catch {
    // It ended while we looked.
    return null;
  }
}
