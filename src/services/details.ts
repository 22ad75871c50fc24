/** Names, descriptions and the like: for people and for clients of GitLab's API; they decide nothing. */

import type { Actor } from '../access/actor.js';
import type { KeptSettings, ProjectDetails, UserDetails } from '../access/details.js';
import { AppError } from '../access/errors.js';
import type { Problems } from '../access/errors.js';
import type { Project } from '../access/project.js';
import type { User } from '../access/user.js';
import type { Store, Stores } from '../store/open-store.js';
import { charactersIn, labelProblem, problemsOf, requireNoProblems } from './problems.js';
import { requireAdministrator, requireManage } from './requirements.js';
import { writeAs, writeToProject, type WritingDeps } from './writing.js';

/** Of what is written in sentences, in characters. */
export const MAX_TEXT = 2000;
export const MAX_EMAIL = 255;
/** Of all settings together, as they are kept. */
const MAX_SETTINGS_BYTES = 32 * 1024;

interface Reading {
  readonly store: Pick<Store, 'details'>;
}

/** Of those that the caller was shown already, by their ids. */
export async function detailsOfProjects(
  { store }: Reading,
  projects: readonly Pick<Project, 'id'>[],
): Promise<ReadonlyMap<number, ProjectDetails>> {
  return await store.details.ofProjects(projects.map(({ id }) => id));
}

/** The same of accounts. */
export async function detailsOfUsers(
  { store }: Reading,
  users: readonly Pick<User, 'id'>[],
): Promise<ReadonlyMap<number, UserDetails>> {
  return await store.details.ofUsers(users.map(({ id }) => id));
}

export function projectDetailProblems({
  name,
  description = '',
  settings = {},
}: Partial<ProjectDetails>): Problems {
  return problemsOf({
    name: name === undefined ? null : labelProblem('name of a project', name),
    description: textProblem('description of a project', description),
    settings: settingsProblem(settings),
  });
}

/** What is left out stays as it is. */
export async function setProjectDetails(
  deps: WritingDeps,
  actor: Actor,
  project: Project,
  changes: Partial<ProjectDetails>,
): Promise<Project> {
  requireManage(actor, project);
  requireNoProblems(projectDetailProblems(changes));
  return await writeToProject(deps, actor, project, async ({ stores, record, ...present }) => {
    const changed = await keepProjectDetails(stores, present.project, changes);
    if (changed.length > 0) {
      const subject = { id: project.id, name: present.project.path };
      const detail = changed.join(', ');
      await record({ action: 'project_changed', on: present.project, subject, detail });
    }
    return present.project;
  });
}

/** Gives the names of what changed. */
export async function keepProjectDetails(
  { details }: Pick<Stores, 'details'>,
  { id }: Pick<Project, 'id'>,
  changes: Partial<ProjectDetails>,
): Promise<readonly string[]> {
  const kept = {
    ...changes,
    ...(changes.name !== undefined && { name: changes.name.trim() }),
  };
  const before = (await details.ofProjects([id])).get(id);
  const changed = changedIn(before, kept);
  if (changed.length > 0) {
    await details.setOfProject(id, kept);
  }
  return changed;
}

export interface UserChanges extends Partial<UserDetails> {
  readonly displayName?: string;
}

export function userDetailProblems({
  email = '',
  note = '',
  settings = {},
}: Partial<UserDetails>): Problems {
  return problemsOf({
    email:
      charactersIn(email) > MAX_EMAIL || /[\p{Cc}\s]/u.test(email)
        ? `The email address has at most ${MAX_EMAIL} characters, without blanks.`
        : null,
    note: textProblem('note', note),
    settings: settingsProblem(settings),
  });
}

/** For administrators. What is left out stays as it is. */
export async function setUserDetails(
  deps: WritingDeps,
  actor: Actor,
  user: User,
  { displayName, ...changes }: UserChanges,
): Promise<User> {
  requireAdministrator(actor);
  requireNoProblems({
    ...userDetailProblems(changes),
    ...problemsOf({
      display_name: displayName === undefined ? null : labelProblem('display name', displayName),
    }),
  });
  return await writeAs(deps, actor, async ({ stores, actor: present, record }) => {
    requireAdministrator(present);
    const before = await stores.users.findById(user.id);
    if (before === null) {
      throw new AppError('not_found', `There is no user ${user.username} any more.`);
    }
    const after = { ...before, displayName: displayName?.trim() ?? before.displayName };
    const isRenamed = after.displayName !== before.displayName;
    if (isRenamed) {
      await stores.users.setDisplayName(user.id, after.displayName);
    }
    const changed = await keepUserDetails(stores, user, changes);
    if (isRenamed || changed.length > 0) {
      const subject = { id: user.id, name: user.username };
      const detail = [...(isRenamed ? ['name'] : []), ...changed].join(', ');
      await record({ action: 'user_changed', subject, detail });
    }
    return after;
  });
}

/** Gives the names of what changed. */
export async function keepUserDetails(
  { details }: Pick<Stores, 'details'>,
  { id }: Pick<User, 'id'>,
  changes: Partial<UserDetails>,
): Promise<readonly string[]> {
  const changed = changedIn((await details.ofUsers([id])).get(id), changes);
  if (changed.length > 0) {
    await details.setOfUser(id, changes);
  }
  return changed;
}

/** The names of what differs, a setting by its own. */
function changedIn<T extends { readonly settings: KeptSettings }>(
  before: T | undefined,
  { settings = {}, ...changes }: Partial<T>,
): string[] {
  const entries = [
    ...Object.entries(changes).map(([name, value]) => [name, value, before] as const),
    ...Object.entries(settings).map(([name, value]) => [name, value, before?.settings] as const),
  ];
  return entries.flatMap(([name, value, among]) =>
    JSON.stringify(new Map(Object.entries(among ?? {})).get(name)) === JSON.stringify(value)
      ? []
      : [name],
  );
}

function textProblem(what: string, text: string): string | null {
  return charactersIn(text) > MAX_TEXT ? `The ${what} has at most ${MAX_TEXT} characters.` : null;
}

function settingsProblem(settings: KeptSettings): string | null {
  return JSON.stringify(settings).length > MAX_SETTINGS_BYTES
    ? 'These settings are too long to keep.'
    : null;
}
