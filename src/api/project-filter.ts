/** The filters of lists of projects, on the whole instance and in a group. */

import type { z } from 'zod';
import type { Actor } from '../access/actor.js';
import { VISIBILITIES } from '../access/project.js';
import { ROLE_LEVELS, ROLES, type Role } from '../access/role.js';
import { EVERY_PROJECT, type ProjectSelection } from '../services/projects.js';
import { requireUser } from './endpoint.js';
import { flag, integer, text, wordOf } from './parameters.js';

export const projectFilters = {
  search: text.optional().describe('In the path.'),
  visibility: wordOf(VISIBILITIES).optional(),
  archived: flag.optional(),
  id_after: integer.optional().describe('With a higher number.'),
  id_before: integer.optional().describe('With a lower number.'),
  membership: flag.optional().describe('`true` for those that one is a member of.'),
  owned: flag.optional().describe('`true` for those that one owns.'),
  min_access_level: integer.optional().describe('With at least this role.'),
  order_by: wordOf([
    'id',
    'name',
    'path',
    'created_at',
    'updated_at',
    'last_activity_at',
  ]).optional(),
  sort: wordOf(['asc', 'desc']).optional(),
};

/** GitLab's, which mean nothing here: without them a list would hold what was not asked for. */
export const OTHER_PROJECT_FILTERS = [
  'imported',
  'last_activity_after',
  'last_activity_before',
  'marked_for_deletion_on',
  'starred',
  'topic',
  'topic_id',
  'updated_after',
  'updated_before',
  'with_programming_language',
];

type Given = z.output<z.ZodObject<typeof projectFilters>>;

export function projectSelection(
  actor: Actor,
  given: Given,
  namespace: ProjectSelection['namespace'] = null,
): ProjectSelection {
  const roles = rolesIn(given);
  const byPath = ['name', 'path'].includes(given.order_by ?? '');
  return {
    ...EVERY_PROJECT,
    text: given.search ?? '',
    visibility: given.visibility ?? null,
    archived: given.archived ?? null,
    idAfter: given.id_after ?? null,
    idBefore: given.id_before ?? null,
    membership: roles && { userId: requireUser(actor).user.id, roles },
    namespace,
    order: { by: byPath ? 'path' : 'id', direction: given.sort === 'asc' ? 'ASC' : 'DESC' },
  };
}

/** The roles of which one is asked for; null where none is. */
export function rolesIn(given: {
  readonly membership?: boolean | undefined;
  readonly owned?: boolean | undefined;
  readonly min_access_level?: number | undefined;
}): readonly Role[] | null {
  const { membership = false, owned = false, min_access_level: least = 0 } = given;
  if (!membership && !owned && least === 0) {
    return null;
  }
  const level = owned ? ROLE_LEVELS.owner : least;
  return ROLES.filter((role) => ROLE_LEVELS[role] >= level);
}
