import { INSTANCE } from '../../../access/deploy-token.js';
import {
  countDeployTokens,
  listDeployTokens,
  type TokenSelection,
} from '../../../services/deploy-token-overview.js';
import { deployTokenCsv } from '../../../services/deploy-token-export.js';
import { rewindToTell } from '../../../services/rewind.js';
import { usernamesOf } from '../../../services/users.js';
import { adminFrame } from '../../admin-frame.js';
import { fieldText } from '../../fields.js';
import { PER_PAGE } from '../../paging.js';
import type { Answer, SignedInVisit, WebDeps } from '../../visit.js';
import { RewindNotice } from './rewind-notice.js';
import { Inventory, type InventoryView } from './inventory.js';

/** The deploy tokens of every project, every namespace and the instance, for administrators. */
export async function allDeployTokensPage(deps: WebDeps, visit: SignedInVisit): Promise<Answer> {
  const { actor, query } = visit;
  const view = readView(visit);
  const { text } = view;
  const whose = whoseIn(view.filter);
  const all = await countDeployTokens(deps, actor, 'all');
  const ofInstance = await countDeployTokens(deps, actor, INSTANCE);
  const matching =
    text === '' && whose === 'all' ? all : await countDeployTokens(deps, actor, whose, text);
  const { items, next } = await listDeployTokens(
    deps,
    actor,
    { whose, need: view.need, text },
    { limit: PER_PAGE, after: fieldText(query, 'after') || null },
  );
  return adminFrame('all-deploy-tokens', {
    title: 'Deploy tokens',
    body: (
      <>
        <RewindNotice rewind={await rewindToTell(deps, actor)} />
        <Inventory
          visit={visit}
          view={view}
          counts={all}
          ofInstance={ofInstance}
          matching={matching}
          tokens={items}
          names={await usernamesOf(
            deps,
            items.map(({ token }) => token.revokedBy),
          )}
          next={next}
          now={deps.now()}
        />
      </>
    ),
  });
}

/** What the page of the same filters shows. */
export async function allDeployTokensCsv(deps: WebDeps, visit: SignedInVisit): Promise<Answer> {
  const { filter, need, text } = readView(visit);
  const selection = { whose: whoseIn(filter), need, text };
  return await Promise.resolve({
    kind: 'download',
    type: 'text/csv; charset=utf-8',
    fileName: 'deploy-tokens.csv',
    content: deployTokenCsv(deps, visit.actor, selection),
  });
}

function whoseIn(filter: InventoryView['filter']): TokenSelection['whose'] {
  return filter === 'instance' ? INSTANCE : 'all';
}

const NEEDS = {
  all: 'active',
  expiring: 'expiring',
  lasting: 'lasting',
  unused: 'unused',
  refused: 'refused',
  instance: 'active',
  inactive: 'ended',
} as const satisfies Readonly<Record<InventoryView['filter'], TokenSelection['need']>>;

function readView({ query }: SignedInVisit): InventoryView {
  const show = fieldText(query, 'show');
  const filter = isFilter(show) ? show : 'all';
  return { filter, need: NEEDS[filter], text: fieldText(query, 'q').trim().slice(0, 255) };
}

function isFilter(text: string): text is InventoryView['filter'] {
  return Object.hasOwn(NEEDS, text);
}
