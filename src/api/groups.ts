/** GitLab: lib/api/groups.rb and lib/api/namespaces.rb. Its groups are Pullgate's namespaces. */

import { z } from 'zod';
import type { AppError } from '../access/errors.js';
import { EVERYWHERE, type Namespace, type NamespaceDetails } from '../access/namespace.js';
import { namespaceOf, VISIBILITIES } from '../access/project.js';
import { namespacesOfRole } from '../access/role.js';
import { parentOf } from '../access/tree.js';
import {
  createNamespace,
  EVERY_NAMESPACE,
  MAX_DESCRIPTION,
  pageOfNamespaces,
  removeNamespace,
  setNamespaceDetails,
} from '../services/namespaces.js';
import { endpoint, list, requireUser, type ApiDeps, type Endpoint } from './endpoint.js';
import { notFound, wrongField, wrongFields, type Refusal } from './errors.js';
import { ApiGroup, ApiNamespace, shownGroups, shownNamespaces } from './namespace-answer.js';
import {
  blankToo,
  filled,
  flag,
  groupKey,
  integer,
  label,
  shorterThan,
  text,
  wordOf,
} from './parameters.js';
import { findNamespace, requireGroup } from './place-of.js';
import { rolesIn } from './project-filter.js';

const ofGroup = { id: groupKey };
const details = {
  name: label.optional().describe('For people; the last component of the path when left out.'),
  description: blankToo(shorterThan(MAX_DESCRIPTION).optional()),
  visibility: wordOf(VISIBILITIES).optional().describe('Kept as it was sent; it decides nothing.'),
};
const search = text.optional().describe('In the path.');
const top_level_only = flag.optional().describe('`true` leaves out what lies in others.');

const OTHER_GROUP_FILTERS = ['skip_groups', 'visibility', 'marked_for_deletion_on'];

export const groupEndpoints = [
  list({
    path: '/groups',
    summary: 'The groups that one may see, by path; without the namespaces of users.',
    forAnonymous: true,
    parameters: {
      search,
      owned: flag.optional().describe('`true` for those that one owns.'),
      min_access_level: integer.optional().describe('With at least this role.'),
      top_level_only,
    },
    refused: OTHER_GROUP_FILTERS,
    item: ApiGroup,
    async run(deps, { actor, parameters, page }) {
      const roles = rolesIn(parameters);
      const selection = {
        ...EVERY_NAMESPACE,
        text: parameters.search ?? '',
        parent: parameters.top_level_only === true ? null : EVERYWHERE,
        among: roles && namespacesOfRole(requireUser(actor).roles, roles),
        personal: 'none',
      } as const;
      const found = await pageOfNamespaces(deps, actor, selection, page);
      return { ...found, items: await shownGroups(deps, found.items) };
    },
  }),
  endpoint({
    method: 'post',
    path: '/groups',
    summary: 'Makes a group. Whoever makes it owns it; top-level ones are made by administrators.',
    parameters: {
      path: filled.describe('Below the parent, or the full path.'),
      parent_id: groupKey.optional().describe('Number or path of the group that it comes into.'),
      ...details,
    },
    status: 201,
    answer: ApiGroup,
    refusal: worded,
    async run(deps, { actor, parameters }) {
      const { path, parent_id: key } = parameters;
      const parent = key === undefined ? null : await requireGroup(deps, actor, key);
      const fullPath = parent === null ? path : `${parent.path}/${path}`;
      const group = await createNamespace(deps, actor, fullPath, detailsIn(parameters));
      return await shown(deps, group);
    },
  }),
  endpoint({
    method: 'get',
    path: '/groups/:id',
    summary: 'One group.',
    forAnonymous: true,
    parameters: ofGroup,
    answer: ApiGroup,
    async run(deps, { actor, parameters }) {
      return await shown(deps, await requireGroup(deps, actor, parameters.id));
    },
  }),
  endpoint({
    method: 'put',
    path: '/groups/:id',
    summary: 'Changes the name, the description or the visibility of a group.',
    parameters: {
      ...ofGroup,
      path: text.optional().describe('As it is: groups are not moved.'),
      ...details,
    },
    answer: ApiGroup,
    refusal: worded,
    async run(deps, { actor, parameters }) {
      const group = await requireGroup(deps, actor, parameters.id);
      requireSamePath(group, parameters.path);
      return await shown(
        deps,
        await setNamespaceDetails(deps, actor, group, detailsIn(parameters)),
      );
    },
  }),
  endpoint({
    method: 'delete',
    path: '/groups/:id',
    summary: 'Removes a group that is empty. Its deploy tokens die with it.',
    parameters: ofGroup,
    status: 202,
    answer: z.strictObject({ message: z.literal('202 Accepted') }),
    async run(deps, { actor, parameters }) {
      const group = await requireGroup(deps, actor, parameters.id);
      await removeNamespace(deps, actor, group);
      return { message: '202 Accepted' } as const;
    },
  }),
  endpoint({
    method: 'post',
    path: '/groups/:id/transfer',
    summary: 'Refused, unless the group lies there already: groups are not moved.',
    parameters: {
      ...ofGroup,
      group_id: groupKey
        .optional()
        .describe('Number or path of the group above; none for the top.'),
    },
    status: 201,
    answer: ApiGroup,
    async run(deps, { actor, parameters: { id: key, group_id: target } }) {
      const group = await requireGroup(deps, actor, key);
      const wanted = target === undefined ? null : await requireGroup(deps, actor, target);
      const above = parentOf(namespaceOf(group.path));
      if (above !== (wanted && namespaceOf(wanted.path))) {
        throw wrongField('group_id', 'cannot be changed: groups are not moved');
      }
      return await shown(deps, await setNamespaceDetails(deps, actor, group, {}));
    },
  }),
  belowEndpoint('subgroups', 'The groups right below a group.'),
  belowEndpoint('descendant_groups', 'The groups anywhere below a group.'),
  list({
    path: '/namespaces',
    summary: "What projects lie in: groups, and users' own namespaces. One's own comes first.",
    parameters: {
      search,
      owned_only: flag.optional().describe('`true` for those that one owns.'),
      top_level_only,
    },
    item: ApiNamespace,
    async run(deps, { actor, parameters, page }) {
      const { user, roles } = requireUser(actor);
      const selection = {
        ...EVERY_NAMESPACE,
        text: parameters.search ?? '',
        parent: parameters.top_level_only === true ? null : EVERYWHERE,
        among: parameters.owned_only === true ? namespacesOfRole(roles, ['owner']) : null,
        firstOf: user.id,
      };
      const found = await pageOfNamespaces(deps, actor, selection, page);
      return { ...found, items: await shownNamespaces(deps, found.items) };
    },
  }),
  endpoint({
    method: 'get',
    path: '/namespaces/:id',
    summary: 'One namespace.',
    parameters: { id: groupKey },
    answer: ApiNamespace,
    async run(deps, { actor, parameters }) {
      const namespace = await findNamespace(deps, actor, parameters.id);
      const [answer] = namespace === null ? [] : await shownNamespaces(deps, [namespace]);
      if (answer === undefined) {
        throw notFound('Namespace');
      }
      return answer;
    },
  }),
];

