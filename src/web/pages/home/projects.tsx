import type { JSX } from 'preact';
import type { Page } from '../../../access/page.js';
import type { Project } from '../../../access/project.js';
import { roleInProject } from '../../../access/role.js';
import type { tokensOfProjects } from '../../../services/deploy-token-overview.js';
import { ADDRESSES } from '../../addresses.js';
import { isFirstPage, Pages } from '../../paging.js';
import { Card, CardFoot } from '../../parts/card.js';
import { Chip } from '../../parts/chip.js';
import { Icon } from '../../parts/icon.js';
import { Empty } from '../../parts/notice.js';
import { Row, Rows } from '../../parts/rows.js';
import { Ago } from '../../parts/time.js';
import { Filters, Search, Toolbar } from '../../parts/toolbar.js';
import { ProjectPath, VISIBILITY_ICONS } from '../../project-frame.js';
import type { Visit } from '../../visit.js';
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
      count={countText(list)}
      actions={visit.session !== null && !isEmpty && <NewProject />}
    >
      <Tools {...props} />
      {isEmpty ? (
        <NoProjects {...props} />
      ) : (
        <Rows>
          {found.items.map((project) => (
            <ProjectRow key={project.id} visit={visit} list={list} project={project} now={now} />
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

function countText({ view, counts, found }: ProjectList): string {
  if (view.text !== '') {
    return `${found.total ?? 0} of ${counts[view.show]}`;
  }
  return view.show === 'all' ? String(counts.all) : `${counts[view.show]} of ${counts.all}`;
}

function NewProject(): JSX.Element {
  return (
    <a class="button primary" href={ADDRESSES['new-project'].path}>
      <Icon name="plus" />
      New project
    </a>
  );
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
      {...(visit.session !== null && { actions: <NewProject /> })}
    >
      A project owns images and a git repository, and the deploy tokens that read them. Make one, or
      ask a maintainer to add you.
    </Empty>
  );
}

function ProjectRow(props: ProjectsProps & { readonly project: Project }): JSX.Element {
  const { visit, list, project, now } = props;
  const role = visit.actor.kind === 'user' ? roleInProject(visit.actor.roles, project) : undefined;
  const tokens = list.tokens.get(project.id);
  return (
    <Row
      icon="package"
      title={
        <>
          <a href={`/${project.path}`}>
            <ProjectPath path={project.path} />
          </a>{' '}
          {role !== undefined && <Chip icon="user">{role}</Chip>}
          {project.visibility !== 'private' && (
            <Chip icon={VISIBILITY_ICONS[project.visibility]}>{project.visibility}</Chip>
          )}
          {project.archivedAt !== null && (
            <Chip kind="warn" icon="archive">
              archived
            </Chip>
          )}
        </>
      }
      meta={
        tokens === undefined ? undefined : (
          <>
            {tokens.active === 1 ? '1 deploy token' : `${tokens.active} deploy tokens`}
            {tokens.usedAt !== null && (
              <>
                {' '}
                · last used <Ago instant={tokens.usedAt} now={now} />
              </>
            )}
          </>
        )
      }
    />
  );
}
