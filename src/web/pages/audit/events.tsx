import type { JSX } from 'preact';
import { AUDIT_ACTIONS, type AuditEvent } from '../../../access/audit-event.js';
import type { Project } from '../../../access/project.js';
import { ADDRESSES, addressOf } from '../../addresses.js';
import { Cell, Table, When } from '../../components.js';
import { ProjectPath } from '../../project-frame.js';
import { actorName, deedOf } from './deed.js';

interface EventsProps {
  readonly events: readonly AuditEvent[];
  /** By id: those that are still there, and that the reader may see. */
  readonly projects: ReadonlyMap<number, Project>;
  readonly now: Date;
  /** Of the page, for links to what one person did. */
  readonly path: string;
  readonly isOfProject: boolean;
}

/** A sentence for each event: who did what to which object, in which project. */
export function Events(props: EventsProps): JSX.Element {
  return (
    <Table caption="Audit events" columns={['When', 'What', 'From']}>
      {props.events.map((event) => (
        <EventRow key={event.id} {...props} event={event} />
      ))}
    </Table>
  );
}

function EventRow(props: EventsProps & { readonly event: AuditEvent }): JSX.Element {
  const { event, now } = props;
  const { door, address, requestId } = event.origin;
  const deed = deedOf(event);
  return (
    <tr>
      <Cell of="When">
        <When instant={event.at} now={now} />
      </Cell>
      <Cell of="What" class="client">
        <span>
          <Person {...props} /> {deed.before}
          {deed.name !== null && ' '}
          {deed.name !== null && <Subject {...props} name={deed.name} />}
          {deed.after !== '' && ` ${deed.after}`}
          <Place {...props} />
        </span>
        {deed.detail !== '' && <span class="by">{deed.detail}</span>}
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

/** Leads to what else this person did; a stranger is nobody that one could ask for. */
function Person({
  event,
  path,
}: Pick<EventsProps, 'path'> & { readonly event: AuditEvent }): JSX.Element {
  const name = <bdi>{actorName(event)}</bdi>;
  const query = new URLSearchParams({ by: event.actor });
  return event.actor === '' ? name : <a href={`${path}?${query.toString()}`}>{name}</a>;
}

function Subject(
  props: EventsProps & { readonly event: AuditEvent; readonly name: string },
): JSX.Element {
  const name = props.name === '' ? `no. ${props.event.subjectId ?? '?'}` : props.name;
  const address = subjectAddress(props);
  return address === null ? (
    <bdi>{name}</bdi>
  ) : (
    <a href={address}>
      <bdi>{name}</bdi>
    </a>
  );
}

/** The page of what an event is about; null where there is none, or none any more. */
function subjectAddress({
  event,
  projects,
  isOfProject,
}: EventsProps & { readonly event: AuditEvent }): string | null {
  const project = event.projectId === null ? undefined : projects.get(event.projectId);
  switch (AUDIT_ACTIONS[event.action]) {
    case 'deploy_token':
      return project === undefined ? null : addressOf('repository', { project: project.path });
    case 'project':
      return project === undefined ? null : `/${project.path}`;
    case 'user':
      if (!isOfProject) {
        return ADDRESSES.users.path;
      }
      return project === undefined ? null : addressOf('members', { project: project.path });
    case 'personal_access_token':
    case 'signing_key':
      return null;
  }
}

/** The project of that time, unless the page or the sentence names it already. */
function Place({
  event,
  projects,
  isOfProject,
}: EventsProps & { readonly event: AuditEvent }): JSX.Element | null {
  const { projectId, projectPath, action } = event;
  if (isOfProject || projectPath === null || AUDIT_ACTIONS[action] === 'project') {
    return null;
  }
  const project = projectId === null ? undefined : projects.get(projectId);
  return (
    <>
      {' in '}
      {project === undefined ? (
        <ProjectPath path={projectPath} />
      ) : (
        <a href={`/${project.path}`}>
          <ProjectPath path={project.path} />
        </a>
      )}
    </>
  );
}
