/** What the API tells of an account: to everybody, to its user, and to administrators. */

import { z } from 'zod';
import type { Actor } from '../access/actor.js';
import type { UserDetails } from '../access/details.js';
import { isAllowedOnInstance } from '../access/permissions.js';
import type { User } from '../access/user.js';
import { detailsOfUsers } from '../services/details.js';
import { personalNamespaceIds } from '../services/namespaces.js';
import type { ApiDeps } from './endpoint.js';
import { userSettings } from './kept-settings.js';

export const UserState = z.enum(['active', 'blocked']);

/** What is nobody's secret. */
const publicFields = {
  id: z.int(),
  username: z.string(),
  name: z.string(),
  state: UserState,
  avatar_url: z.null(),
  web_url: z.null(),
};

export const PublicUser = z.strictObject(publicFields).meta({ id: 'PublicUser' });

export const ApiUser = z
  .strictObject({
    ...publicFields,
    created_at: z.iso.datetime(),
    is_admin: z.boolean(),
    email: z.string().describe('As it was given; nothing is sent there.'),
    note: z.string().optional().describe('For administrators alone.'),
    namespace_id: z.int().nullable().describe('Of the personal namespace.'),
    identities: z.array(z.never()),
    ...userSettings.answers,
  })
  .meta({ id: 'User' });

export function publicly(user: User): z.input<typeof PublicUser> {
  return {
    id: user.id,
    username: user.username,
    name: user.displayName,
    state: stateOf(user),
    avatar_url: null,
    web_url: null,
  };
}

export async function shownUser(
  deps: ApiDeps,
  actor: Actor,
  user: User,
): Promise<z.input<typeof ApiUser>> {
  const [shown] = await shownUsers(deps, actor, [user]);
  if (shown === undefined) {
    throw new Error('one user became none');
  }
  return shown;
}

export async function shownUsers(
  deps: ApiDeps,
  actor: Actor,
  users: readonly User[],
): Promise<z.input<typeof ApiUser>[]> {
  const details = await detailsOfUsers(deps, users);
  const namespaces = await personalNamespaceIds(deps, users);
  const isNoteShown = isAllowedOnInstance(actor, 'oversee');
  return users.map((user) => {
    const { email, note, settings } = details.get(user.id) ?? NO_DETAILS;
    return {
      ...userSettings.shown(settings),
      ...publicly(user),
      created_at: user.createdAt.toISOString(),
      is_admin: user.isAdmin,
      email,
      ...(isNoteShown && { note }),
      namespace_id: namespaces.get(user.id) ?? null,
      identities: [],
    };
  });
}

export function stateOf({ blockedAt }: User): z.infer<typeof UserState> {
  return blockedAt === null ? 'active' : 'blocked';
}

/** Of one that was removed while it was looked at. */
const NO_DETAILS: UserDetails = { email: '', note: '', settings: {} };
