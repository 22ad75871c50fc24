import type { JSX } from 'preact';
import type { Cursor } from '../../../access/page.js';
import { MAX_COMPONENTS } from '../../../access/project.js';
import { importPart } from '../../../services/registry-import.js';
import {
  DEFAULT_DEPTH,
  planPart,
  type ImportedProject,
  type ImportPart,
  type PartRequest,
} from '../../../services/registry-import-plan.js';
import { adminFrame } from '../../admin-frame.js';
import { ADDRESSES } from '../../addresses.js';
import { fieldNumber, fieldText, type Fields } from '../../fields.js';
import { noticeQuery } from '../../notices.js';
import { Ask, AskPage } from '../../parts/ask.js';
import { Card, CardBody } from '../../parts/card.js';
import { Field } from '../../parts/field.js';
import { Empty } from '../../parts/notice.js';
import { Row, Rows } from '../../parts/rows.js';
import { PlacePath } from '../../place-frame.js';
import {
  redirect,
  redirectSaying,
  type Answer,
  type SignedInVisit,
  type WebDeps,
} from '../../visit.js';
import { counted } from './walk-state.js';

/** Of what nobody owns, in one request: a minute is too long for a proxy in between. */
const AT_ONCE = 200;
const HERE = ADDRESSES['registry-import'].path;
const LIST = ADDRESSES.registry.path;

/** Says what an import would make, and asks; then makes it. Part by part, where there is much. */
export async function registryImportPage(deps: WebDeps, visit: SignedInVisit): Promise<Answer> {
  if (visit.method === 'POST') {
    return await importNow(deps, visit, readRequest(visit.form));
  }
  const request = readRequest(visit.query);
  const part = await planPart(deps, visit.actor, request);
  return adminFrame('registry', {
    title: 'Import',
    crumbs: [
      { label: 'Registry', href: LIST },
      { label: 'Import', href: null },
    ],
    body: <Question visit={visit} request={request} part={part} />,
  });
}

async function importNow(
  deps: WebDeps,
  visit: SignedInVisit,
  request: PartRequest,
): Promise<Answer> {
  const { projects, next } = await importPart(deps, visit.actor, request);
  const made = projectCount(projects);
  if (next === null) {
    return redirectSaying(visit, LIST, 'registry-imported', made);
  }
  const notice = noticeQuery('registry-imported', made, visit.csrf);
  return redirect(`${addressOfPart({ ...request, after: next })}&${notice}`);
}

function readRequest(fields: Fields): PartRequest {
  const depth = fieldNumber(fields, 'depth') ?? DEFAULT_DEPTH;
  return {
    depth: Math.min(Math.max(depth, DEFAULT_DEPTH), MAX_COMPONENTS),
    after: fieldText(fields, 'after') || null,
    limit: AT_ONCE,
  };
}

function addressOfPart({ depth, after }: Pick<PartRequest, 'depth' | 'after'>): string {
  return `${HERE}?${new URLSearchParams({
    depth: String(depth),
    ...(after !== null && { after }),
  }).toString()}`;
}

interface QuestionProps {
  readonly visit: SignedInVisit;
  readonly request: PartRequest;
  readonly part: ImportPart;
}

function Question(props: QuestionProps): JSX.Element {
  const { request, part } = props;
  return (
    <div class="col">
      {part.projects.length === 0 ? <Nothing {...props} /> : <AskToImport {...props} />}
      {part.next !== null && <NextPart after={part.next} depth={request.depth} />}
      {request.after === null && <Depth depth={request.depth} />}
      {part.projects.length > 0 && <Projects {...part} />}
      {part.unowned.length > 0 && <Left {...part} />}
    </div>
  );
}

function AskToImport({ visit, request, part }: QuestionProps): JSX.Element {
  const { namespaces, projects } = part;
  return (
    <AskPage
      question={(id) => (
        <Ask
          id={id}
          title={`Make ${projectCount(projects)}${
            namespaces.length === 0 ? '' : ` and ${namespaceCount(namespaces)}`
          }?`}
          action={HERE}
          csrf={visit.csrf}
          keepIt={{ href: LIST }}
          keepLabel="Cancel"
          doIt={
            <>
              <input type="hidden" name="depth" value={String(request.depth)} />
              {request.after !== null && <input type="hidden" name="after" value={request.after} />}
              <button type="submit" class="button primary">
                Make {projectCount(projects)}
              </button>
            </>
          }
        >
          They are private and have no members: give them to people, or to the namespace above, on
          their members pages. Images stay where they are, and what is there already is left alone.
          A project and its path cannot be renamed.
        </Ask>
      )}
    />
  );
}

function Nothing({ part }: QuestionProps): JSX.Element {
  return (
    <Card id="nothing" title="Import">
      <Empty
        icon="circle-check"
        title={part.next === null ? 'There is nothing to make' : 'Nothing to make of these'}
        actions={
          <a class="button" href={LIST}>
            Back to the registry
          </a>
        }
      >
        {part.unowned.length === 0
          ? 'Projects own every repository that was looked at.'
          : 'What is listed below stays with the administrators.'}
      </Empty>
    </Card>
  );
}

function NextPart(props: { readonly after: Cursor; readonly depth: number }): JSX.Element {
  return (
    <p>
      These are {AT_ONCE} repositories at most that nobody owns, by name.{' '}
      <a href={addressOfPart(props)}>Look at the next ones</a>
    </p>
  );
}

/** Another answer to where a project ends and its images begin. */
function Depth({ depth }: { readonly depth: number }): JSX.Element {
  return (
    <Card id="depth-title" title="Paths">
      <CardBody>
        <form class="form" action={HERE}>
          <Field
            id="depth"
            name="depth"
            type="select"
            label="Components of a project’s path"
            hint="With 2, finance/reports/daily is an image of the project finance/reports; with 3, a project in the namespace finance/reports."
            value={String(depth)}
            options={Array.from({ length: MAX_COMPONENTS - 1 }, (_, index) =>
              String(index + 2),
            ).map((value) => ({ value, label: value }))}
          />
          <div class="actions">
            <button type="submit" class="button">
              Show what that would make
            </button>
          </div>
        </form>
      </CardBody>
    </Card>
  );
}

function Projects({ namespaces, projects }: ImportPart): JSX.Element {
  return (
    <Card
      id="projects"
      title="Would be made"
      count={namespaces.length + projects.length}
      note="Namespaces, then projects with what the registry holds of them."
    >
      <Rows>
        {namespaces.map((path) => (
          <Row key={path} icon="folder-tree" title={<PlacePath path={path} />} meta="namespace" />
        ))}
        {projects.map(({ path, repositories }) => (
          <Row
            key={path}
            icon="package"
            title={<PlacePath path={path} />}
            meta={counted(repositories.length)}
          />
        ))}
      </Rows>
    </Card>
  );
}

function Left({ unowned }: ImportPart): JSX.Element {
  return (
    <Card id="left" title="Stay with the administrators" count={unowned.length}>
      <Rows>
        {unowned.map(({ name, why }) => (
          <Row key={name} icon="container" title={<PlacePath path={name} />} meta={why} />
        ))}
      </Rows>
    </Card>
  );
}

function projectCount({ length }: readonly ImportedProject[]): string {
  return length === 1 ? '1 project' : `${length} projects`;
}

function namespaceCount({ length }: readonly string[]): string {
  return length === 1 ? '1 namespace' : `${length} namespaces`;
}
