/** GitLab: lib/api/personal_access_tokens.rb. */

import { z } from 'zod';
import {
  ACCESS_TOKEN_SCOPES,
  isAccessTokenActive,
  type AccessToken,
  type AccessTokenScope,
} from '../access/access-token.js';
import { accessTokenOf, type Actor } from '../access/actor.js';
import { isAllowedOnInstance } from '../access/permissions.js';
import {
  createAccessToken,
  findAccessToken,
  pageOfAccessTokens,
  revokeAccessToken,
  rotateAccessToken,
  type AccessTokenInput,
} from '../services/access-tokens.js';
import { findUser } from '../services/users.js';
import { formatExpiryDate } from '../access/expiry.js';
import type { User } from '../access/user.js';
import { endpoint, list, NO_CONTENT, requireUser, type ApiDeps } from './endpoint.js';
import { unauthorized } from './errors.js';
import { date, flag, id, instant, label, text, wordOf, wordsOf } from './parameters.js';
import { noSuchUser } from './user-refusals.js';

const ApiAccessToken = z
  .strictObject({
    id: z.int(),
    name: z.string(),
    revoked: z.boolean(),
    created_at: z.iso.datetime(),
    scopes: z.array(z.enum(ACCESS_TOKEN_SCOPES)),
    user_id: z.int(),
    last_used_at: z.iso.datetime().nullable().describe('To within ten minutes.'),
    description: z.string(),
    active: z.boolean(),
    expires_at: z.iso.date().nullable(),
  })
  .meta({ id: 'PersonalAccessToken' });

const NewAccessToken = ApiAccessToken.extend({
  token: z.string().describe('The secret. It is in no other answer.'),
}).meta({ id: 'NewPersonalAccessToken' });

const oneToken = { id: id.describe('Number of the personal access token.') };
const description = {
  name: label,
  scopes: wordsOf(ACCESS_TOKEN_SCOPES),
  expires_at: date
    .optional()
    .describe('From 00:00 UTC of this date on it is dead. No later than that of the token in use.'),
};

const rotation = {
  expires_at: date
    .optional()
    .describe('Within as many days as the token was made for, which is the default.'),
};

