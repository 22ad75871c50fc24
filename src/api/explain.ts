/** Why something is granted or refused. GitLab has nothing like it. */

import { z } from 'zod';
import { DENIAL_REASONS, NOT_IN_REACH } from '../access/denial.js';
import { OUTCOMES } from '../access/explanation.js';
import { explainAccess } from '../services/explain.js';
import { endpoint } from './endpoint.js';
import { filled, id, text, wordOf } from './parameters.js';
import { wrongParameters } from './errors.js';

const ApiExplanation = z
  .strictObject({
    allowed: z.boolean(),
    reason: z.enum([...DENIAL_REASONS, NOT_IN_REACH]).nullable(),
    facts: z.array(z.strictObject({ outcome: z.enum(OUTCOMES), text: z.string() })),
  })
  .meta({ id: 'Explanation' });

export const explainEndpoints = [
  endpoint({
    method: 'post',
    path: '/explain',
    summary: 'What the registry or git would answer, and why.',
    bodyRule: { oneOf: [{ required: ['username'] }, { required: ['deploy_token_id'] }] },
    parameters: {
      username: filled.optional().describe('Of a deploy token or an account.'),
      deploy_token_id: id.optional(),
      name: filled.describe('A repository; with `door` git the path of a project.'),
      action: text
        .optional()
        .describe('`pull`, `push` or `delete`; with `door` git `fetch` or `push`.'),
      door: wordOf(['registry', 'git']).optional(),
    },
    status: 200,
    answer: ApiExplanation,
    async run(deps, { actor, parameters }) {
      const { username, deploy_token_id: tokenId, name, door = 'registry' } = parameters;
      const who = tokenId ?? username;
      if (who === undefined || (tokenId !== undefined && username !== undefined)) {
        throw wrongParameters('username, deploy_token_id exactly one parameter must be provided');
      }
      const action = parameters.action ?? (door === 'git' ? 'fetch' : 'pull');
      const { facts, ...decision } = await explainAccess(deps, actor, { who, name, action, door });
      return { ...decision, facts: facts.map((fact) => ({ ...fact })) };
    },
  }),
];
