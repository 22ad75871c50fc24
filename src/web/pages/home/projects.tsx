import type { JSX } from 'preact';
import type { Page } from '../../../access/page.js';
import type { Project } from '../../../access/project.js';
import type { tokensOfProjects } from '../../../services/deploy-token-overview.js';
import { ADDRESSES } from '../../addresses.js';
import { countText, isFirstPage, Pages } from '../../paging.js';
import { Card, CardFoot } from '../../parts/card.js';
import { Empty } from '../../parts/notice.js';
import { Rows } from '../../parts/rows.js';
import { Filters, Search, Toolbar } from '../../parts/toolbar.js';
import { ProjectRow } from '../../project-row.js';
import type { Visit } from '../../visit.js';
import { MakeHere, mayMake } from '../new-place/offer.js';
import type { View } from './view.js';

/** Below this, a list is searched by looking at it. */
const SEARCHED_FROM = 10;

export interface ProjectList {
  readonly view: View;
  readonly counts: { readonly mine: number; readonly maintained: number; readonly all: number };
  readonly found: Page<Project>;
  /** Of those whose settings the visitor may see. */
  readonly tokens: Awaited<ReturnType<typeof tokensOfProjects>>;
}

interface ProjectsProps {
  readonly visit: Visit;
  readonly list: ProjectList;
  readonly now: Date;
}

export function Projects(props: ProjectsProps): JSX.Element {
  const { visit, list, now } = props;
  const { found } = list;
  const isEmpty = found.items.length === 0 && isFirstPage(visit.query);
  const next = (
    <Pages visit={visit} of="projects" next={found.next} keeps={['show', 'q']} anchor="projects" />
  );
  return (
    <Card
      id="projects"
      title="Projects"
      count={shownText(list)}
      actions={!isEmpty && <MakeHere visit={visit} />}
    >
      <Tools {...props} />
      {isEmpty ? (
        <NoProjects {...props} />
      ) : (
        <Rows>
          {found.items.map((project) => (
            <ProjectRow
              key={project.id}
              visit={visit}
              project={project}
              tokens={list.tokens.get(project.id)}
              now={now}
            />
          ))}
        </Rows>
      )}
      {(found.next !== null || !isFirstPage(visit.query)) && (
        <CardFoot>
          <span>By path</span>
          {next}
        </CardFoot>
      )}
    </Card>
  );
}

function shownText({ view, counts, found }: ProjectList): string {
  if (view.text !== '') {
    return `${countText(found)} of ${textOf(counts[view.show])}`;
  }
  const all = textOf(counts.all);
  return view.show === 'all' ? all : `${textOf(counts[view.show])} of ${all}`;
}

function textOf(total: number): string {
  return countText({ total });
}

function Tools({ visit, list: { view, counts } }: ProjectsProps): JSX.Element | null {
  const isSearched = counts.all > SEARCHED_FROM || view.text !== '';
  const isFiltered = visit.session !== null && counts.all > 0;
  return !isSearched && !isFiltered ? null : (
    <Toolbar>
      {isSearched && (
        <Search
          id="find-project"
          action={ADDRESSES.home.path}
          label="Find a project by its path"
          placeholder="Find a project by its path"
          value={view.text}
          keeps={[['show', view.show]]}
        />
      )}
      {isFiltered && (
        <Filters
          label="Filters"
          filters={(
            [
              ['mine', 'Mine'],
              ['maintained', 'I maintain'],
              ['all', 'All I can see'],
            ] as const
          ).map(([show, label]) => ({
            label,
            href: viewAddress({ show, text: view.text }),
            isCurrent: view.show === show,
            count: counts[show],
          }))}
        />
      )}
    </Toolbar>
  );
}

function viewAddress({ show, text }: View): string {
  const query = new URLSearchParams(text === '' ? { show } : { show, q: text });
  return `${ADDRESSES.home.path}?${query.toString()}`;
}

function NoProjects({ visit, list: { view, counts } }: ProjectsProps): JSX.Element {
  if (view.text !== '') {
    return (
      <Empty
        icon="search"
        title={`No project matches “${view.text}”`}
        actions={
          <a class="button" href={viewAddress({ show: 'all', text: '' })}>
            Clear search and filters
          </a>
        }
      >
        The search looks at the paths of the projects that you can see.
      </Empty>
    );
  }
  return (
    <Empty
      icon="package"
      title={counts.all === 0 ? 'No projects yet' : 'No projects here'}
      {...(mayMake(visit) && { actions: <MakeHere visit={visit} /> })}
    >
      A project owns images and a git repository, and the deploy tokens that read them.{' '}
      {mayMake(visit) ? 'Make one, or ask' : 'Ask'} a maintainer to add you.
    </Empty>
  );
}
