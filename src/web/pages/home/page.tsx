import type { JSX } from 'preact';
import type { Page, PageRequest } from '../../../access/page.js';
import { isAllowedOnInstance } from '../../../access/permissions.js';
import type { Project } from '../../../access/project.js';
import {
  countDeployTokens,
  listDeployTokens,
  tokensOfProjects,
} from '../../../services/deploy-token-overview.js';
import { EVERY_PROJECT, pageOfProjects } from '../../../services/projects.js';
import { ADDRESSES } from '../../addresses.js';
import { fieldText } from '../../fields.js';
import { isFirstPage, pageIn } from '../../paging.js';
import {
  page,
  redirect,
  type Answer,
  type SignedInVisit,
  type Visit,
  type WebDeps,
} from '../../visit.js';
import { findNamespaces, Namespaces } from './namespaces.js';
import { FoundTokens, MOST_AT_ONCE, NeedsYou } from './needs.js';
import { Projects, type ProjectList } from './projects.js';
import { membershipOf, readView, type View } from './view.js';

const COUNT_ALONE: PageRequest = { limit: 0, start: { after: null }, total: true };
const MOST_FOUND = 10;
const MOST_NEEDS = { some: 5, all: MOST_AT_ONCE } as const;

/** What needs the visitor, then the projects: for a stranger the public ones, or the way in. */
export async function homePage(deps: WebDeps, visit: Visit): Promise<Answer> {
  const list = await listProjects(deps, visit);
  const isEmpty = list.found.items.length === 0 && isFirstPage(visit.query);
  if (visit.session === null) {
    return isEmpty && list.view.text === ''
      ? redirect(ADDRESSES['sign-in'].path)
      : page('Projects', <Home list={list} visit={visit} deps={deps} />);
  }
  const isSearch = list.view.text !== '' || !isFirstPage(visit.query);
  const first = isSearch
    ? await foundTokens(deps, visit, list.view.text)
    : await needsYou(deps, visit);
  const { text } = list.view;
  const last = isFirstPage(visit.query) ? (
    <Namespaces found={await findNamespaces(deps, visit, text)} text={text} />
  ) : null;
  return page('Home', <Home list={list} visit={visit} deps={deps} first={first} last={last} />);
}

function Home(props: {
  readonly list: ProjectList;
  readonly visit: Visit;
  readonly deps: WebDeps;
  readonly first?: JSX.Element | null;
  readonly last?: JSX.Element | null;
}): JSX.Element {
  const { list, visit, deps, first, last } = props;
  return (
    <>
      <h1 class="visually-hidden">{visit.session === null ? 'Public projects' : 'Home'}</h1>
      {first}
      <Projects visit={visit} list={list} now={deps.now()} />
      {last}
    </>
  );
}

/**
 * Null for whoever has no deploy tokens to look after. They are counted only where it is not plain from what
 * is shown, since that looks at each of them.
 */
async function needsYou(deps: WebDeps, visit: SignedInVisit): Promise<JSX.Element | null> {
  const limit = fieldText(visit.query, 'needs') === 'all' ? MOST_NEEDS.all : MOST_NEEDS.some;
  const [refused, expiring] = [
    await needing(deps, visit, 'refused', limit),
    await needing(deps, visit, 'expiring', limit),
  ];
  const shown = refused.items.length + expiring.items.length;
  const isPlain = shown > 0 && refused.next === null && expiring.next === null;
  const counts = isPlain ? null : await countDeployTokens(deps, visit.actor, 'maintained');
  if (counts?.any === 0) {
    return null;
  }
  return (
    <NeedsYou
      refused={refused.items}
      expiring={expiring.items}
      count={counts === null ? shown : counts.refused + counts.expiring}
      now={deps.now()}
    />
  );
}

async function needing(
  deps: WebDeps,
  { actor }: SignedInVisit,
  need: 'refused' | 'expiring',
  limit: number,
): ReturnType<typeof listDeployTokens> {
  const selection = { whose: 'maintained', need, text: '' } as const;
  return await listDeployTokens(deps, actor, selection, { limit, after: null });
}

/** Of the projects that one maintains; of all, for administrators. */
async function foundTokens(
  deps: WebDeps,
  { actor }: SignedInVisit,
  text: string,
): Promise<JSX.Element | null> {
  if (text === '') {
    return null;
  }
  const whose = isAllowedOnInstance(actor, 'oversee') ? 'all' : 'maintained';
  const { items } = await listDeployTokens(
    deps,
    actor,
    { whose, need: 'any', text },
    { limit: MOST_FOUND, after: null },
  );
  return items.length === 0 ? null : (
    <FoundTokens
      tokens={items}
      text={text}
      now={deps.now()}
      mayBeMore={items.length === MOST_FOUND}
    />
  );
}

async function listProjects(deps: WebDeps, visit: Visit): Promise<ProjectList> {
  const { actor, query } = visit;
  const counts = await countProjects(deps, visit);
  const view = readView(query, counts);
  const found: Page<Project> = await pageOfProjects(
    deps,
    actor,
    { ...EVERY_PROJECT, text: view.text, membership: membershipOf(actor, view.show) },
    { ...pageIn(query), total: view.text !== '' },
  );
  return { view, counts, found, tokens: await tokensOfProjects(deps, actor, found.items) };
}

async function countProjects(deps: WebDeps, { actor }: Visit): Promise<ProjectList['counts']> {
  async function count(show: View['show']): Promise<number> {
    const selection = { ...EVERY_PROJECT, membership: membershipOf(actor, show) };
    return (await pageOfProjects(deps, actor, selection, COUNT_ALONE)).total ?? 0;
  }
  return actor.kind === 'user'
    ? { mine: await count('mine'), maintained: await count('maintained'), all: await count('all') }
    : { mine: 0, maintained: 0, all: await count('all') };
}
