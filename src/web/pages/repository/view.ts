import type { TokenSelection } from '../../../services/deploy-token-overview.js';
import { fieldText, type Fields } from '../../fields.js';

/** What somebody wants to see of a list of deploy tokens: in its address, so that it can be sent on. */
export interface View {
  readonly filter: 'all' | 'attention' | 'unused' | 'inactive';
  readonly text: string;
  readonly need: TokenSelection['need'];
  /** Whether those that are refused and still tried stand above. */
  readonly showsRefused: boolean;
}

const NEEDS = {
  all: 'active',
  attention: 'expiring',
  unused: 'unused',
  inactive: 'ended',
} as const satisfies Readonly<Record<View['filter'], TokenSelection['need']>>;

export function readView(query: Fields): View {
  const filter = filterIn(query);
  return {
    filter,
    text: fieldText(query, 'q').trim().slice(0, 255),
    need: NEEDS[filter],
    showsRefused: filter === 'all' || filter === 'attention',
  };
}

function filterIn(query: Fields): View['filter'] {
  const show = fieldText(query, 'show');
  return show === 'attention' || show === 'unused' || show === 'inactive' ? show : 'all';
}

/** The address of another view of the same list. */
export function viewAddress(here: string, { filter, text }: Pick<View, 'filter' | 'text'>): string {
  const query = new URLSearchParams({
    ...(filter !== 'all' && { show: filter }),
    ...(text !== '' && { q: text }),
  });
  return query.size === 0 ? here : `${here}?${query.toString()}`;
}
