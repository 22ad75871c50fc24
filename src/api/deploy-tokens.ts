/** GitLab: lib/api/deploy_tokens.rb. What is revoked is gone from here, and stays on the page. */

import { z } from 'zod';
import {
  DEPLOY_TOKEN_SCOPES,
  deployTokenStatus,
  type DeployToken,
  type DeployTokenUse,
} from '../access/deploy-token.js';
import type { AppError } from '../access/errors.js';
import {
  createDeployToken,
  findDeployTokenOf,
  pageOfDeployTokens,
  revokeDeployToken,
  type DeployTokenSelection,
} from '../services/deploy-tokens.js';
import { lastUsesOf } from '../services/deploy-token-uses.js';
import { endpoint, list, NO_CONTENT, type ApiDeps } from './endpoint.js';
import { Refusal } from './errors.js';
import { flag, id, instant, projectKey, text, wordsOf } from './parameters.js';
import { requireProject } from './project-of.js';

const ApiDeployToken = z
  .strictObject({
    id: z.int(),
    name: z.string(),
    username: z.string(),
    expires_at: z.iso.datetime().nullable(),
    scopes: z.array(z.enum(DEPLOY_TOKEN_SCOPES)),
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

const NewDeployToken = ApiDeployToken.extend({
  token: z.string().describe('The secret. It is in no other answer.'),
}).meta({ id: 'NewDeployToken' });

const active = flag.optional().describe('`true` leaves out the expired ones.');
const ofProject = { id: projectKey };
const oneOfProject = { id: projectKey, token_id: id.describe('Number of the deploy token.') };

const GITLAB_WORDS: Readonly<Record<string, string>> = {
  scopes: "Scopes can't be blank",
  username: "Username can contain only letters, digits, '_', '-', '+', and '.'",
};

function inGitlabWords({ problems }: AppError): Refusal | null {
  const sentences = Object.entries(problems).map(
    ([field, problem]) => GITLAB_WORDS[field] ?? problem,
  );
  return sentences.length === 0 ? null : new Refusal(400, { message: sentences.join(' and ') });
}

export const deployTokenEndpoints = [
  list({
    path: '/deploy_tokens',
    summary: 'The deploy tokens of every project, for administrators.',
    parameters: { active },
    item: ApiDeployToken,
    async run(deps, { actor, parameters, page }) {
      const filter = { owner: null, ...listed(parameters) };
      const found = await pageOfDeployTokens(deps, actor, filter, page);
      return { ...found, items: await withUses(deps, found.items) };
    },
  }),
  list({
    path: '/projects/:id/deploy_tokens',
    summary: 'The deploy tokens of a project.',
    forAnonymous: true,
    parameters: { ...ofProject, active },
    item: ApiDeployToken,
    async run(deps, { actor, parameters, page }) {
      const project = await requireProject(deps, actor, parameters.id);
      const filter = { owner: project, ...listed(parameters) };
      const found = await pageOfDeployTokens(deps, actor, filter, page);
      return { ...found, items: await withUses(deps, found.items) };
    },
  }),
  endpoint({
    method: 'post',
    path: '/projects/:id/deploy_tokens',
    summary: 'Makes a deploy token. Only this answer has its secret.',
    parameters: {
      ...ofProject,
      name: text.describe('What it is for.'),
      scopes: wordsOf(DEPLOY_TOKEN_SCOPES),
      expires_at: instant
        .optional()
        .describe('A date, from 00:00 UTC of which on it is dead, or an ISO 8601 time.'),
      username: text.optional().describe('`deploy-token-<id>` when left out.'),
    },
    status: 201,
    answer: NewDeployToken,
    refusal: inGitlabWords,
    async run(deps, { actor, parameters }) {
      const { name, scopes, expires_at: expiresAt = null, username = null } = parameters;
      const project = await requireProject(deps, actor, parameters.id);
      const input = { name, scopes, expiresAt, username };
      const { token, secret } = await createDeployToken(deps, actor, project, input);
      return { ...shown(token, undefined, deps.now()), token: secret.reveal() };
    },
  }),
  endpoint({
    method: 'get',
    path: '/projects/:id/deploy_tokens/:token_id',
    summary: 'One deploy token of a project.',
    forAnonymous: true,
    parameters: oneOfProject,
    answer: ApiDeployToken,
    async run(deps, { actor, parameters }) {
      const project = await requireProject(deps, actor, parameters.id);
      const token = await findDeployTokenOf(deps, actor, project, parameters.token_id);
      const uses = await lastUsesOf(deps, [token]);
      return shown(token, uses.get(token.id), deps.now());
    },
  }),
  endpoint({
    method: 'delete',
    path: '/projects/:id/deploy_tokens/:token_id',
    summary: 'Revokes a deploy token, from the next request on.',
    parameters: oneOfProject,
    status: 204,
    answer: NO_CONTENT,
    async run(deps, { actor, parameters }) {
      const project = await requireProject(deps, actor, parameters.id);
      const token = await findDeployTokenOf(deps, actor, project, parameters.token_id);
      await revokeDeployToken(deps, actor, token.id);
    },
  }),
];

/** Oldest first, and never the revoked ones. */
function listed(parameters: {
  readonly active?: boolean | undefined;
}): Omit<DeployTokenSelection, 'owner'> {
  return { state: parameters.active === true ? 'active' : 'unrevoked', direction: 'ASC' };
}

async function withUses(
  deps: ApiDeps,
  tokens: readonly DeployToken[],
): Promise<z.input<typeof ApiDeployToken>[]> {
  const uses = await lastUsesOf(deps, tokens);
  return tokens.map((token) => shown(token, uses.get(token.id), deps.now()));
}

function shown(
  token: DeployToken,
  use: DeployTokenUse | undefined,
  now: Date,
): z.input<typeof ApiDeployToken> {
  const { id: number, name, username, scopes, expiresAt } = token;
  const status = deployTokenStatus(token, now);
  return {
    id: number,
    name,
    username,
    expires_at: expiresAt && expiresAt.toISOString(),
    scopes: [...scopes],
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
}
