import type { JSX } from 'preact';
import type { AuditEvent } from '../../../access/audit-event.js';
import type { Page } from '../../../access/page.js';
import type { Project } from '../../../access/project.js';
import { pageOfAuditEvents, type AuditQuestion } from '../../../services/audit.js';
import { findVisibleProjects } from '../../../services/projects.js';
import { ADDRESSES, addressOf } from '../../addresses.js';
import { adminFrame } from '../../admin-frame.js';
import { hasErrors, type Errors } from '../../form-errors.js';
import { isFirstPage, pageIn, Pages } from '../../paging.js';
import { Card, CardBody, CardFoot } from '../../parts/card.js';
import { Icon } from '../../parts/icon.js';
import { Empty } from '../../parts/notice.js';
import { projectFrame } from '../../project-frame.js';
import type { Answer, SignedInVisit, WebDeps } from '../../visit.js';
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
  const csv = addressOf('audit-csv', { project: project.path });
  return projectFrame(visit, project, 'audit', {
    title: 'Audit',
    status: statusOf(trail),
    body: <Trail {...trail} csv={csv} note="Who did what in this project, the latest first." />,
  });
}

/** Everything, for administrators. */
export async function auditPage(deps: WebDeps, visit: SignedInVisit): Promise<Answer> {
  const trail = await read(deps, visit, null);
  return adminFrame('audit-all', {
    title: 'Audit',
    status: statusOf(trail),
    body: (
      <Trail
        {...trail}
        csv={ADDRESSES['audit-all-csv'].path}
        note="Who did what, the latest first."
      />
    ),
  });
}

function statusOf({ errors }: TrailProps): number {
  return hasErrors(errors) ? 422 : 200;
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

function Trail(props: TrailProps & { readonly csv: string; readonly note: string }): JSX.Element {
  const { visit, found, csv, now, projects, isOfProject } = props;
  const filters = filtersIn(visit.query);
  const file = filters.size === 0 ? csv : `${csv}?${filters.toString()}`;
  return (
    <Card
      id="audit"
      title="Audit"
      note={props.note}
      actions={
        found !== null && (
          <a class="button sm" href={file} download>
            <Icon name="download" /> CSV
          </a>
        )
      }
    >
      <CardBody>
        <FilterForm {...props} />
      </CardBody>
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
          <CardFoot>
            <Pages visit={visit} of="events" next={found.next} keeps={FILTERS} />
          </CardFoot>
        </>
      )}
    </Card>
  );
}

function NoEvents(props: { readonly isFiltered: boolean; readonly clear: string }): JSX.Element {
  return props.isFiltered ? (
    <Empty icon="search" title="Nothing matches">
      No event fits all of these filters. <a href={props.clear}>Clear them</a> to see everything.
    </Empty>
  ) : (
    <Empty icon="clock" title="Nothing is on record">
      What people create, change and revoke appears here.
    </Empty>
  );
}
