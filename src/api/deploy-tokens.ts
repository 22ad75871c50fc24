/** GitLab: lib/api/deploy_tokens.rb. What is revoked is gone from here, and stays on the page. */

import type { z } from 'zod';
import type { Actor } from '../access/actor.js';
import { DEPLOY_TOKEN_SCOPES, INSTANCE, type Owner } from '../access/deploy-token.js';
import type { AppError } from '../access/errors.js';
import {
  createDeployToken,
  findDeployTokenOf,
  pageOfDeployTokens,
  revokeDeployToken,
  type DeployTokenSelection,
} from '../services/deploy-tokens.js';
import { ApiDeployToken, NewDeployToken, shownToken, shownTokens } from './deploy-token-answer.js';
import { endpoint, list, NO_CONTENT, type ApiDeps, type Endpoint } from './endpoint.js';
import { Refusal } from './errors.js';
import { flag, id, instant, label, text, textList, wordsOf } from './parameters.js';
import { PLACE_KINDS, type PlaceKind } from './place-of.js';

const active = flag.optional().describe('`true` leaves out the expired ones.');
const tokenId = id.describe('Number of the deploy token.');
const newToken = {
  name: label.describe('What it is for.'),
  scopes: wordsOf(DEPLOY_TOKEN_SCOPES),
  expires_at: instant
    .optional()
    .describe('A date, from 00:00 UTC of which on it is dead, or an ISO 8601 time.'),
  username: text.optional().describe('`deploy-token-<id>` when left out.'),
  only: textList
    .optional()
    .describe('Paths of projects and names of repositories that it is narrowed to.'),
};

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
    summary: 'All deploy tokens, whatever they belong to, for administrators.',
    parameters: { active },
    item: ApiDeployToken,
    async run(deps, { actor, parameters, page }) {
      const filter = { owner: null, ...listed(parameters) };
      const found = await pageOfDeployTokens(deps, actor, filter, page);
      return { ...found, items: await shownTokens(deps, found.items) };
    },
  }),
  endpoint({
    method: 'post',
    path: '/deploy_tokens',
    summary:
      'Makes a deploy token of the instance, which reaches every project: for administrators.',
    parameters: newToken,
    status: 201,
    answer: NewDeployToken,
    refusal: inGitlabWords,
    async run(deps, { actor, parameters }) {
      return await create(deps, actor, INSTANCE, parameters);
    },
  }),
  endpoint({
    method: 'get',
    path: '/deploy_tokens/:token_id',
    summary: 'One deploy token of the instance, for administrators.',
    parameters: { token_id: tokenId },
    answer: ApiDeployToken,
    async run(deps, { actor, parameters }) {
      return await show(deps, actor, INSTANCE, parameters.token_id);
    },
  }),
  endpoint({
    method: 'delete',
    path: '/deploy_tokens/:token_id',
    summary:
      'Revokes a deploy token of the instance, from the next request on; for administrators.',
    parameters: { token_id: tokenId },
    status: 204,
    answer: NO_CONTENT,
    async run(deps, { actor, parameters }) {
      await revoke(deps, actor, INSTANCE, parameters.token_id);
    },
  }),
  ...PLACE_KINDS.flatMap(endpointsOf),
];

function endpointsOf({ base, what, key, ...kind }: PlaceKind): Endpoint[] {
  const path = `${base}/deploy_tokens`;
  return [
    list({
      path,
      summary: `The deploy tokens of ${what}.`,
      forAnonymous: true,
      parameters: { id: key, active },
      item: ApiDeployToken,
      async run(deps, { actor, parameters, page }) {
        const owner = await kind.require(deps, actor, parameters.id);
        const filter = { owner, ...listed(parameters) };
        const found = await pageOfDeployTokens(deps, actor, filter, page);
        return { ...found, items: await shownTokens(deps, found.items) };
      },
    }),
    endpoint({
      method: 'post',
      path,
      summary: `Makes a deploy token of ${what}. Only this answer has its secret.`,
      parameters: { id: key, ...newToken },
      status: 201,
      answer: NewDeployToken,
      refusal: inGitlabWords,
      async run(deps, { actor, parameters: { id: place, ...input } }) {
        return await create(deps, actor, await kind.require(deps, actor, place), input);
      },
    }),
    endpoint({
      method: 'get',
      path: `${path}/:token_id`,
      summary: `One deploy token of ${what}.`,
      forAnonymous: true,
      parameters: { id: key, token_id: tokenId },
      answer: ApiDeployToken,
      async run(deps, { actor, parameters }) {
        const owner = await kind.require(deps, actor, parameters.id);
        return await show(deps, actor, owner, parameters.token_id);
      },
    }),
    endpoint({
      method: 'delete',
      path: `${path}/:token_id`,
      summary: `Revokes a deploy token of ${what}, from the next request on.`,
      parameters: { id: key, token_id: tokenId },
      status: 204,
      answer: NO_CONTENT,
      async run(deps, { actor, parameters }) {
        const owner = await kind.require(deps, actor, parameters.id);
        await revoke(deps, actor, owner, parameters.token_id);
      },
    }),
  ];
}

async function show(
  deps: ApiDeps,
  actor: Actor,
  owner: Owner,
  number: number,
): Promise<z.input<typeof ApiDeployToken>> {
  const token = await findDeployTokenOf(deps, actor, owner, number);
  return await shownToken(deps, token);
}

async function revoke(deps: ApiDeps, actor: Actor, owner: Owner, number: number): Promise<void> {
  const token = await findDeployTokenOf(deps, actor, owner, number);
  await revokeDeployToken(deps, actor, token.id);
}

async function create(
  deps: ApiDeps,
  actor: Actor,
  owner: Owner,
  given: z.output<z.ZodObject<typeof newToken>>,
): Promise<z.input<typeof NewDeployToken>> {
  const { name, scopes, expires_at: expiresAt = null, username = null, only = null } = given;
  const input = { name, scopes, expiresAt, username, only };
  const { token, secret } = await createDeployToken(deps, actor, owner, input);
  return { ...(await shownToken(deps, token)), token: secret.reveal() };
}

/** Oldest first, and never the revoked ones. */
function listed(parameters: {
  readonly active?: boolean | undefined;
}): Omit<DeployTokenSelection, 'owner'> {
  return { state: parameters.active === true ? 'active' : 'unrevoked', direction: 'ASC' };
}
