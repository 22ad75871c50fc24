import { subjectOf, type Actor } from '../access/actor.js';
import { DEFAULT_BRANCH } from '../access/branch-name.js';
import type { ProjectDetails } from '../access/details.js';
import { AppError } from '../access/errors.js';
import type { Page, PageRequest } from '../access/page.js';
import {
  decideProjectCreation,
  isAdministrator,
  isAllowed,
  projectsInSight,
  type ProjectCreators,
} from '../access/permissions.js';
import {
  isPath,
  namespaceOf,
  projectPathProblem,
  type Project,
  type Visibility,
} from '../access/project.js';
import { personalNamespaceProblem } from '../access/registry-inventory.js';
import { namespacesOfRole } from '../access/role.js';
import { parentOf } from '../access/tree.js';
import type { Repositories, RepositoryDraft } from '../repositories/repositories.js';
import type { Membership, ProjectFilter } from '../store/project-selection.js';
import type { Store, Stores } from '../store/open-store.js';
import { keepProjectDetails, projectDetailProblems } from './details.js';
import { isPersonal, makeNamespacesAbove } from './namespaces.js';
import { projectDeed, requireBranchName } from './project-settings.js';
import { requireNoProblems } from './problems.js';
import { requireRoomForProject, type Quotas } from './quotas.js';
import { holdsUnowned } from './registry-owners.js';
import { requireAdministrator, userIdOf } from './requirements.js';
import { writeAs, writeToProject } from './writing.js';

const MAY_CREATE =
  'Only maintainers of the namespace, and administrators, may create projects in it.';
const ADMINISTRATORS_CREATE = 'Only administrators may create projects (projects.create).';

export interface ProjectDeps {
  readonly store: Store;
  readonly repositories: Repositories;
  readonly now: () => Date;
  readonly quotas: Quotas;
  /** `projects.create`; `maintainers` unless it is set. */
  readonly creators?: ProjectCreators;
}

export interface ProjectInput {
  readonly path: string;
  readonly visibility: Visibility;
  /** What clones check out, as long as no other branch is pushed before it; `main` when left out. */
  readonly defaultBranch?: string | undefined;
  readonly details?: Partial<ProjectDetails>;
}

/** With an empty git repository. Whoever makes a project owns it, unless it is the operator. */
export async function createProject(
  deps: ProjectDeps,
  actor: Actor,
  input: ProjectInput,
): Promise<Project> {
  const { path, defaultBranch = DEFAULT_BRANCH } = input;
  requireCreate(deps, actor, path);
  requireProjectPath(path);
  requireBranchName(defaultBranch);
  requireNoProblems(projectDetailProblems(input.details ?? {}));
  const draft = await deps.repositories.prepareEmpty(subjectOf(actor), defaultBranch);
  return await createWith(deps, actor, input, draft);
}

/**
 * Gives a project the history of an existing bare repository, and makes the project where there is
 * none yet. One that has a history of its own is left alone.
 */
export async function adoptRepository(
  deps: ProjectDeps,
  actor: Actor,
  { path, from }: { readonly path: string; readonly from: string },
): Promise<Project> {
  requireAdministrator(actor);
  requireProjectPath(path);
  const known = await deps.store.projects.findByPath(path);
  if (known !== null && !(await deps.repositories.isEmpty(known.id))) {
    throw new AppError('conflict', `${known.path} has a history of its own already.`);
  }
  const draft = await deps.repositories.prepareCopy(from);
  if (known === null) {
    return await createWith(deps, actor, { path, visibility: 'private' }, draft);
  }
  try {
    return await writeToProject(
      deps,
      actor,
      known,
      async ({ stores, actor: present, project, record }) => {
        requireAdministrator(present);
        await record(projectDeed(project, 'project_adopted'));
        await stores.lfs.setStoredBytes(project.id, draft.lfsBytes);
        await draft.place(project.id);
        return project;
      },
    );
  } finally {
    await draft.discard();
  }
}

function requireCreate(
  { creators = 'maintainers' }: Pick<ProjectDeps, 'creators'>,
  actor: Actor,
  path: string,
): void {
  const reason = decideProjectCreation(actor, parentOf(namespaceOf(path)) ?? '', creators);
  if (reason !== null) {
    throw new AppError(
      'forbidden',
      creators === 'administrators' ? ADMINISTRATORS_CREATE : MAY_CREATE,
    );
  }
}

function requireProjectPath(path: string): void {
  const problem = projectPathProblem(path);
  if (problem !== null) {
    throw new AppError('invalid_input', problem, { field: 'path' });
  }
}

