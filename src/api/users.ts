/** GitLab: lib/api/users.rb. Accounts are the administrators'; everybody sees their own. */

import { z } from 'zod';
import type { AppError } from '../access/errors.js';
import type { Page } from '../access/page.js';
import { isAllowedOnInstance } from '../access/permissions.js';
import type { User } from '../access/user.js';
import { Secret } from '../credentials.js';
import { removeUser } from '../services/account-end.js';
import {
  createUser,
  findByExactName,
  findUser,
  pageOfUsers,
  setBlocked,
} from '../services/users.js';
import { endpoint, list, NO_CONTENT, requireUser } from './endpoint.js';
import {
  forbidden,
  notFound,
  Refusal,
  wrongField,
  wrongFields,
  wrongParameters,
} from './errors.js';
import { flag, id, text } from './parameters.js';

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

const PublicUser = z.strictObject(publicFields).meta({ id: 'PublicUser' });

const ApiUser = z
  .strictObject({
    ...publicFields,
    created_at: z.iso.datetime(),
    is_admin: z.boolean(),
    email: z.null().describe('Pullgate knows no addresses.'),
  })
  .meta({ id: 'User' });

const oneUser = { id: id.describe('Number of the user.') };

export const userEndpoints = [
  endpoint({
    method: 'get',
    path: '/user',
    summary: 'Whom the token stands for.',
    parameters: {},
    answer: ApiUser,
    async run(_, { actor }) {
      return await Promise.resolve(shown(requireUser(actor).user));
    },
  }),
  list({
    path: '/users',
    summary:
      'Accounts, for administrators; newest first. Others find one by exactly its username, without private fields.',
    parameters: {
      username: text.optional().describe('This one, without regard to case.'),
      search: text.optional().describe('In the username or the name.'),
      active: flag.optional().describe('`true` leaves out the blocked ones.'),
      blocked: flag.optional().describe('`true` leaves out those that are not.'),
      admins: flag.optional().describe('`true` lists administrators only.'),
    },
    item: z.union([ApiUser, PublicUser]),
    async run(deps, { actor, parameters, page }) {
      const { username = null, search = '', admins = false } = parameters;
      if (username !== null && !isAllowedOnInstance(actor, 'oversee')) {
        return oneOrNone(await findByExactName(deps, username));
      }
      const filter = {
        username,
        text: search,
        state: stateIn(parameters),
        onlyAdministrators: admins,
        direction: 'DESC',
      } as const;
      const found = await pageOfUsers(deps, actor, filter, page);
      return { ...found, items: found.items.map(shown) };
    },
  }),
  endpoint({
    method: 'post',
    path: '/users',
    summary: 'Makes an account, for administrators.',
    parameters: {
      username: text,
      name: text.optional().describe('The username when left out.'),
      email: text.optional().describe('Taken, since clients send it, and not kept.'),
      password: text.optional(),
      force_random_password: flag
        .optional()
        .describe('`true` for an account that signs in only with tokens.'),
      reset_password: flag.optional().describe('Refused: Pullgate sends no mail.'),
      admin: flag.optional(),
    },
    status: 201,
    answer: ApiUser,
    refusal: wordedForUsers,
    async run(deps, { actor, parameters }) {
      const { username, name = username, admin: isAdmin = false } = parameters;
      const password = passwordFrom(parameters);
      const input = { username, displayName: name, password, isAdmin };
      return shown(await createUser(deps, actor, input));
    },
  }),
  endpoint({
    method: 'get',
    path: '/users/:id',
    summary: 'One account, for administrators; everybody sees their own.',
    parameters: oneUser,
    answer: ApiUser,
    refusal: noSuchUser,
    async run(deps, { actor, parameters }) {
      return shown(await findUser(deps, actor, parameters.id));
    },
  }),
  endpoint({
    method: 'delete',
    path: '/users/:id',
    summary:
      'Ends an account, for administrators: its sessions, tokens and roles. Deploy tokens that it made live on.',
    parameters: {
      ...oneUser,
      hard_delete: flag
        .optional()
        .describe('`true` is refused: what the account made belongs to its projects.'),
    },
    status: 204,
    answer: NO_CONTENT,
    refusal: noSuchUser,
    async run(deps, { actor, parameters }) {
      if (parameters.hard_delete === true) {
        throw wrongField('hard_delete', 'is not supported');
      }
      await removeUser(deps, actor, await findUser(deps, actor, parameters.id));
    },
  }),
  endpoint({
    method: 'post',
    path: '/users/:id/block',
    summary: 'Blocks a user, everywhere and from the next request on; for administrators.',
    parameters: oneUser,
    status: 201,
    answer: z.literal(true),
    refusal: blockRefusal,
    async run(deps, { actor, parameters }) {
      const user = await findUser(deps, actor, parameters.id);
      await setBlocked(deps, actor, user, 'blocked');
      return true as const;
    },
  }),
  endpoint({
    method: 'post',
    path: '/users/:id/unblock',
    summary: 'Takes the block away; for administrators.',
    parameters: oneUser,
    status: 201,
    answer: z.literal(true),
    refusal: noSuchUser,
    async run(deps, { actor, parameters }) {
      const user = await findUser(deps, actor, parameters.id);
      await setBlocked(deps, actor, user, 'unblocked');
      return true as const;
    },
  }),
];

/** The other filters would tell what the fields do not. */
function oneOrNone(user: User | null): Page<z.input<typeof PublicUser>> {
  const items = user === null ? [] : [publicly(user)];
  return { items, next: null, total: items.length };
}

function stateIn(parameters: {
  readonly active?: boolean | undefined;
  readonly blocked?: boolean | undefined;
}): z.infer<typeof UserState> | null {
  if (parameters.blocked === true) {
    return 'blocked';
  }
  return parameters.active === true ? 'active' : null;
}

export function noSuchUser({ code }: AppError): Refusal | null {
  return code === 'not_found' ? notFound('User') : null;
}

function blockRefusal(error: AppError): Refusal | null {
  return error.code === 'conflict' ? forbidden(error.message) : noSuchUser(error);
}

function passwordFrom(parameters: {
  readonly password?: string | undefined;
  readonly force_random_password?: boolean | undefined;
  readonly reset_password?: boolean | undefined;
}): Secret {
  if (parameters.password !== undefined) {
    return new Secret(parameters.password);
  }
  if (parameters.force_random_password === true) {
    return Secret.generate();
  }
  throw parameters.reset_password === true
    ? wrongField('reset_password', 'is not supported: Pullgate sends no mail')
    : wrongParameters(
        'password, reset_password, force_random_password are missing, at least one parameter must be provided',
      );
}

function wordedForUsers({ code, problems }: AppError): Refusal | null {
  if (code === 'conflict') {
    return new Refusal(409, { message: 'Username has already been taken' });
  }
  const { display_name: name, ...others } = problems;
  const named = name === undefined ? problems : { ...others, name };
  return Object.keys(named).length === 0 ? null : wrongFields(named);
}

function publicly(user: User): z.input<typeof PublicUser> {
  return {
    id: user.id,
    username: user.username,
    name: user.displayName,
    state: stateOf(user),
    avatar_url: null,
    web_url: null,
  };
}

function shown(user: User): z.input<typeof ApiUser> {
  return {
    ...publicly(user),
    created_at: user.createdAt.toISOString(),
    is_admin: user.isAdmin,
    email: null,
  };
}

export function stateOf({ blockedAt }: User): z.infer<typeof UserState> {
  return blockedAt === null ? 'active' : 'blocked';
}
