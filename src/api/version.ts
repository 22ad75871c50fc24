import { z } from 'zod';
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
];
