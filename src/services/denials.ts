import type { Actor } from '../access/actor.js';
import type { DeployToken, Owner } from '../access/deploy-token.js';
import { reasonSeenBy, type Denial, type SeenReason } from '../access/denial.js';
import type { Place } from '../access/namespace.js';
import type { Page, PageRequest } from '../access/page.js';
import { decide } from '../access/permissions.js';
import type { Project } from '../access/project.js';
import type { User } from '../access/user.js';
import type { DenialFilter } from '../store/denial-store.js';
import type { Store } from '../store/open-store.js';
import { findVisibleTokens } from './deploy-tokens.js';
import { requireAccount, requireOversight, requireSeeSettings } from './requirements.js';

const DAY_MS = 24 * 60 * 60 * 1000;
const KEPT_DAYS = 90;
/** In one transaction, so that other writers get their turn in between. */
const REMOVED_AT_ONCE = 500;

/** A refusal as one reader sees it. */
export interface SeenDenial extends Omit<Denial, 'reason' | 'projectId'> {
  readonly reason: SeenReason;
  /** Null where there is none, or the reader may not see it. */
  readonly project: Project | null;
  /** Null where it was none, or the reader may not see it. */
  readonly deployToken: DeployToken | null;
  readonly user: User | null;
}

export interface DenialDeps {
  readonly store: Pick<Store, 'denials' | 'projects' | 'namespaces' | 'deployTokens' | 'users'>;
}

/** Of one deploy token, for whoever sees it. */
export async function denialsOfToken(
  deps: DenialDeps,
  actor: Actor,
  { token, owner }: { readonly token: DeployToken; readonly owner: Owner },
  page: PageRequest,
): Promise<Page<SeenDenial>> {
  requireSeeSettings(actor, owner);
  return await read(deps, actor, { list: { kind: 'deploy-token', id: token.id } }, page);
}

/** What was asked of a project's repositories; what a namespace's own deploy tokens were refused. For maintainers. */
export async function denialsOfPlace(
  deps: DenialDeps,
  actor: Actor,
  place: Place,
  page: PageRequest,
): Promise<Page<SeenDenial>> {
  requireSeeSettings(actor, place);
  return await read(deps, actor, { list: { kind: place.kind, id: place.id } }, page);
}

/** What one account was refused, for itself and administrators. */
export async function denialsOfUser(
  deps: DenialDeps,
  actor: Actor,
  userId: number,
  page: PageRequest,
): Promise<Page<SeenDenial>> {
  requireAccount(actor, userId);
  return await read(deps, actor, { list: { kind: 'user', id: userId } }, page);
}

/** Everything, with this text in the name of the repository; for administrators. */
export async function allDenials(
  deps: DenialDeps,
  actor: Actor,
  text: string,
  page: PageRequest,
): Promise<Page<SeenDenial>> {
  requireOversight(actor);
  return await read(deps, actor, { list: null, text }, page);
}

async function read(
  { store }: DenialDeps,
  reader: Actor,
  { list, text = '' }: Pick<DenialFilter, 'list'> & Partial<DenialFilter>,
  request: PageRequest,
): Promise<Page<SeenDenial>> {
  const page = await store.denials.page({ list, text }, request);
  const known = await readNames(store, reader, page.items);
  return { ...page, items: page.items.map((denial) => asSeen(denial, reader, known)) };
}

interface Known {
  readonly projects: ReadonlyMap<number, Project>;
  readonly deployTokens: ReadonlyMap<number, DeployToken>;
  readonly users: ReadonlyMap<number, User>;
}

async function readNames(
  store: DenialDeps['store'],
  reader: Actor,
  denials: readonly Denial[],
): Promise<Known> {
  const [projects, tokens, users] = await Promise.all([
    store.projects.findByIds(idsOf(denials, 'projectId')),
    findVisibleTokens({ store }, reader, idsOf(denials, 'deployTokenId')),
    store.users.findByIds(idsOf(denials, 'userId')),
  ]);
  return { projects: byId(projects), deployTokens: byId(tokens), users: byId(users) };
}

function idsOf(
  denials: readonly Denial[],
  column: 'projectId' | 'deployTokenId' | 'userId',
): number[] {
  return [...new Set(denials.flatMap((denial) => denial[column] ?? []))];
}

function byId<T extends { readonly id: number }>(all: readonly T[]): ReadonlyMap<number, T> {
  return new Map(all.map((each) => [each.id, each]));
}

function asSeen({ projectId, reason, ...denial }: Denial, reader: Actor, known: Known): SeenDenial {
  const project = known.projects.get(projectId ?? 0) ?? null;
  const isSeen = project !== null && decide(reader, 'see_project', project) === null;
  return {
    ...denial,
    reason: reasonSeenBy(reader, reason, project),
    project: isSeen ? project : null,
    deployToken: known.deployTokens.get(denial.deployTokenId ?? 0) ?? null,
    user: known.users.get(denial.userId ?? 0) ?? null,
  };
}

/** Removes what nobody was refused for ninety days. */
export async function removeOldDenials({
  store,
  now,
}: {
  readonly store: Pick<Store, 'write'>;
  readonly now: () => Date;
}): Promise<void> {
  const instant = new Date(now().getTime() - KEPT_DAYS * DAY_MS);
  let removed: number;
  do {
    removed = await store.write(
      async ({ denials }) => await denials.removeBefore(instant, REMOVED_AT_ONCE),
    );
  } while (removed === REMOVED_AT_ONCE);
}
