import type { Actor } from '../../../access/actor.js';
import { rolesThatMay } from '../../../access/permissions.js';
import { ROLES } from '../../../access/role.js';
import type { ProjectSelection } from '../../../services/projects.js';
import { fieldText, type Fields } from '../../fields.js';

/** What somebody wants to see of the projects: in the address, so that it can be sent on. */
export interface View {
  readonly show: 'mine' | 'maintained' | 'all';
  readonly text: string;
}

/** One's own, unless there are none. */
export function readView(query: Fields, { mine }: { readonly mine: number }): View {
  const show = fieldText(query, 'show');
  return {
    show: show === 'mine' || show === 'maintained' || show === 'all' ? show : preset(mine),
    text: fieldText(query, 'q').trim().slice(0, 255),
  };
}

function preset(mine: number): View['show'] {
  return mine === 0 ? 'all' : 'mine';
}

export function membershipOf(actor: Actor, show: View['show']): ProjectSelection['membership'] {
  if (actor.kind !== 'user' || show === 'all') {
    return null;
  }
  const roles = show === 'mine' ? ROLES : rolesThatMay('manage');
  return { userId: actor.user.id, roles };
}
