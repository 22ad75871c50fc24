/** GitLab: lib/api/members.rb. Those of the namespaces above are in `/all` alone. */

import { z } from 'zod';
import type { Actor } from '../access/actor.js';
import type { AppError } from '../access/errors.js';
import type { Place } from '../access/namespace.js';
import { ROLE_LEVELS, roleOfLevel, type Member, type Role } from '../access/role.js';
import {
  addMember,
  findAnyMember,
  findFutureMember,
  findMember,
  pageOfAllMembers,
  pageOfMembers,
  removeMember,
  setMember,
} from '../services/members.js';
import { endpoint, list, NO_CONTENT, type ApiDeps, type Endpoint } from './endpoint.js';
import { notFound, Refusal, wrongParameters } from './errors.js';
import { filled, id, idList, integer, refusedText, text } from './parameters.js';
import { PLACE_KINDS, type PlaceKind } from './place-of.js';
import { stateOf, UserState } from './user-answer.js';

const ApiMember = z
  .strictObject({
    id: z.int(),
    username: z.string(),
    name: z.string(),
    state: UserState,
    avatar_url: z.null(),
    web_url: z.null(),
    access_level: z.int(),
    created_at: z.null(),
    expires_at: z.null(),
    membership_state: z.literal('active'),
  })
  .meta({ id: 'Member' });

const access_level = integer
  .refine((level) => roleOfLevel(level) !== null, { error: 'does not have a valid value' })
  .meta({ enum: Object.values(ROLE_LEVELS) })
  .describe('10 guest, 20 reporter, 30 developer, 40 maintainer, 50 owner.');
const expires_at = refusedText.optional().describe('Refused: members stay until they are removed.');
const whoseId = id.describe('Number of the user.');

export const memberEndpoints = PLACE_KINDS.flatMap(endpointsOf);

function endpointsOf(kind: PlaceKind): Endpoint[] {
  const { base, what, key } = kind;
  const oneMember = { id: key, user_id: whoseId };
  return [
    listEndpoint(kind, '/members'),
    listEndpoint(kind, '/members/all'),
    showEndpoint(kind, '/members/:user_id'),
    showEndpoint(kind, '/members/all/:user_id'),
    endpoint({
      method: 'post',
      path: `${base}/members`,
      summary: `Adds a member of ${what}.`,
      bodyRule: { oneOf: [{ required: ['user_id'] }, { required: ['username'] }] },
      parameters: {
        id: key,
        user_id: id.optional().describe('Number of the user; this or `username`.'),
        username: filled.optional(),
        access_level,
        expires_at,
      },
      status: 201,
      answer: ApiMember,
      refusal: worded,
      async run(deps, { actor, parameters }) {
        refuseExpiry(parameters.expires_at);
        const userId = userKey(parameters);
        const place = await kind.require(deps, actor, parameters.id);
        const user = await findFutureMember(deps, actor, place, userId);
        const member = { user, role: requireRole(parameters.access_level) };
        await addMember(deps, actor, place, member);
        return shown(member);
      },
    }),
    endpoint({
      method: 'put',
      path: `${base}/members/:user_id`,
      summary: `Changes the role of a member of ${what}.`,
      parameters: { ...oneMember, access_level, expires_at },
      answer: ApiMember,
      async run(deps, { actor, parameters }) {
        refuseExpiry(parameters.expires_at);
        const place = await kind.require(deps, actor, parameters.id);
        const { user } = await requireMember(deps, actor, place, parameters.user_id);
        const member = { user, role: requireRole(parameters.access_level) };
        await setMember(deps, actor, place, member);
        return shown(member);
      },
    }),
    endpoint({
      method: 'delete',
      path: `${base}/members/:user_id`,
      summary: `Removes a member of ${what}.`,
      parameters: oneMember,
      status: 204,
      answer: NO_CONTENT,
      async run(deps, { actor, parameters }) {
        const place = await kind.require(deps, actor, parameters.id);
        const { user } = await requireMember(deps, actor, place, parameters.user_id);
        await removeMember(deps, actor, place, user);
      },
    }),
  ];
}

function listEndpoint(kind: PlaceKind, path: '/members' | '/members/all'): Endpoint {
  const isAll = path === '/members/all';
  return list({
    path: kind.base + path,
    summary: `The members of ${kind.what}, ${isAll ? 'with those of the groups above, ' : ''}for its maintainers.`,
    forAnonymous: true,
    parameters: {
      id: kind.key,
      query: text.optional().describe('In the username or the name.'),
      user_ids: idList.optional().describe('None but these users.'),
    },
    refused: ['skip_users', 'state', 'show_seat_info'],
    item: ApiMember,
    async run(deps, { actor, parameters, page }) {
      const { query = '', user_ids: userIds = null } = parameters;
      const place = await kind.require(deps, actor, parameters.id);
      const pageOf = isAll ? pageOfAllMembers : pageOfMembers;
      const found = await pageOf(deps, actor, { place, text: query, userIds }, page);
      return { ...found, items: found.items.map(shown) };
    },
  });
}

function showEndpoint(
  kind: PlaceKind,
  path: '/members/:user_id' | '/members/all/:user_id',
): Endpoint {
  const isAll = path === '/members/all/:user_id';
  return endpoint({
    method: 'get',
    path: kind.base + path,
    summary: `One member of ${kind.what}, ${isAll ? 'or of a group above, ' : ''}for its maintainers.`,
    forAnonymous: true,
    parameters: { id: kind.key, user_id: whoseId },
    answer: ApiMember,
    async run(deps, { actor, parameters: { id: key, user_id: userId } }) {
      const place = await kind.require(deps, actor, key);
      const find = isAll ? findAnyMember : findMember;
      return shown((await find(deps, actor, place, userId)) ?? noMember());
    },
  });
}

async function requireMember(
  deps: ApiDeps,
  actor: Actor,
  place: Place,
  userId: number,
): Promise<Member> {
  return (await findMember(deps, actor, place, userId)) ?? noMember();
}

function noMember(): never {
  throw new Refusal(404, { message: '404 Not found' });
}

function requireRole(level: number): Role {
  const role = roleOfLevel(level);
  if (role === null) {
    throw wrongParameters('access_level does not have a valid value');
  }
  return role;
}

function userKey(parameters: {
  readonly user_id?: number | undefined;
  readonly username?: string | undefined;
}): string | number {
  const { user_id: userId, username } = parameters;
  if (userId !== undefined && username !== undefined) {
    throw wrongParameters('user_id, username are mutually exclusive');
  }
  const key = userId ?? username;
  if (key === undefined) {
    throw wrongParameters('user_id, username are missing, exactly one parameter must be provided');
  }
  return key;
}

/** Ignored, it would leave somebody in who was meant to be out by then. */
function refuseExpiry(expiry: string | undefined): void {
  if (expiry !== undefined) {
    throw wrongParameters('expires_at is not supported: members stay until they are removed');
  }
}

function worded({ code, problems }: AppError): Refusal | null {
  if (code === 'conflict') {
    return new Refusal(409, { message: 'Member already exists' });
  }
  return code === 'not_found' && problems['username'] !== undefined ? notFound('User') : null;
}

function shown({ user, role }: Member): z.input<typeof ApiMember> {
  return {
    id: user.id,
    username: user.username,
    name: user.displayName,
    state: stateOf(user),
    avatar_url: null,
    web_url: null,
    access_level: ROLE_LEVELS[role],
    created_at: null,
    expires_at: null,
    membership_state: 'active',
  };
}
