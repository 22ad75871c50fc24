import type { UserActor } from '../access/actor.js';
import { isAllowedOnInstance } from '../access/permissions.js';
import type { User } from '../access/user.js';
import { pageOfProjects } from '../services/projects.js';
import { findByExactName, findUser } from '../services/users.js';
import { list, requireUser, type ApiDeps } from './endpoint.js';
import { notFound } from './errors.js';
import { filled } from './parameters.js';
import { ApiProject, shownProjects } from './project-answer.js';
import { OTHER_PROJECT_FILTERS, projectFilters, projectSelection } from './project-filter.js';

export const userProjectEndpoints = [
  list({
    path: '/users/:id/projects',
    summary: "The projects in a user's own namespace that one may see; newest first.",
    parameters: {
      id: filled.describe('Number of the user, or the username.'),
      ...projectFilters,
    },
    refused: OTHER_PROJECT_FILTERS,
    item: ApiProject,
    async run(deps, { actor, parameters, page }) {
      const user = await findNamed(deps, requireUser(actor), parameters.id);
      const namespace = { path: user.username, deep: true };
      const selection = projectSelection(actor, parameters, namespace);
      const found = await pageOfProjects(deps, actor, selection, page);
      return { ...found, items: await shownProjects(deps, actor, found.items) };
    },
  }),
];

/** By exact name for everybody; numbers can be counted through, and are one's own or an administrator's. */
async function findNamed(deps: ApiDeps, actor: UserActor, key: string): Promise<User> {
  const isNumber = /^\d{1,10}$/.test(key);
  const mayCount = isAllowedOnInstance(actor, 'oversee') || actor.user.id === Number(key);
  if (isNumber && !mayCount) {
    throw notFound('User');
  }
  const user = isNumber
    ? await findUser(deps, actor, Number(key))
    : await findByExactName(deps, key);
  if (user === null) {
    throw notFound('User');
  }
  return user;
}
