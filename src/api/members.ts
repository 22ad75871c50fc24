/** GitLab: lib/api/members.rb. Projects inherit no members here, so `/all` is the same list. */

import { z } from 'zod';
import type { Actor } from '../access/actor.js';
import type { AppError } from '../access/errors.js';
import type { Project } from '../access/project.js';
import { ROLE_LEVELS, roleOfLevel, type Member, type Role } from '../access/role.js';
import {
  addMember,
  findFutureMember,
  findMember,
  pageOfMembers,
  removeMember,
  setMember,
} from '../services/members.js';
import { endpoint, list, NO_CONTENT, type ApiDeps, type Endpoint } from './endpoint.js';
import { notFound, Refusal, wrongParameters } from './errors.js';
import { id, idList, integer, projectKey, text } from './parameters.js';
import { requireProject } from './project-of.js';
import { stateOf, UserState } from './users.js';

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
  .describe('10 guest, 20 reporter, 30 developer, 40 maintainer, 50 owner.');
const expires_at = text.optional().describe('Refused: members stay until they are removed.');
const oneMember = { id: projectKey, user_id: id.describe('Number of the user.') };

export const memberEndpoints = [
  ...['/projects/:id/members', '/projects/:id/members/all'].map(listEndpoint),
  ...['/projects/:id/members/:user_id', '/projects/:id/members/all/:user_id'].map(showEndpoint),
  endpoint({
    method: 'post',
    path: '/projects/:id/members',
    summary: 'Adds a member.',
    parameters: {
      id: projectKey,
      user_id: id.optional().describe('Number of the user; this or `username`.'),
      username: text.optional(),
      access_level,
      expires_at,
    },
    status: 201,
    answer: ApiMember,
    refusal: worded,
    async run(deps, { actor, parameters }) {
      refuseExpiry(parameters.expires_at);
      const key = userKey(parameters);
      const project = await requireProject(deps, actor, parameters.id);
      const user = await findFutureMember(deps, actor, project, key);
      const member = { user, role: requireRole(parameters.access_level) };
      await addMember(deps, actor, project, member);
      return shown(member);
    },
  }),
  endpoint({
    method: 'put',
    path: '/projects/:id/members/:user_id',
    summary: 'Changes the role of a member.',
    parameters: { ...oneMember, access_level, expires_at },
    answer: ApiMember,
    async run(deps, { actor, parameters }) {
      refuseExpiry(parameters.expires_at);
      const project = await requireProject(deps, actor, parameters.id);
      const { user } = await requireMember(deps, actor, project, parameters.user_id);
      const member = { user, role: requireRole(parameters.access_level) };
      await setMember(deps, actor, project, member);
      return shown(member);
    },
  }),
  endpoint({
    method: 'delete',
    path: '/projects/:id/members/:user_id',
    summary: 'Removes a member.',
    parameters: oneMember,
    status: 204,
    answer: NO_CONTENT,
    async run(deps, { actor, parameters }) {
      const project = await requireProject(deps, actor, parameters.id);
      const { user } = await requireMember(deps, actor, project, parameters.user_id);
      await removeMember(deps, actor, project, user);
    },
  }),
];

function listEndpoint(path: string): Endpoint {
  return list({
    path,
    summary: 'The members of a project, for its maintainers.',
    forAnonymous: true,
    parameters: {
      id: projectKey,
      query: text.optional().describe('In the username or the name.'),
      user_ids: idList.optional().describe('None but these users.'),
    },
    item: ApiMember,
    async run(deps, { actor, parameters, page }) {
      const { query = '', user_ids: userIds = null } = parameters;
      const project = await requireProject(deps, actor, parameters.id);
      const found = await pageOfMembers(
        deps,
        actor,
        { place: project, text: query, userIds },
        page,
      );
      return { ...found, items: found.items.map(shown) };
    },
  });
}

function showEndpoint(path: string): Endpoint {
  return endpoint({
    method: 'get',
    path,
    summary: 'One member of a project, for its maintainers.',
    forAnonymous: true,
    parameters: oneMember,
    answer: ApiMember,
    async run(deps, { actor, parameters }) {
      const project = await requireProject(deps, actor, parameters.id);
      return shown(await requireMember(deps, actor, project, parameters.user_id));
    },
  });
}

async function requireMember(
  deps: ApiDeps,
  actor: Actor,
  project: Project,
  userId: number,
): Promise<Member> {
  const member = await findMember(deps, actor, project, userId);
  if (member === null) {
    throw new Refusal(404, { message: '404 Not found' });
  }
  return member;
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
