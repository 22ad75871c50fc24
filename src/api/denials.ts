/** What was refused, to whom and why. GitLab has nothing like it. */

import { z } from 'zod';
import { DENIAL_REASONS, NOT_IN_REACH } from '../access/denial.js';
import type { Page } from '../access/page.js';
import {
  allDenials,
  denialsOfPlace,
  denialsOfToken,
  type SeenDenial,
} from '../services/denials.js';
import { findDeployTokenOf } from '../services/deploy-tokens.js';
import { list } from './endpoint.js';
import { id, text } from './parameters.js';
import { PLACE_KINDS } from './place-of.js';

const ApiDenial = z
  .strictObject({
    door: z.enum(['registry', 'git']),
    repository: z.string().nullable().describe('Null for a login, which asks for none.'),
    actions: z.array(z.string()),
    reason: z.enum([...DENIAL_REASONS, NOT_IN_REACH]),
    project_id: z.int().nullable(),
    deploy_token_id: z.int().nullable(),
    user_id: z.int().nullable(),
    username: z.string().nullable(),
    count: z.int(),
    first_at: z.iso.datetime(),
    last_at: z.iso.datetime(),
    ip_address: z.string(),
    user_agent: z.string(),
    granted_elsewhere_at: z.iso
      .datetime()
      .nullable()
      .describe('When another credential of the same address was granted the same.'),
  })
  .meta({ id: 'Denial' });

export const denialEndpoints = [
  list({
    path: '/denials',
    summary: 'What was refused, the latest first: for administrators.',
    parameters: { search: text.optional().describe('In the name of the repository.') },
    item: ApiDenial,
    async run(deps, { actor, parameters, page }) {
      return shown(await allDenials(deps, actor, parameters.search ?? '', page));
    },
  }),
  ...PLACE_KINDS.flatMap(({ base, what, key, require }) => [
    list({
      path: `${base}/denials`,
      summary:
        what === 'a project'
          ? 'What was refused in a project, the latest first.'
          : 'What the deploy tokens of a group were refused, the latest first.',
      forAnonymous: true,
      parameters: { id: key },
      item: ApiDenial,
      async run(deps, { actor, parameters, page }) {
        const place = await require(deps, actor, parameters.id);
        return shown(await denialsOfPlace(deps, actor, place, page));
      },
    }),
    list({
      path: `${base}/deploy_tokens/:token_id/denials`,
      summary: `What a deploy token of ${what} was refused, the latest first.`,
      forAnonymous: true,
      parameters: { id: key, token_id: id },
      item: ApiDenial,
      async run(deps, { actor, parameters, page }) {
        const owner = await require(deps, actor, parameters.id);
        const token = await findDeployTokenOf(deps, actor, owner, parameters.token_id);
        return shown(await denialsOfToken(deps, actor, { token, owner }, page));
      },
    }),
  ]),
];

function shown(found: Page<SeenDenial>): Page<z.input<typeof ApiDenial>> {
  return { ...found, items: found.items.map(denialAnswer) };
}

/** Ids of what the reader may see; who asked is named where it is a user. */
function denialAnswer(denial: SeenDenial): z.input<typeof ApiDenial> {
  return {
    door: denial.door,
    repository: denial.repository,
    actions: [...denial.actions],
    reason: denial.reason,
    project_id: idOf(denial.project),
    deploy_token_id: idOf(denial.deployToken),
    user_id: idOf(denial.user),
    username: (denial.deployToken ?? denial.user)?.username ?? null,
    count: denial.count,
    first_at: denial.firstAt.toISOString(),
    last_at: denial.lastAt.toISOString(),
    ip_address: denial.address,
    user_agent: denial.userAgent,
    granted_elsewhere_at: denial.grantedElsewhereAt?.toISOString() ?? null,
  };
}

function idOf(entity: { readonly id: number } | null): number | null {
  return entity?.id ?? null;
}