/** The repository goes to its place within the transaction: there is both in the end, or neither. */
async function createWith(
  deps: ProjectDeps,
  actor: Actor,
  { path, visibility, details = {} }: ProjectInput,
  draft: RepositoryDraft,
): Promise<Project> {
  try {
    return await writeAs(deps, actor, async ({ stores, actor: present, at, record }) => {
      requireCreate(deps, present, path);
      await requireSafeNamespace(stores, present, path);
      if (present.kind === 'user') {
        await requireRoomForProject(deps.quotas, stores, present);
      }
      const { projects, members } = stores;
      await requireFreePath(stores, path);
      await makeNamespacesAbove(stores, path, at);
      const project = await projects.add({ path, visibility, createdAt: at });
      await keepProjectDetails(stores, project, details);
      const creator = userIdOf(present);
      if (creator !== null) {
        await members.set(project, creator, 'owner');
      }
      await record(projectDeed(project, 'project_created', visibility));
      if (draft.lfsBytes > 0) {
        await stores.lfs.setStoredBytes(project.id, draft.lfsBytes);
      }
      await draft.place(project.id);
      return project;
    });
  } finally {
    await draft.discard();
  }
}

/**
 * A namespace that an administrator made was handed to its maintainers with what the registry holds below
 * it; a personal one was not.
 */
async function requireSafeNamespace(stores: Stores, actor: Actor, path: string): Promise<void> {
  const [first = ''] = path.split('/');
  if (isAdministrator(actor) || !(await isPersonal(stores, first))) {
    return;
  }
  const problem = personalNamespaceProblem(await stores.registryInventory.walk(), {
    hasUnowned: await holdsUnowned(stores, first),
  });
  if (problem !== null) {
    throw new AppError('conflict', problem);
  }
}

/** What is in the way is not named: the caller may not see it. */
async function requireFreePath(
  { projects, namespaces }: Pick<Stores, 'projects' | 'namespaces'>,
  path: string,
): Promise<void> {
  const other = await projects.findPrefixInTheWay(path);
  if (other === namespaceOf(path) || (await namespaces.findByPath(path)) !== null) {
    throw new AppError(
      'conflict',
      `The path ${path} is taken, or still reserved for the images of a removed project.`,
      { field: 'path' },
    );
  }
  if (other !== null) {
    throw new AppError(
      'conflict',
      `The path ${path} lies above or below a project, or the images of one: no project can lie under another.`,
      { field: 'path' },
    );
  }
}

export interface ProjectSelection extends Omit<ProjectFilter, 'sight' | 'membership'> {
  /** Only where this user has one of these roles, also by a namespace above; null for all. */
  readonly membership: Omit<Membership, 'below'> | null;
}

/** By path. */
export const EVERY_PROJECT: ProjectSelection = {
  text: '',
  visibility: null,
  archived: null,
  membership: null,
  namespace: null,
  order: { by: 'path', direction: 'ASC' },
};

/** Of those that the actor may know of. */
export async function pageOfProjects(
  { store }: Pick<ProjectDeps, 'store'>,
  actor: Actor,
  filter: ProjectSelection,
  page: PageRequest,
): Promise<Page<Project>> {
  const membership = filter.membership && withInherited(actor, filter.membership);
  return await store.projects.page({ ...filter, membership, sight: projectsInSight(actor) }, page);
}

function withInherited(actor: Actor, membership: Omit<Membership, 'below'>): Membership {
  const isOwn = actor.kind === 'user' && actor.user.id === membership.userId;
  return { ...membership, below: isOwn ? namespacesOfRole(actor.roles, membership.roles) : [] };
}

/** By path or id. Null for a project that the actor may not know of, as for one that does not exist. */
export async function findVisibleProject(
  { store }: Pick<ProjectDeps, 'store'>,
  actor: Actor,
  key: string | number,
): Promise<Project | null> {
  const project =
    typeof key === 'number' ? await store.places.projectById(key) : await findByPath(store, key);
  return project !== null && isAllowed(actor, 'see_project', project) ? project : null;
}

async function findByPath({ places }: Store, path: string): Promise<Project | null> {
  return isPath(path) ? await places.projectByPath(path) : null;
}

/** For the operator's commands, who may see every project. */
export async function findProjectByPath(
  { store }: Pick<ProjectDeps, 'store'>,
  path: string,
): Promise<Project> {
  const project = await store.projects.findByPath(path);
  if (project === null) {
    throw new AppError('not_found', `There is no project ${path}.`);
  }
  return project;
}

/** The same for what is on record of a project: also of a removed one, while its path is reserved. */
export async function findProjectId(
  { store }: Pick<ProjectDeps, 'store'>,
  path: string,
): Promise<number> {
  const id = await store.projects.findIdByPath(path);
  if (id === null) {
    throw new AppError('not_found', `There is no project ${path}.`);
  }
  return id;
}

/** By id: those of these that the actor may know of. */
export async function findVisibleProjects(
  { store }: Pick<ProjectDeps, 'store'>,
  actor: Actor,
  ids: readonly number[],
): Promise<ReadonlyMap<number, Project>> {
  const found = await store.projects.findByIds([...new Set(ids)]);
  const visible = found.filter((project) => isAllowed(actor, 'see_project', project));
  return new Map(visible.map((project) => [project.id, project]));
}
