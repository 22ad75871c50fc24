import type { JSX } from 'preact';
import type { Namespace } from '../../../access/namespace.js';
import { fieldText } from '../../fields.js';
import { countText, isFirstPage, Pages } from '../../paging.js';
import { Card, CardFoot } from '../../parts/card.js';
import { Empty } from '../../parts/notice.js';
import { Row, Rows } from '../../parts/rows.js';
import { Filters, Search, Toolbar } from '../../parts/toolbar.js';
import { lastComponent } from '../../place-frame.js';
import { ProjectRow } from '../../project-row.js';
import type { Visit } from '../../visit.js';
import { MakeHere } from '../new-place/offer.js';
import type { Found } from './page.js';

/** Names the row behind which the list of namespaces begins. */
const NAMESPACES = 'namespaces';

interface ContentsProps {
  readonly visit: Visit;
  readonly namespace: Namespace;
  readonly found: Found;
  readonly now: Date;
}

/** Namespaces, then projects, each by page; a search looks at projects however far below. */
export function Contents(props: ContentsProps): JSX.Element {
  const { visit, found } = props;
  const isRight = isRightBelow(props);
  return (
    <>
      {isRight && (found.namespaces.total ?? 0) > 0 && <Namespaces {...props} />}
      <Card
        id="contents"
        title="Projects"
        count={countText(found.projects)}
        {...(!isRight && { note: `However far below ${props.namespace.path}.` })}
      >
        {!isEmpty(props) && <Tools {...props} />}
        <Projects {...props} />
        {(found.projects.next !== null || !isFirstPage(visit.query)) && (
          <CardFoot>
            <span>By path</span>
            <Pages
              visit={visit}
              of="projects"
              next={found.projects.next}
              keeps={['q', 'show', NAMESPACES]}
              anchor="contents"
            />
          </CardFoot>
        )}
      </Card>
    </>
  );
}

/** Without a search, and without having asked for all that lies below. */
function isRightBelow({ visit, found }: ContentsProps): boolean {
  return found.text === '' && fieldText(visit.query, 'show') !== 'below';
}

function isEmpty(props: ContentsProps): boolean {
  const { projects, namespaces } = props.found;
  return (
    isRightBelow(props) &&
    projects.total === 0 &&
    namespaces.total === 0 &&
    isFirstPage(props.visit.query)
  );
}

function Tools(props: ContentsProps): JSX.Element {
  const { namespace, found } = props;
  const here = `/${namespace.path}`;
  return (
    <Toolbar>
      <Search
        id="find-below"
        action={here}
        label={`Find a project below ${namespace.path}`}
        placeholder="Find a project by its path"
        value={found.text}
      />
      <Filters
        label="Filters"
        filters={[
          { label: 'Right below', href: here, isCurrent: isRightBelow(props) },
          {
            label: 'Everything below',
            href: `${here}?show=below`,
            isCurrent: !isRightBelow(props) && found.text === '',
          },
        ]}
      />
    </Toolbar>
  );
}

function Namespaces({ visit, found: { namespaces } }: ContentsProps): JSX.Element {
  return (
    <Card id="below" title="Namespaces" count={countText(namespaces)}>
      <Rows>
        {namespaces.items.map(({ id, path }) => (
          <Row
            key={id}
            icon="folder-tree"
            title={
              <a href={`/${path}`}>
                <bdi>{lastComponent(path)}</bdi>
              </a>
            }
          />
        ))}
      </Rows>
      {(namespaces.next !== null || !isFirstPage(visit.query, NAMESPACES)) && (
        <CardFoot>
          <span>By path</span>
          <Pages
            visit={visit}
            of="namespaces"
            next={namespaces.next}
            field={NAMESPACES}
            keeps={['after']}
            anchor="below"
          />
        </CardFoot>
      )}
    </Card>
  );
}

function Projects(props: ContentsProps): JSX.Element {
  const { visit, namespace, found, now } = props;
  if (found.projects.items.length > 0) {
    return (
      <Rows>
        {found.projects.items.map((project) => (
          <ProjectRow
            key={project.id}
            visit={visit}
            project={project}
            tokens={found.tokens.get(project.id)}
            below={namespace.path}
            now={now}
          />
        ))}
      </Rows>
    );
  }
  return found.text === '' ? (
    <NoProjects {...props} />
  ) : (
    <Empty
      icon="search"
      title={`No project matches “${found.text}”`}
      actions={
        <a class="button" href={`/${namespace.path}`}>
          Clear search
        </a>
      }
    >
      The search looks at the paths of the projects below {namespace.path} that you can see.
    </Empty>
  );
}

function NoProjects({ visit, namespace, found }: ContentsProps): JSX.Element {
  const hasNamespaces = (found.namespaces.total ?? 0) > 0;
  return (
    <Empty
      icon="package"
      title={hasNamespaces ? 'No project right below' : 'Nothing is in here yet'}
      actions={<MakeHere visit={visit} namespace={namespace} />}
    >
      {hasNamespaces
        ? 'The projects lie in the namespaces above this list, or you see none of them.'
        : 'Projects that are made in this namespace, and namespaces, appear here.'}
    </Empty>
  );
}
