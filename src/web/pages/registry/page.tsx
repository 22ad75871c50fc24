import type { JSX } from 'preact';
import type { OwnedRepository } from '../../../access/registry-inventory.js';
import type { Page } from '../../../access/page.js';
import { outlookOf } from '../../../services/registry-import-plan.js';
import {
  registryWalk,
  repositoriesOfRegistry,
  unownedRepositories,
} from '../../../services/registry-inventory.js';
import { adminFrame } from '../../admin-frame.js';
import { fieldText } from '../../fields.js';
import { PER_PAGE, pageIn } from '../../paging.js';
import type { Answer, SignedInVisit, WebDeps } from '../../visit.js';
import { PathFindings } from './path-findings.js';
import { Repositories, type RegistryView } from './repositories.js';
import { WalkState } from './walk-state.js';

/** What the registry holds, who owns it, and what an import would make, for administrators. */
export async function registryPage(deps: WebDeps, visit: SignedInVisit): Promise<Answer> {
  const walk = await registryWalk(deps, visit.actor);
  return adminFrame('registry', {
    title: 'Registry',
    body: (
      <>
        <PathFindings findings={deps.pathFindings()} />
        <WalkState walk={walk} now={deps.now()} />
        {await repositories(deps, visit, { isKnown: walk.endedAt !== null })}
      </>
    ),
  });
}

async function repositories(
  deps: WebDeps,
  visit: SignedInVisit,
  { isKnown }: { readonly isKnown: boolean },
): Promise<JSX.Element> {
  const view = readView(visit);
  const found = await findRepositories(deps, visit, view);
  const unowned = found.items.filter(({ project }) => project === null);
  const outlook = await outlookOf(
    deps,
    visit.actor,
    unowned.map(({ name }) => name),
  );
  return (
    <Repositories
      visit={visit}
      view={view}
      found={found}
      outlook={outlook}
      isKnown={isKnown}
      now={deps.now()}
    />
  );
}

async function findRepositories(
  deps: WebDeps,
  { actor, query }: SignedInVisit,
  { show, text }: RegistryView,
): Promise<Page<OwnedRepository>> {
  if (show === 'all') {
    return await repositoriesOfRegistry(deps, actor, text, pageIn(query));
  }
  const start = { after: fieldText(query, 'after') || null };
  return await unownedRepositories(deps, actor, { limit: PER_PAGE, start }, text);
}

function readView({ query }: SignedInVisit): RegistryView {
  return {
    show: fieldText(query, 'show') === 'unowned' ? 'unowned' : 'all',
    text: fieldText(query, 'q').trim().slice(0, 255),
  };
}