export const accessTokenEndpoints = [
  list({
    path: '/personal_access_tokens',
    summary: "One's own personal access tokens, newest first; everybody's for administrators.",
    parameters: {
      user_id: id.optional().describe('Of this user.'),
      state: wordOf(['active', 'inactive']).optional(),
      revoked: flag.optional(),
      search: text.optional().describe('In the name.'),
      created_after: instant.optional(),
      created_before: instant.optional(),
      last_used_after: instant.optional().describe('One that was never used is in no such span.'),
      last_used_before: instant.optional(),
    },
    refused: ['expires_after', 'expires_before'],
    item: ApiAccessToken,
    async run(deps, { actor, parameters, page }) {
      const { user_id: asked } = parameters;
      const own = isAllowedOnInstance(actor, 'oversee') ? null : requireUser(actor).user.id;
      const filter = {
        userId: asked ?? own,
        state: parameters.state ?? null,
        revoked: parameters.revoked ?? null,
        text: parameters.search ?? '',
        created: between(parameters.created_after, parameters.created_before),
        lastUsed: between(parameters.last_used_after, parameters.last_used_before),
      };
      const found = await pageOfAccessTokens(deps, actor, filter, page);
      return { ...found, items: found.items.map((token) => shown(token, deps.now())) };
    },
  }),
  endpoint({
    method: 'get',
    path: '/personal_access_tokens/self',
    summary: 'The token that asks.',
    parameters: {},
    answer: ApiAccessToken,
    async run(deps, { actor }) {
      return await Promise.resolve(shown(ownToken(actor), deps.now()));
    },
  }),
  endpoint({
    method: 'delete',
    path: '/personal_access_tokens/self',
    summary: 'Revokes the token that asks.',
    parameters: {},
    status: 204,
    answer: NO_CONTENT,
    async run(deps, { actor }) {
      await revokeAccessToken(deps, actor, requireUser(actor).user, ownToken(actor).id);
    },
  }),
  endpoint({
    method: 'post',
    path: '/personal_access_tokens/self/rotate',
    summary: 'Gives the token that asks another secret, and revokes the one that asked.',
    parameters: rotation,
    answer: NewAccessToken,
    async run(deps, { actor, parameters }) {
      const token = ownToken(actor);
      return await rotated(deps, actor, { token, user: requireUser(actor).user }, parameters);
    },
  }),
  endpoint({
    method: 'get',
    path: '/personal_access_tokens/:id',
    summary: 'One personal access token: one of your own, or any for administrators.',
    parameters: oneToken,
    answer: ApiAccessToken,
    async run(deps, { actor, parameters }) {
      const { token } = await findAccessToken(deps, actor, parameters.id);
      return shown(token, deps.now());
    },
  }),
  endpoint({
    method: 'delete',
    path: '/personal_access_tokens/:id',
    summary: 'Revokes a personal access token, from the next request on.',
    parameters: oneToken,
    status: 204,
    answer: NO_CONTENT,
    async run(deps, { actor, parameters }) {
      const { token, user } = await findAccessToken(deps, actor, parameters.id);
      await revokeAccessToken(deps, actor, user, token.id);
    },
  }),
  endpoint({
    method: 'post',
    path: '/personal_access_tokens/:id/rotate',
    summary: 'Makes the same token with another secret and number, and revokes the one before.',
    parameters: { ...oneToken, ...rotation },
    answer: NewAccessToken,
    async run(deps, { actor, parameters }) {
      const found = await findAccessToken(deps, actor, parameters.id);
      return await rotated(deps, actor, found, parameters);
    },
  }),
  endpoint({
    method: 'post',
    path: '/user/personal_access_tokens',
    summary: 'Makes a personal access token of your own. Only this answer has its secret.',
    parameters: description,
    status: 201,
    answer: NewAccessToken,
    async run(deps, { actor, parameters }) {
      return await created(deps, actor, requireUser(actor).user, inputOf(parameters));
    },
  }),
  endpoint({
    method: 'post',
    path: '/users/:user_id/personal_access_tokens',
    summary: 'Makes a personal access token of a user, for administrators.',
    parameters: { ...description, user_id: id.describe('Number of the user.') },
    status: 201,
    answer: NewAccessToken,
    refusal: noSuchUser,
    async run(deps, { actor, parameters }) {
      const user = await findUser(deps, actor, parameters.user_id);
      return await created(deps, actor, user, inputOf(parameters));
    },
  }),
];

function inputOf(parameters: {
  readonly name: string;
  readonly scopes: readonly AccessTokenScope[];
  readonly expires_at?: Date | undefined;
}): AccessTokenInput {
  const { name, scopes, expires_at: expiresAt = null } = parameters;
  return { name, scopes, expiresAt };
}

async function created(
  deps: ApiDeps,
  actor: Actor,
  user: User,
  input: AccessTokenInput,
): Promise<z.input<typeof NewAccessToken>> {
  const { token, secret } = await createAccessToken(deps, actor, user, input);
  return { ...shown(token, deps.now()), token: secret.reveal() };
}

async function rotated(
  deps: ApiDeps,
  actor: Actor,
  found: { readonly token: AccessToken; readonly user: User },
  { expires_at: expiresAt = null }: { readonly expires_at?: Date | null | undefined },
): Promise<z.input<typeof NewAccessToken>> {
  const { token, secret } = await rotateAccessToken(deps, actor, found, expiresAt);
  return { ...shown(token, deps.now()), token: secret.reveal() };
}

function between(
  after: Date | undefined,
  before: Date | undefined,
): { readonly after: Date | null; readonly before: Date | null } {
  return { after: after ?? null, before: before ?? null };
}

function ownToken(actor: Actor): AccessToken {
  const accessToken = accessTokenOf(requireUser(actor));
  if (accessToken === null) {
    throw unauthorized();
  }
  return accessToken;
}

function shown(token: AccessToken, now: Date): z.input<typeof ApiAccessToken> {
  return {
    id: token.id,
    name: token.name,
    revoked: token.revokedAt !== null,
    created_at: token.createdAt.toISOString(),
    scopes: [...token.scopes],
    user_id: token.userId,
    last_used_at: token.lastUsedAt?.toISOString() ?? null,
    description: '',
    active: isAccessTokenActive(token, now),
    expires_at: token.expiresAt && formatExpiryDate(token.expiresAt),
  };
}