function belowEndpoint(name: 'subgroups' | 'descendant_groups', summary: string): Endpoint {
  return list({
    path: `/groups/:id/${name}`,
    summary,
    forAnonymous: true,
    parameters: { ...ofGroup, search },
    refused: [...OTHER_GROUP_FILTERS, 'owned', 'min_access_level'],
    item: ApiGroup,
    async run(deps, { actor, parameters, page }) {
      const { path } = await requireGroup(deps, actor, parameters.id);
      const where = name === 'subgroups' ? { parent: path } : { under: path };
      const selection = { ...EVERY_NAMESPACE, ...where, text: parameters.search ?? '' };
      const found = await pageOfNamespaces(deps, actor, selection, page);
      return { ...found, items: await shownGroups(deps, found.items) };
    },
  });
}

async function shown(deps: ApiDeps, group: Namespace): Promise<z.input<typeof ApiGroup>> {
  const [answer] = await shownGroups(deps, [group]);
  if (answer === undefined) {
    throw new Error('a group has no answer');
  }
  return answer;
}

/** What was not given is left out, and so stays as it is. */
function detailsIn(given: {
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly visibility?: NamespaceDetails['visibility'] | undefined;
}): Partial<NamespaceDetails> {
  return {
    ...(given.name !== undefined && { name: given.name }),
    ...(given.description !== undefined && { description: given.description }),
    ...(given.visibility !== undefined && { visibility: given.visibility }),
  };
}

/** A client that sends the whole group back, unchanged but for one thing, is understood. */
function requireSamePath({ path }: Namespace, given: string | undefined): void {
  const isSame = [undefined, path, path.slice(path.lastIndexOf('/') + 1)].includes(given);
  if (!isSame) {
    throw wrongField('path', 'cannot be changed: groups are not moved');
  }
}

function worded({ code, problems }: AppError): Refusal | null {
  if (code === 'conflict' && problems['path'] !== undefined) {
    return wrongField('path', `has already been taken. ${problems['path']}`);
  }
  return code === 'invalid_input' ? wrongFields(problems) : null;
}
