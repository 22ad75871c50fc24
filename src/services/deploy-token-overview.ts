/** What people look for among deploy tokens: which of them need somebody, which are used, by what name. */

import { accessTokenOf, type Actor, type UserActor } from '../access/actor.js';
import type { DeployToken, DeployTokenUse, Owner } from '../access/deploy-token.js';
import type { Cursor, Page } from '../access/page.js';
import { isAllowed, rolesThatMay } from '../access/permissions.js';
import type { Project } from '../access/project.js';
import { namespacesOfRole } from '../access/role.js';
import type {
  ListedOwner,
  Moments,
  ProjectTokens,
  TokenCounts,
  TokenNeed,
  TokenOwners,
} from '../store/deploy-token-overview-store.js';
import type { Store } from '../store/open-store.js';
import { requireOversight, requireSeeSettings } from './requirements.js';

const DAY_MS = 24 * 60 * 60 * 1000;
const SOON_DAYS = 14;
const TRIED_DAYS = 14;
export const IDLE_DAYS = 90;

export interface OverviewDeps {
  readonly store: Pick<Store, 'deployTokens' | 'deployTokenUses' | 'deployTokenOverview'>;
  readonly now: () => Date;
}

/** A deploy token as a list shows it. */
export interface ListedDeployToken {
  readonly token: DeployToken;
  readonly owner: ListedOwner;
  /** Null for one that was never used. */
  readonly use: DeployTokenUse | null;
}

/** Those of one owner, of every project and namespace that the actor maintains, or all there are. */
export type Whose = Owner | 'maintained' | 'all';

export interface TokenSelection {
  readonly whose: Whose;
  readonly need: TokenNeed;
  readonly text: string;
}

/** What needs somebody first, then by last use. */
export async function listDeployTokens(
  { store, now }: OverviewDeps,
  actor: Actor,
  { whose, need, text }: TokenSelection,
  request: { readonly limit: number; readonly after: Cursor | null },
): Promise<Pick<Page<ListedDeployToken>, 'items' | 'next'>> {
  const owners = ownersFor(actor, whose);
  if (owners === null) {
    return { items: [], next: null };
  }
  const { items, next } = await store.deployTokenOverview.page(
    { owners, need, text, moments: momentsAt(now()) },
    { limit: request.limit, start: { after: request.after } },
  );
  const ids = items.map(({ id }) => id);
  const tokens = new Map((await store.deployTokens.findByIds(ids)).map((one) => [one.id, one]));
  const uses = await store.deployTokenUses.findByTokens(ids);
  const useOf = new Map(uses.map((use) => [use.deployTokenId, use]));
  return {
    items: items.flatMap(({ id, owner }) => {
      const token = tokens.get(id);
      return token === undefined ? [] : [{ token, owner, use: useOf.get(id) ?? null }];
    }),
    next,
  };
}

const NONE: TokenCounts = {
  active: 0,
  expiring: 0,
  lasting: 0,
  unused: 0,
  refused: 0,
  ended: 0,
  any: 0,
};

/** How many there are of each kind. */
export async function countDeployTokens(
  { store, now }: OverviewDeps,
  actor: Actor,
  whose: Whose,
  text = '',
): Promise<TokenCounts> {
  const owners = ownersFor(actor, whose);
  return owners === null
    ? NONE
    : await store.deployTokenOverview.count({ owners, text, moments: momentsAt(now()) });
}

/** Of the projects whose settings the actor may see: how many are active, and the last use of any. */
export async function tokensOfProjects(
  { store, now }: OverviewDeps,
  actor: Actor,
  projects: readonly Project[],
): Promise<ReadonlyMap<number, ProjectTokens>> {
  const ids = projects
    .filter((project) => isAllowed(actor, 'see_settings', project))
    .map(({ id }) => id);
  return await store.deployTokenOverview.ofProjects(ids, now());
}

/** Null for whoever maintains nothing. */
function ownersFor(actor: Actor, whose: Whose): TokenOwners | null {
  if (whose === 'all') {
    requireOversight(actor);
    return { kind: 'all' };
  }
  if (whose !== 'maintained') {
    requireSeeSettings(actor, whose);
    return whose;
  }
  return actor.kind === 'user' && accessTokenOf(actor) === null ? memberOwners(actor) : null;
}

/** Of the projects and namespaces where the user maintains what lies below. */
function memberOwners(actor: UserActor): TokenOwners {
  const roles = rolesThatMay('see_settings');
  const below = namespacesOfRole(actor.roles, roles);
  return { kind: 'member', userId: actor.user.id, roles, below };
}

function momentsAt(now: Date): Moments {
  return {
    now,
    soon: addDays(now, SOON_DAYS),
    idleSince: addDays(now, -IDLE_DAYS),
    triedSince: addDays(now, -TRIED_DAYS),
  };
}

function addDays(instant: Date, days: number): Date {
  return new Date(instant.getTime() + days * DAY_MS);
}
