/** GitLab: lib/api/users.rb. Accounts are the administrators'; everybody sees their own. */

import { z } from 'zod';
import type { Page } from '../access/page.js';
import { isAllowedOnInstance } from '../access/permissions.js';
import type { User } from '../access/user.js';
import { Secret } from '../credentials.js';
import { MAX_EMAIL, MAX_TEXT } from '../services/details.js';
import { MIN_LENGTH } from '../services/passwords.js';
import { removeUser } from '../services/account-end.js';
import {
  createUser,
  findByExactName,
  findUser,
  pageOfUsers,
  setBlocked,
} from '../services/users.js';
import { endpoint, list, NO_CONTENT, requireUser } from './endpoint.js';
import { wrongField, wrongParameters } from './errors.js';
import { userSettings } from './kept-settings.js';
import {
  blankToo,
  flag,
  id,
  label,
  refusedFlag,
  shorterThan,
  text,
  textOnly,
} from './parameters.js';
import {
  ApiUser,
  PublicUser,
  publicly,
  shownUser,
  shownUsers,
  type UserState,
} from './user-answer.js';
import { changeUser, detailsIn } from './user-changes.js';
import { noSuchUser, wordedForBlocks, wordedForChanges, wordedForUsers } from './user-refusals.js';

const oneUser = { id: id.describe('Number of the user.') };
const description = {
  email: blankToo(
    text
      .meta({ maxLength: MAX_EMAIL, pattern: '^[^\\s\\u0000-\\u001f\\u007f-\\u009f]*$' })
      .optional()
      .describe('Kept, since clients compare it; nothing is sent there.'),
  ),
  note: blankToo(shorterThan(MAX_TEXT).optional().describe('For administrators.')),
  ...userSettings.parameters,
};

export const userEndpoints = [
  endpoint({
    method: 'get',
    path: '/user',
    summary: 'Whom the token stands for.',
    parameters: {},
    answer: ApiUser,
    async run(deps, { actor }) {
      return await shownUser(deps, actor, requireUser(actor).user);
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
    refused: [
      'created_after',
      'created_before',
      'exclude_active',
      'exclude_external',
      'exclude_humans',
      'extern_uid',
      'external',
      'provider',
      'two_factor',
      'without_projects',
    ],
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
      return { ...found, items: await shownUsers(deps, actor, found.items) };
    },
  }),
  endpoint({
    method: 'post',
    path: '/users',
    summary: 'Makes an account, for administrators.',
    bodyRule: {
      anyOf: [
        { required: ['password'] },
        {
          required: ['force_random_password'],
          properties: { force_random_password: { enum: [true, 'true'] } },
        },
      ],
    },
    parameters: {
      username: textOnly.meta({ pattern: '^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,254}$' }),
      name: label.optional().describe('The username when left out.'),
      ...description,
      password: textOnly.meta({ minLength: MIN_LENGTH }).optional(),
      force_random_password: flag
        .optional()
        .describe('`true` for an account that signs in only with tokens.'),
      reset_password: refusedFlag.optional().describe('`true` is refused: Pullgate sends no mail.'),
      admin: flag.optional(),
    },
    status: 201,
    answer: ApiUser,
    refusal: wordedForUsers,
    async run(deps, { actor, parameters }) {
      const { username, name = username, admin: isAdmin = false } = parameters;
      const password = passwordFrom(parameters);
      const details = detailsIn(parameters);
      const input = { username, displayName: name, password, isAdmin, details };
      return await shownUser(deps, actor, await createUser(deps, actor, input));
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
      return await shownUser(deps, actor, await findUser(deps, actor, parameters.id));
    },
  }),
  endpoint({
    method: 'put',
    path: '/users/:id',
    summary: 'Changes an account, for administrators.',
    parameters: {
      ...oneUser,
      username: text.optional().describe('As it is: accounts are not renamed.'),
      name: label.optional(),
      ...description,
      password: textOnly
        .meta({ minLength: MIN_LENGTH })
        .optional()
        .describe('Ends every session of the user.'),
      reset_password: refusedFlag.optional().describe('`true` is refused: Pullgate sends no mail.'),
      admin: flag.optional(),
    },
    answer: ApiUser,
    refusal: wordedForChanges,
    async run(deps, { actor, parameters: { id: number, ...changes } }) {
      const user = await findUser(deps, actor, number);
      return await shownUser(deps, actor, await changeUser(deps, actor, user, changes));
    },
  }),
  endpoint({
    method: 'delete',
    path: '/users/:id',
    summary:
      'Ends an account, for administrators: its sessions, tokens and roles. Deploy tokens that it made live on.',
    parameters: {
      ...oneUser,
      hard_delete: refusedFlag
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
    refusal: wordedForBlocks,
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
