/**
 * Of GitLab's GraphQL one question: who asks. Terraform's `gitlab_current_user` has no other way to it. Read
 * without a grammar of GraphQL: names in braces, and nothing else.
 */

import { z } from 'zod';
import type { UserActor } from '../access/actor.js';
import { personalNamespaceIds } from '../services/namespaces.js';
import { endpoint, requireUser, type ApiDeps, type Endpoint } from './endpoint.js';
import { text } from './parameters.js';

/** By the name of a field; null for one without fields of its own. */
interface Selection extends ReadonlyMap<string, Selection | null> {}

type Fields = Readonly<Record<string, unknown>>;

const MAX_QUERY = 2000;
const TOKEN = /[{}]|\w+|[^\s,]/g;
const NAME = /^[A-Za-z_]\w*$/;

export const graphqlEndpoint: Endpoint = endpoint({
  method: 'post',
  path: '/graphql',
  summary: 'Who asks, as GraphQL: `currentUser`, and nothing else.',
  use: 'read',
  parameters: { query: text },
  answer: z.looseObject({}),
  async run(deps, { actor, parameters }) {
    const selection = selectionIn(parameters.query);
    const wanted = selection?.size === 1 ? selection.get('currentUser') : null;
    const user = wanted && select(await currentUser(deps, requireUser(actor)), wanted);
    return user
      ? { data: { currentUser: user } }
      : { errors: [{ message: 'Of GraphQL only fields of currentUser are answered.' }] };
  },
});

async function currentUser(deps: ApiDeps, { user, roles }: UserActor): Promise<Fields> {
  const namespaceId = (await personalNamespaceIds(deps, [user])).get(user.id);
  const own = user.username.toLowerCase();
  return {
    id: `gid://gitlab/User/${user.id}`,
    username: user.username,
    name: user.displayName,
    bot: false,
    publicEmail: null,
    groupCount: [...roles.namespaces.keys()].filter((path) => path !== own).length,
    namespace:
      namespaceId === undefined
        ? null
        : { id: `gid://gitlab/Namespaces::UserNamespace/${namespaceId}` },
  };
}

/** Null where a field is asked for that there is not. */
function select(fields: Fields, selection: Selection): Fields | null {
  const found: [string, unknown][] = [];
  for (const [name, below] of selection) {
    const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
    const parts = z.record(z.string(), z.unknown()).safeParse(value);
    const shown = below !== null && parts.success ? select(parts.data, below) : value;
    if (shown === undefined || (below !== null) !== parts.success) {
      return null;
    }
    found.push([name, shown]);
  }
  return Object.fromEntries(found);
}

/** Null for what is none: `query { currentUser { name } }`, or without the first word. */
function selectionIn(query: string): Selection | null {
  const tokens: readonly string[] = query.length > MAX_QUERY ? [] : (query.match(TOKEN) ?? []);
  const start = tokens[0] === 'query' ? tokens.indexOf('{') : 0;
  const { selection, rest } = selectionOf(tokens.slice(start > 2 ? tokens.length : start));
  return rest?.length === 0 ? selection : null;
}

/** From a brace to the one that closes it; null for the rest where there is none. */
function selectionOf([brace, ...tokens]: readonly string[]): {
  readonly selection: Selection;
  readonly rest: readonly string[] | null;
} {
  const selection = new Map<string, Selection | null>();
  let left: readonly string[] | null = brace === '{' ? tokens : null;
  while (left !== null && left[0] !== '}') {
    const [name = '', next] = left;
    if (!NAME.test(name)) {
      left = null;
    } else if (next === '{') {
      const below = selectionOf(left.slice(1));
      selection.set(name, below.selection);
      left = below.rest;
    } else {
      selection.set(name, null);
      left = left.slice(1);
    }
  }
  return { selection, rest: left && left.slice(1) };
}
