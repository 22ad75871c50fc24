import type { JSX } from 'preact';
import type { AuditAction, AuditEvent } from '../../../access/audit-event.js';
import type { Project } from '../../../access/project.js';
import { listAuditEvents } from '../../../services/audit.js';
import { addressOf, ADDRESSES } from '../../addresses.js';
import { Cell, Empty, Table, When } from '../../components.js';
import { fieldNumber } from '../../fields.js';
import { page, type Answer, type SignedInVisit, type WebDeps } from '../../visit.js';
import { ProjectFrame } from '../../project-frame.js';

const PER_PAGE = 50;
const COLUMNS = ['When', 'Who', 'What', 'From'];
const PROJECT_COLUMNS = ['When', 'Project', 'Who', 'What', 'From'];

const DEEDS: Readonly<Record<AuditAction, string>> = {
  deploy_token_created: 'created the deploy token',
  deploy_token_revoked: 'revoked the deploy token',
  member_set: 'gave a role to',
  member_removed: 'removed the member',
  project_created: 'created the project',
  project_adopted: 'took over a repository for',
  project_visibility_changed: 'changed the visibility of',
  project_archived: 'archived',
  project_unarchived: 'made active again',
  project_removed: 'removed the project',
  project_path_freed: 'gave the path free',
  user_created: 'created the user',
  user_blocked: 'blocked',
  user_unblocked: 'unblocked',
  user_password_changed: 'changed the password of',
  access_token_created: 'created the personal access token',
  access_token_revoked: 'revoked the personal access token',
  signed_in: 'signed in as',
  sign_in_refused: 'could not sign in as',
  signed_out: 'signed out',
  key_rotated: 'rotated the signing key:',
};

/** Settings › Audit: what was done in a project. */
export async function projectAuditPage(
  deps: WebDeps,
  visit: SignedInVisit,
  project: Project,
): Promise<Answer> {
  const found = await eventsOf(deps, visit, project);
  return page(
    `Audit · ${project.path}`,
    <ProjectFrame visit={visit} project={project} current="audit">
      <section class="card" aria-labelledby="audit">
        <h2 id="audit">Audit</h2>
        <p class="hint">Who did what in this project, the latest first.</p>
        <Events {...found} here={addressOf('audit', { project: project.path })} />
      </section>
    </ProjectFrame>,
  );
}

/** Everything, for administrators. */
export async function auditPage(deps: WebDeps, visit: SignedInVisit): Promise<Answer> {
  const found = await eventsOf(deps, visit, null);
  return page(
    'Audit',
    <>
      <h1>Audit</h1>
      <section class="card" aria-label="Events">
        <p class="hint">
          Who did what, the latest first. <code>pullgate audit export</code> writes them as JSON
          lines.
        </p>
        <Events {...found} here={ADDRESSES['audit-all'].path} />
      </section>
    </>,
  );
}

interface Found {
  readonly now: Date;
  readonly events: readonly AuditEvent[];
  readonly hasOlder: boolean;
  /** The event that the page begins after; null for the latest. */
  readonly before: number | null;
  readonly isOfProject: boolean;
}

async function eventsOf(
  deps: WebDeps,
  visit: SignedInVisit,
  project: Project | null,
): Promise<Found> {
  const before = fieldNumber(visit.query, 'before');
  const limit = PER_PAGE + 1;
  const events = await listAuditEvents(deps, visit.actor, { project, before, limit });
  return {
    now: deps.now(),
    events: events.slice(0, PER_PAGE),
    hasOlder: events.length > PER_PAGE,
    before,
    isOfProject: project !== null,
  };
}

function Events(props: Found & { readonly here: string }): JSX.Element {
  const { events, here, before, isOfProject } = props;
  const last = events.at(-1);
  if (last === undefined) {
    return (
      <Empty title="Nothing is on record.">
        <p>What people create, change and revoke appears here.</p>
      </Empty>
    );
  }
  return (
    <>
      <Table caption="Audit events" columns={isOfProject ? COLUMNS : PROJECT_COLUMNS}>
        {events.map((event) => (
          <EventRow key={event.id} event={event} now={props.now} isOfProject={isOfProject} />
        ))}
      </Table>
      {(before !== null || props.hasOlder) && (
        <nav class="pages" aria-label="Pages of events">
          {before !== null && (
            <a class="button small" href={here}>
              Latest
            </a>
          )}
          {props.hasOlder && (
            <a class="button small" rel="next" href={`${here}?before=${last.id}`}>
              Older
            </a>
          )}
        </nav>
      )}
    </>
  );
}

function EventRow(props: {
  readonly event: AuditEvent;
  readonly now: Date;
  readonly isOfProject: boolean;
}): JSX.Element {
  const { event, now, isOfProject } = props;
  const { door, address, requestId } = event.origin;
  return (
    <tr>
      <Cell of="When">
        <When instant={event.at} now={now} />
      </Cell>
      {!isOfProject && (
        <Cell of="Project" class="client">
          {event.projectPath ?? <span class="muted">–</span>}
        </Cell>
      )}
      <Cell of="Who" class="name">
        {actorName(event)}
      </Cell>
      <Cell of="What" class="client">
        <span>
          {DEEDS[event.action]} <bdi>{event.subject}</bdi>
          {event.subject === '' && event.subjectId !== null && `no. ${event.subjectId}`}
        </span>
        {event.detail !== '' && <span class="by">{event.detail}</span>}
      </Cell>
      <Cell of="From" class="client">
        <span>
          {door} {address !== null && <bdi>{address}</bdi>}
        </span>
        {requestId !== null && (
          <span class="by" title="The number of the request in the log">
            {requestId}
          </span>
        )}
      </Cell>
    </tr>
  );
}

function actorName({ actor, actorId }: AuditEvent): string {
  if (actorId !== null) {
    return actor;
  }
  return actor === '' ? 'somebody' : 'the operator';
}
