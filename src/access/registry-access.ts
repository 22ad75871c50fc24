/** What the registry is told that somebody may do, and what whoever may not use it at all is told. */

import { credentialsOf, type Actor } from './actor.js';
import { AppError } from './errors.js';
import {
  decide,
  decideOnInstance,
  decideOnUnowned,
  mayUseRegistry,
  type Permission,
} from './permissions.js';
import type { OwnedPrefix, Project } from './project.js';
import type { Reason } from './reason.js';
import { liesIn } from './repository-name.js';
import type { AccessEntry } from './scope.js';
import { asPhrase } from './told-reason.js';

/** The registry's words for actions. `*` is everything at once, and so takes every permission. */
const BY_ACTION: ReadonlyMap<string, readonly Permission[]> = new Map([
  ['pull', ['pull_image']],
  ['push', ['push_image']],
  ['delete', ['delete_image']],
  ['*', ['pull_image', 'push_image', 'delete_image']],
]);

const NONE: ReadonlySet<AccessEntry> = new Set();

/** Actions of one entry that were refused for one reason. */
export interface RefusedEntry extends AccessEntry {
  readonly reason: Reason;
}

/** Every action that was asked for is in one of the two. */
export interface Grant {
  readonly granted: readonly AccessEntry[];
  readonly refused: readonly RefusedEntry[];
}

/**
 * Why the actor may not ask the registry for anything; null when it may. Clients send no header at all
 * for an empty username or password: a `docker login` with one asks for no scope, and must not succeed.
 */
export function registryRefusal(
  actor: Actor,
  { hasScope }: { readonly hasScope: boolean },
): AppError | null {
  if (actor.kind === 'anonymous' && !hasScope) {
    return new AppError('invalid_credentials', 'A username and a token are needed to log in.');
  }
  if (mayUseRegistry(actor)) {
    return null;
  }
  // 401 and not 403, of which skopeo, podman and CRI-O do not show the sentence.
  const reason = `${credentialsOf(actor)} has ${neededScope(actor)}`;
  return new AppError('invalid_credentials', `${reason}, so it cannot be used with the registry.`, {
    phrase: asPhrase(reason),
  });
}

function neededScope(actor: Actor): string {
  return actor.kind === 'deploy-token'
    ? 'no read_registry scope'
    : 'neither read_registry nor write_registry';
}

/**
 * Narrows what was asked for to what the actor may have; entries left without an action are gone.
 * Being refused is no error: the registry is told what was granted, possibly nothing, and turns the
 * rest away itself. Nothing is granted that was not asked for, and names go out as they came in.
 *
 * `owned` holds the image prefixes found for the requested names; one that fits none is ignored. Those
 * `over` the budget were not looked up: whose they are is not known, and they are nobody's.
 */
export function grant(
  actor: Actor,
  requested: readonly AccessEntry[],
  owned: readonly OwnedPrefix[],
  over: ReadonlySet<AccessEntry> = NONE,
): Grant {
  const granted: AccessEntry[] = [];
  const refused: RefusedEntry[] = [];
  for (const entry of requested) {
    const { type, name } = entry;
    if (over.size > 0 && over.has(entry)) {
      refused.push({ ...entry, reason: 'too_many_names' });
      continue;
    }
    const project = type === 'repository' ? ownerOf(name, owned) : undefined;
    const reasons = entry.actions.map((action) => decideAction(actor, entry, action, project));
    const actions = entry.actions.filter((_, index) => reasons[index] === null);
    if (actions.length > 0) {
      granted.push({ type, name, actions });
    }
    // Nearly always all of it is granted, and no more is made than that.
    if (actions.length < entry.actions.length) {
      refused.push(...refusedOf(entry, reasons));
    }
  }
  return { granted, refused };
}

/** One for each reason, in the order of the actions. */
function refusedOf(
  { type, name, actions }: AccessEntry,
  reasons: readonly (Reason | null)[],
): RefusedEntry[] {
  const different = [...new Set(reasons)].filter((reason) => reason !== null);
  return different.map((reason) => ({
    type,
    name,
    actions: actions.filter((_, index) => reasons[index] === reason),
    reason,
  }));
}

function decideAction(
  actor: Actor,
  { type, name }: AccessEntry,
  action: string,
  project: Project | undefined,
): Reason | null {
  if (type === 'registry' && name === 'catalog') {
    return action === '*' ? decideOnInstance(actor, 'list_catalogue') : 'unknown_action';
  }
  if (type !== 'repository') {
    return 'unknown_resource';
  }
  const permissions = BY_ACTION.get(action);
  if (permissions === undefined) {
    return 'unknown_action';
  }
  return firstReason(actor, permissions, project, name);
}

/** Null where the actor has all of them. */
function firstReason(
  actor: Actor,
  permissions: readonly Permission[],
  project: Project | undefined,
  repository: string,
): Reason | null {
  for (const permission of permissions) {
    const reason =
      project === undefined
        ? decideOnUnowned(actor, permission, repository)
        : decide(actor, permission, project, repository);
    if (reason !== null) {
      return reason;
    }
  }
  return null;
}

function ownerOf(repository: string, owned: readonly OwnedPrefix[]): Project | undefined {
  return owned.find(({ prefix }) => liesIn(repository, prefix))?.project;
}
