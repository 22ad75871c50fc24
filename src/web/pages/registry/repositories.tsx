import type { JSX } from 'preact';
import type { Page } from '../../../access/page.js';
import type { OwnedRepository } from '../../../access/registry-inventory.js';
import type { LeftUnowned } from '../../../services/registry-import-plan.js';
import { ADDRESSES } from '../../addresses.js';
import { isFirstPage, Pages } from '../../paging.js';
import { Card, CardFoot } from '../../parts/card.js';
import { Cell, Grid, GridRow, MainCell } from '../../parts/grid.js';
import { Empty } from '../../parts/notice.js';
import { Ago } from '../../parts/time.js';
import { Filters, Search, Toolbar } from '../../parts/toolbar.js';
import { PlacePath } from '../../place-frame.js';
import type { SignedInVisit } from '../../visit.js';

export interface RegistryView {
  readonly show: 'all' | 'unowned';
  readonly text: string;
}

interface RepositoriesProps {
  readonly visit: SignedInVisit;
  readonly view: RegistryView;
  readonly found: Page<OwnedRepository>;
  /** Of those that nobody owns: the project that an import would make, or why it would not. */
  readonly outlook: ReadonlyMap<string, string | LeftUnowned>;
  /** Whether a walk has ever ended. */
  readonly isKnown: boolean;
  readonly now: Date;
}

const HERE = ADDRESSES.registry.path;

export function Repositories(props: RepositoriesProps): JSX.Element {
  const { visit, found, isKnown } = props;
  const isPaged = found.next !== null || !isFirstPage(visit.query);
  return (
    <Card
      id="repositories"
      title="Repositories"
      {...(found.total !== null && { count: found.total })}
      note="What no project owns is pulled, pushed and deleted by administrators alone."
      {...(isKnown && {
        actions: (
          <a class="button" href={ADDRESSES['registry-import'].path}>
            Import…
          </a>
        ),
      })}
    >
      <Tools {...props} />
      {found.items.length === 0 ? <NoRepositories {...props} /> : <Table {...props} />}
      {isPaged && (
        <CardFoot>
          <span>By name</span>
          <Pages
            visit={visit}
            of="repositories"
            next={found.next}
            keeps={['show', 'q']}
            anchor="repositories"
          />
        </CardFoot>
      )}
    </Card>
  );
}

function Tools({ view }: RepositoriesProps): JSX.Element {
  const offered = [
    { show: 'all', label: 'All' },
    { show: 'unowned', label: 'Owned by nobody' },
  ] as const;
  return (
    <Toolbar>
      <Search
        id="find-repository"
        action={HERE}
        label="Find a repository"
        placeholder="Find by name"
        value={view.text}
        keeps={view.show === 'all' ? [] : [['show', view.show]]}
      />
      <Filters
        label="Filters"
        filters={offered.map(({ show, label }) => ({
          label,
          href: addressOfView({ show, text: view.text }),
          isCurrent: view.show === show,
        }))}
      />
    </Toolbar>
  );
}

function addressOfView({ show, text }: RegistryView): string {
  const query = new URLSearchParams({
    ...(show !== 'all' && { show }),
    ...(text !== '' && { q: text }),
  });
  return query.size === 0 ? HERE : `${HERE}?${query.toString()}`;
}

function Table(props: RepositoriesProps): JSX.Element {
  const { found, now } = props;
  return (
    <Grid
      caption="Repositories"
      columns={[{ name: 'Repository' }, { name: 'Owner' }, { name: 'Found', width: 'expires' }]}
    >
      {found.items.map((repository) => (
        <GridRow key={repository.name}>
          <MainCell icon="container" title={<PlacePath path={repository.name} />} />
          <OwnerCell {...props} repository={repository} />
          <Cell of="Found" first={<Ago instant={repository.foundAt} now={now} />} />
        </GridRow>
      ))}
    </Grid>
  );
}

function OwnerCell(
  props: Pick<RepositoriesProps, 'outlook'> & { readonly repository: OwnedRepository },
): JSX.Element {
  const { outlook, repository } = props;
  if (repository.project !== null) {
    const { path } = repository.project;
    return (
      <Cell
        of="Owner"
        first={
          <a href={`/${path}`}>
            <PlacePath path={path} />
          </a>
        }
      />
    );
  }
  const becomes = outlook.get(repository.name);
  return (
    <Cell
      of="Owner"
      first="nobody"
      second={
        typeof becomes === 'string' ? (
          <>
            an import would make <code>{becomes}</code>
          </>
        ) : (
          becomes?.why
        )
      }
    />
  );
}

function NoRepositories({ view, found, isKnown }: RepositoriesProps): JSX.Element {
  if (view.text !== '') {
    return (
      <Empty
        icon="search"
        title={`No repository matches “${view.text}”`}
        actions={
          <a class="button" href={HERE}>
            Clear search and filters
          </a>
        }
      >
        The search looks at the names of repositories.
      </Empty>
    );
  }
  if (found.next !== null) {
    return (
      <Empty icon="container" title="None on this page">
        Projects own all of the repositories that were looked at. Go on with the next page.
      </Empty>
    );
  }
  return (
    <Empty icon="container" title={view.show === 'all' ? 'Nothing is known yet' : 'None'}>
      {isKnown && view.show === 'unowned'
        ? 'Projects own every repository of the registry.'
        : 'Repositories appear here once the walk has found them.'}
    </Empty>
  );
}
