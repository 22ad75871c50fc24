/** What the API tells of a deploy token. */

import { z } from 'zod';
import {
  DEPLOY_TOKEN_SCOPES,
  deployTokenStatus,
  type DeployToken,
} from '../access/deploy-token.js';
import { lastUsesOf } from '../services/deploy-token-uses.js';
import { ownerPathsOf } from '../services/deploy-tokens.js';
import type { ApiDeps } from './endpoint.js';

export const ApiDeployToken = z
  .strictObject({
    id: z.int(),
    name: z.string(),
    username: z.string(),
    expires_at: z.iso.datetime().nullable(),
    scopes: z.array(z.enum(DEPLOY_TOKEN_SCOPES)),
    only: z
      .array(z.string())
      .nullable()
      .describe('Projects and repositories that it is narrowed to; null for all of its owner.'),
    owner: z
      .strictObject({
        kind: z.enum(['project', 'group', 'instance']),
        id: z.int().nullable(),
        path: z.string().nullable(),
      })
      .describe('What it belongs to; the instance has neither number nor path.'),
    revoked: z.boolean(),
    expired: z.boolean(),
    last_used_at: z.iso.datetime().nullable(),
    last_used: z
      .strictObject({
        door: z.enum(['registry', 'git']),
        address: z.string(),
        user_agent: z.string(),
        repository: z.string().nullable(),
      })
      .nullable()
      .describe('By what, from where and for what; at most half a minute old.'),
  })
  .meta({ id: 'DeployToken' });

export const NewDeployToken = ApiDeployToken.extend({
  token: z.string().describe('The secret. It is in no other answer.'),
}).meta({ id: 'NewDeployToken' });

export async function shownToken(
  deps: ApiDeps,
  token: DeployToken,
): Promise<z.input<typeof ApiDeployToken>> {
  const [shown] = await shownTokens(deps, [token]);
  if (shown === undefined) {
    throw new Error('one deploy token became none');
  }
  return shown;
}

export async function shownTokens(
  deps: ApiDeps,
  tokens: readonly DeployToken[],
): Promise<z.input<typeof ApiDeployToken>[]> {
  const uses = await lastUsesOf(deps, tokens);
  const paths = await ownerPathsOf(deps, tokens);
  const now = deps.now();
  return tokens.map((token) => {
    const { id, name, username, scopes, only, expiresAt } = token;
    const status = deployTokenStatus(token, now);
    const use = uses.get(id);
    return {
      id,
      name,
      username,
      expires_at: expiresAt && expiresAt.toISOString(),
      scopes: [...scopes],
      only: only && [...only],
      owner: ownerOf(token, paths.get(id)),
      revoked: status === 'revoked',
      expired: status === 'expired',
      last_used_at: use?.usedAt.toISOString() ?? null,
      last_used:
        use === undefined
          ? null
          : {
              door: use.door,
              address: use.address,
              user_agent: use.userAgent,
              repository: use.repository,
            },
    };
  });
}

/** No path for one of the instance, nor of a project that was removed meanwhile. */
function ownerOf(
  { owner }: DeployToken,
  path: string | undefined,
): z.input<typeof ApiDeployToken>['owner'] {
  return {
    kind: owner.kind === 'namespace' ? 'group' : owner.kind,
    id: owner.kind === 'instance' ? null : owner.id,
    path: path ?? null,
  };
}
