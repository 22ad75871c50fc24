import { z } from 'zod';
import { requireOversight } from '../services/requirements.js';
import { endpoint } from './endpoint.js';

/**
 * The version of GitLab's API that clients may take this for: what is here has been in GitLab since
 * before it. They compare it as a version, so it has the form of one.
 */
const GITLAB_VERSION = '17.0.0-pullgate';

export const versionEndpoints = [
  endpoint({
    method: 'get',
    path: '/version',
    summary: 'The version of GitLab that this API is like, and the version of Pullgate.',
    parameters: {},
    answer: z.strictObject({ version: z.string(), revision: z.string() }).meta({ id: 'Version' }),
    async run({ version }) {
      return await Promise.resolve({ version: GITLAB_VERSION, revision: version });
    },
  }),
  endpoint({
    method: 'get',
    path: '/metadata',
    summary: 'The same, as clients ask for it since GitLab 15.2.',
    parameters: {},
    answer: z
      .strictObject({
        version: z.string(),
        revision: z.string(),
        kas: z.strictObject({
          enabled: z.literal(false),
          externalUrl: z.null(),
          externalK8sProxyUrl: z.null(),
          version: z.null(),
        }),
        enterprise: z.literal(false),
      })
      .meta({ id: 'Metadata' }),
    async run({ version }) {
      return await Promise.resolve({
        version: GITLAB_VERSION,
        revision: version,
        kas: { enabled: false, externalUrl: null, externalK8sProxyUrl: null, version: null },
        enterprise: false,
      } as const);
    },
  }),
  endpoint({
    method: 'get',
    path: '/application/settings',
    summary:
      'What Terraform asks for beside a project in a personal namespace; for administrators.',
    parameters: {},
    answer: z
      .strictObject({ default_branch_protection: z.literal(0).describe('No branch is protected.') })
      .meta({ id: 'Settings' }),
    async run(_, { actor }) {
      requireOversight(actor);
      return await Promise.resolve({ default_branch_protection: 0 } as const);
    },
  }),
];
