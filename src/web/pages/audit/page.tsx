import type { JSX } from 'preact';
import type { AuditAction, AuditEvent } from '../../../access/audit-event.js';
import type { Project } from '../../../access/project.js';
import type { Page } from '../../../access/page.js';
import { pageOfAuditEvents } from '../../../services/audit.js';
import { Cell, Empty, Table, When } from '../../components.js';
import { isFirstPage, pageIn, Pages } from '../../paging.js';
import { page, type Answer, type SignedInVisit, type WebDeps } from '../../visit.js';
import { ProjectFrame } from '../../project-frame.js';

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
  const request = { ...pageIn(visit.query), total: false };
  const found = await pageOfAuditEvents(deps, visit.actor, project, request);
  return page(
    `Audit · ${project.path}`,
    <ProjectFrame visit={visit} project={project} current="audit">
      <section class="card" aria-labelledby="audit">
        <h2 id="audit">Audit</h2>
        <p class="hint">Who did what in this project, the latest first.</p>
        <Events visit={visit} found={found} now={deps.now()} isOfProject />
      </section>
    </ProjectFrame>,
  );
}

/** Everything, for administrators. */
export async function auditPage(deps: WebDeps, visit: SignedInVisit): Promise<Answer> {
  const request = { ...pageIn(visit.query), total: false };
  const found = await pageOfAuditEvents(deps, visit.actor, null, request);
  return page(
    'Audit',
    <>
      <h1>Audit</h1>
      <section class="card" aria-label="Events">
        <p class="hint">
          Who did what, the latest first. <code>pullgate audit export</code> writes them as JSON
          lines.
        </p>
        <Events visit={visit} found={found} now={deps.now()} isOfProject={false} />
      </section>
    </>,
  );
}

function Events(props: {
  readonly visit: SignedInVisit;
  readonly found: Page<AuditEvent>;
  readonly now: Date;
  readonly isOfProject: boolean;
}): JSX.Element {
  const { visit, found, now, isOfProject } = props;
  if (found.items.length === 0 && isFirstPage(visit.query)) {
    return (
      <Empty title="Nothing is on record.">
        <p>What people create, change and revoke appears here.</p>
      </Empty>
    );
  }
  return (
    <>
      <Table caption="Audit events" columns={isOfProject ? COLUMNS : PROJECT_COLUMNS}>
        {found.items.map((event) => (
          <EventRow key={event.id} event={event} now={now} isOfProject={isOfProject} />
        ))}
      </Table>
      <Pages visit={visit} of="events" next={found.next} />
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
