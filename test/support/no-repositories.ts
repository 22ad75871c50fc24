import type { Repositories } from '../../src/repositories/repositories.js';

/** No service looks at what lies in a repository. */
const NO_REPOSITORY = { lfsBytes: 0, place: async () => {}, discard: async () => {} };
export const noRepositories: Repositories = {
  checkRoot: async () => {},
  gitProblem: async () => await Promise.resolve(null),
  find: async () => await Promise.resolve(null),
  prepareEmpty: async () => await Promise.resolve(NO_REPOSITORY),
  prepareCopy: async () => await Promise.resolve(NO_REPOSITORY),
  ids: async () => await Promise.resolve([]),
  isEmpty: async () => await Promise.resolve(true),
  setDefaultBranch: async () => await Promise.resolve(true),
  describe: async () => await Promise.resolve({ defaultBranch: 'main', isEmpty: true }),
};
