import type { JSX } from 'preact';
import type { AuditEvent } from '../../../access/audit-event.js';
import type { Page } from '../../../access/page.js';
import type { Project } from '../../../access/project.js';
import { pageOfAuditEvents, type AuditQuestion } from '../../../services/audit.js';
import { findVisibleProjects } from '../../../services/projects.js';
import { ADDRESSES, addressOf } from '../../addresses.js';
import { Empty } from '../../components.js';
import { hasErrors, type Errors } from '../../form-errors.js';
import { isFirstPage, pageIn, Pages } from '../../paging.js';
import { ProjectFrame } from '../../project-frame.js';
import { page, type Answer, type SignedInVisit, type WebDeps } from '../../visit.js';
import { Events } from './events.js';
import { FilterForm } from './filter-form.js';
import { FILTERS, filtersIn, parseFilters } from './filter.js';

/** Settings › Audit: what was done in a project. */
export async function projectAuditPage(
  deps: WebDeps,
  visit: SignedInVisit,
  project: Project,
): Promise<Answer> {
  const trail = await read(deps, visit, project);
  return page(
    `Audit · ${project.path}`,
    <ProjectFrame visit={visit} project={project} current="audit">
      <section class="card" aria-labelledby="audit">
        <h2 id="audit">Audit</h2>
        <p class="hint">Who did what in this project, the latest first.</p>
        <Trail {...trail} csv={addressOf('audit-csv', { project: project.path })} />
      </section>
    </ProjectFrame>,
    hasErrors(trail.errors) ? 422 : 200,
  );
}

/** Everything, for administrators. */
export async function auditPage(deps: WebDeps, visit: SignedInVisit): Promise<Answer> {
  const trail = await read(deps, visit, null);
  return page(
    'Audit',
    <>
      <h1>Audit</h1>
      <section class="card" aria-label="Events">
        <p class="hint">Who did what, the latest first.</p>
        <Trail {...trail} csv={ADDRESSES['audit-all-csv'].path} />
      </section>
    </>,
    hasErrors(trail.errors) ? 422 : 200,
  );
}

interface TrailProps {
  readonly visit: SignedInVisit;
  readonly now: Date;
  readonly errors: Errors;
  readonly isOfProject: boolean;
  /** Null where the filters are wrong. */
  readonly found: Page<AuditEvent> | null;
  readonly projects: ReadonlyMap<number, Project>;
}

async function read(
  deps: WebDeps,
  visit: SignedInVisit,
  project: Project | null,
): Promise<TrailProps> {
  const { limits, errors } = parseFilters(visit.query);
  const common = { visit, now: deps.now(), errors, isOfProject: project !== null };
  if (hasErrors(errors)) {
    return { ...common, found: null, projects: new Map() };
  }
  const question: AuditQuestion = { ...limits, trailOf: project };
  const request = { ...pageIn(visit.query), total: false };
  const found = await pageOfAuditEvents(deps, visit.actor, question, request);
  const ids = found.items.flatMap(({ projectId }) => projectId ?? []);
  return { ...common, found, projects: await findVisibleProjects(deps, visit.actor, ids) };
}

function Trail(props: TrailProps & { readonly csv: string }): JSX.Element {
  const { visit, found, csv, now, projects, isOfProject } = props;
  const filters = filtersIn(visit.query);
  return (
    <>
      <FilterForm {...props} />
      {found !== null && found.items.length === 0 && isFirstPage(visit.query) && (
        <NoEvents isFiltered={filters.size > 0} clear={visit.path} />
      )}
      {found !== null && found.items.length > 0 && (
        <>
          <Events
            events={found.items}
            projects={projects}
            now={now}
            path={visit.path}
            isOfProject={isOfProject}
          />
          <p>
            <a href={filters.size === 0 ? csv : `${csv}?${filters.toString()}`} download>
              Download as CSV
            </a>
          </p>
        </>
      )}
      {found !== null && <Pages visit={visit} of="events" next={found.next} keeps={FILTERS} />}
    </>
  );
}

function NoEvents(props: { readonly isFiltered: boolean; readonly clear: string }): JSX.Element {
  return props.isFiltered ? (
    <Empty title="Nothing matches">
      <p>
        No event fits all of these filters. <a href={props.clear}>Clear them</a> to see everything.
      </p>
    </Empty>
  ) : (
    <Empty title="Nothing is on record.">
      <p>What people create, change and revoke appears here.</p>
    </Empty>
  );
}
