import type { Store } from '../../src/store/open-store.js';
import type { Person } from './table.js';
import type { World } from './world.js';
import { accessTokensOf, deployTokensOf, membersOf, projectsIn, usersIn } from '../support/rows.js';

/** What there is, and who manages it: changes are judged by this, whatever door they came through. */
export interface State {
  /** By `project 3` or `user 4`: all that belongs to it, as text. */
  readonly things: ReadonlyMap<string, string>;
  /** `3 the-owner` for those who manage project 3. */
  readonly managers: ReadonlySet<string>;
}

export async function stateOf(store: Store): Promise<State> {
  const things = new Map<string, string>();
  const managers = new Set<string>();
  for (const project of await projectsIn(store)) {
    const members = await membersOf(store, project.id);
    const tokens = await deployTokensOf(store, project.id);
    things.set(`project ${project.id}`, JSON.stringify({ project, members, tokens }));
    for (const { user, role } of members) {
      if (role === 'maintainer' || role === 'owner') {
        managers.add(`${project.id} ${user.username}`);
      }
    }
  }
  for (const user of await usersIn(store)) {
    const tokens = await accessTokensOf(store, user.id);
    things.set(`user ${user.id}`, JSON.stringify({ user, tokens }));
    managers.add(`user ${user.id} ${user.username}`);
  }
  return { things, managers };
}

export function differences(before: State, after: State): string[] {
  const names = new Set([...before.things.keys(), ...after.things.keys()]);
  return [...names].filter((name) => before.things.get(name) !== after.things.get(name));
}

export function mayChange(
  world: World,
  { things, managers }: State,
  { sender, thing }: { sender: Person | null; thing: string },
): boolean {
  const username = sender === null ? null : world.passwords.get(sender)?.username;
  if (username === null || username === undefined) {
    return false;
  }
  const isNew = !things.has(thing);
  if (sender === 'admin' || (isNew && thing.startsWith('project '))) {
    return true;
  }
  return managers.has(`${thing.replace('project ', '')} ${username}`);
}
