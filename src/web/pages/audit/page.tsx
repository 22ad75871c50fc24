import type { JSX } from 'preact';
import type { AuditEvent } from '../../../access/audit-event.js';
import type { Page } from '../../../access/page.js';
import type { Place } from '../../../access/namespace.js';
import { pageOfAuditEvents, type AuditQuestion } from '../../../services/audit.js';
import { findVisibleNamespaces } from '../../../services/namespaces.js';
import { findVisibleProjects } from '../../../services/projects.js';
import { ADDRESSES, addressOf } from '../../addresses.js';
import { adminFrame } from '../../admin-frame.js';
import { hasErrors, type Errors } from '../../form-errors.js';
import { isFirstPage, pageIn, Pages } from '../../paging.js';
import { Card, CardBody, CardFoot } from '../../parts/card.js';
import { Icon } from '../../parts/icon.js';
import { Empty } from '../../parts/notice.js';
import { placeFrame } from '../../place-frame.js';
import type { Answer, SignedInVisit, WebDeps } from '../../visit.js';
import { Events, type Places } from './events.js';
import { FilterForm } from './filter-form.js';
import { FILTERS, filtersIn, parseFilters } from './filter.js';

/** Settings › Audit: what was done in a project, or in a namespace and what lies below it. */
export async function placeAuditPage(
  deps: WebDeps,
  visit: SignedInVisit,
  place: Place,
): Promise<Answer> {
  const trail = await read(deps, visit, place);
  const csv = addressOf('audit-csv', { place: place.path });
  const where =
    place.kind === 'project' ? 'in this project' : `in ${place.path} and in everything below it`;
  return placeFrame(visit, place, 'audit', {
    title: 'Audit',
    status: statusOf(trail),
    body: <Trail {...trail} csv={csv} note={`Who did what ${where}, the latest first.`} />,
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
  /** Null for everything. */
  readonly trailOf: Place | null;
  /** Null where the filters are wrong. */
  readonly found: Page<AuditEvent> | null;
  readonly places: Places;
}

async function read(
  deps: WebDeps,
  visit: SignedInVisit,
  trailOf: Place | null,
): Promise<TrailProps> {
  const { limits, errors } = parseFilters(visit.query);
  const common = { visit, now: deps.now(), errors, trailOf };
  if (hasErrors(errors)) {
    return { ...common, found: null, places: { projects: new Map(), namespaces: new Map() } };
  }
  const question: AuditQuestion = { ...limits, trailOf };
  const request = { ...pageIn(visit.query), total: false };
  const found = await pageOfAuditEvents(deps, visit.actor, question, request);
  return { ...common, found, places: await placesOf(deps, visit, found.items) };
}

async function placesOf(
  deps: WebDeps,
  { actor }: SignedInVisit,
  events: readonly AuditEvent[],
): Promise<Places> {
  const projectIds = events.flatMap(({ projectId }) => projectId ?? []);
  const namespaceIds = events.flatMap(({ namespaceId }) => namespaceId ?? []);
  return {
    projects: await findVisibleProjects(deps, actor, projectIds),
    namespaces: await findVisibleNamespaces(deps, actor, namespaceIds),
  };
}

function Trail(props: TrailProps & { readonly csv: string; readonly note: string }): JSX.Element {
  const { visit, found, csv, now, places, trailOf } = props;
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
        <FilterForm {...props} isOfProject={props.trailOf?.kind === 'project'} />
      </CardBody>
      {found !== null && found.items.length === 0 && isFirstPage(visit.query) && (
        <NoEvents isFiltered={filters.size > 0} clear={visit.path} />
      )}
      {found !== null && found.items.length > 0 && (
        <>
          <Events
            events={found.items}
            places={places}
            now={now}
            path={visit.path}
            trailOf={trailOf}
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
