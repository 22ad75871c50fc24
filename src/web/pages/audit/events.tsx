import type { JSX } from 'preact';
import {
  AUDIT_ACTIONS,
  type AuditEvent,
  type AuditSubjectKind,
} from '../../../access/audit-event.js';
import type { Project } from '../../../access/project.js';
import { ADDRESSES, addressOf } from '../../addresses.js';
import { Cell, Grid, GridRow, MainCell, type Column } from '../../parts/grid.js';
import type { IconName } from '../../parts/icon.js';
import { Ago } from '../../parts/time.js';
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
    <Grid caption="Audit events" columns={COLUMNS}>
      {props.events.map((event) => (
        <EventRow key={event.id} {...props} event={event} />
      ))}
    </Grid>
  );
}

const COLUMNS: readonly Column[] = [
  { name: 'What' },
  { name: 'When', width: 'expires' },
  { name: 'From', width: 'used' },
];

function EventRow(props: EventsProps & { readonly event: AuditEvent }): JSX.Element {
  const { event, now } = props;
  const { door, address, requestId } = event.origin;
  const deed = deedOf(event);
  return (
    <GridRow>
      <MainCell
        icon={ICONS[AUDIT_ACTIONS[event.action]]}
        title={
          <>
            <Person {...props} /> {deed.before}
            {deed.name !== null && ' '}
            {deed.name !== null && <Subject {...props} name={deed.name} />}
            {deed.after !== '' && ` ${deed.after}`}
            <Place {...props} />
          </>
        }
        sub={deed.detail === '' ? undefined : deed.detail}
      />
      <Cell of="When" first={<Ago instant={event.at} now={now} />} />
      <Cell
        of="From"
        first={
          <>
            {door} {address !== null && <bdi>{address}</bdi>}
          </>
        }
        second={
          requestId === null ? undefined : (
            <span title="The id of the request in the log">{requestId}</span>
          )
        }
      />
    </GridRow>
  );
}

const ICONS: Readonly<Record<AuditSubjectKind, IconName>> = {
  deploy_token: 'key-round',
  personal_access_token: 'key-round',
  signing_key: 'key-round',
  namespace: 'folder-tree',
  project: 'package',
  user: 'user',
};

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
  const kind = AUDIT_ACTIONS[event.action];
  if (kind === 'user' && !isOfProject) {
    return ADDRESSES.users.path;
  }
  const project = event.projectId === null ? undefined : projects.get(event.projectId);
  return project === undefined ? null : addressIn(project, kind, event.subjectId);
}

function addressIn(
  { path: project }: Project,
  kind: AuditSubjectKind,
  id: number | null,
): string | null {
  switch (kind) {
    case 'deploy_token':
      return id === null ? null : addressOf('deploy-token', { project, id });
    case 'project':
      return `/${project}`;
    case 'user':
      return addressOf('members', { project });
    case 'namespace':
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
