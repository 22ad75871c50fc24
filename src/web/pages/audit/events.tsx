import type { JSX } from 'preact';
import { INSTANCE, type Owner } from '../../../access/deploy-token.js';
import {
  subjectKindOf,
  type AuditEvent,
  type AuditSubjectKind,
} from '../../../access/audit-event.js';
import type { Namespace, Place } from '../../../access/namespace.js';
import type { Project } from '../../../access/project.js';
import { ADDRESSES, addressOf } from '../../addresses.js';
import { Cell, Grid, GridRow, MainCell, type Column } from '../../parts/grid.js';
import type { IconName } from '../../parts/icon.js';
import { Ago } from '../../parts/time.js';
import { PlacePath } from '../../place-frame.js';
import { tokenAddress } from '../../owner.js';
import { actorName, deedOf } from './deed.js';

/** By id: those that are still there, and that the reader may see. */
export interface Places {
  readonly projects: ReadonlyMap<number, Project>;
  readonly namespaces: ReadonlyMap<number, Namespace>;
}

interface EventsProps {
  readonly events: readonly AuditEvent[];
  readonly places: Places;
  readonly now: Date;
  /** Of the page, for links to what one person did. */
  readonly path: string;
  /** Null for everything. */
  readonly trailOf: Place | null;
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
        icon={iconOf(event)}
        title={
          <>
            <Person {...props} /> {deed.before}
            {deed.name !== null && ' '}
            {deed.name !== null && <Subject {...props} name={deed.name} />}
            {deed.after !== '' && ` ${deed.after}`}
            <Where {...props} />
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
  invitation: 'user',
};

function iconOf({ action }: AuditEvent): IconName {
  const kind = subjectKindOf(action);
  return kind === null ? 'info' : ICONS[kind];
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
function subjectAddress(props: EventsProps & { readonly event: AuditEvent }): string | null {
  const { event, trailOf } = props;
  const kind = subjectKindOf(event.action);
  if (kind === 'user' && trailOf === null) {
    return ADDRESSES.users.path;
  }
  if (kind === 'invitation' && trailOf === null) {
    return ADDRESSES.invitations.path;
  }
  const owner = placeOf(props) ?? (isOfNoPlace(event) && trailOf === null ? INSTANCE : null);
  return owner === null || kind === null ? null : addressIn(owner, kind, event.subjectId);
}

function placeOf({
  event,
  places,
}: Pick<EventsProps, 'places'> & { readonly event: AuditEvent }): Place | null {
  const { projectId, namespaceId } = event;
  if (projectId !== null) {
    return places.projects.get(projectId) ?? null;
  }
  return namespaceId === null ? null : (places.namespaces.get(namespaceId) ?? null);
}

function isOfNoPlace({ projectId, namespaceId }: AuditEvent): boolean {
  return projectId === null && namespaceId === null;
}

function addressIn(owner: Owner, kind: AuditSubjectKind, id: number | null): string | null {
  if (kind === 'deploy_token') {
    return id === null ? null : tokenAddress(owner, id);
  }
  if (owner.kind === 'instance') {
    return null;
  }
  switch (kind) {
    case 'project':
    case 'namespace':
      return `/${owner.path}`;
    case 'user':
      return addressOf('members', { place: owner.path });
    case 'invitation':
    case 'personal_access_token':
    case 'signing_key':
      return null;
  }
}

/** The place of that time, unless the page or the sentence names it already. */
function Where(props: EventsProps & { readonly event: AuditEvent }): JSX.Element | null {
  const { event, trailOf } = props;
  const path = event.projectPath ?? event.namespacePath;
  const isNamed =
    (trailOf?.kind === 'project' && trailOf.id === event.projectId) ||
    (trailOf?.kind === 'namespace' && trailOf.id === event.namespaceId) ||
    ['project', 'namespace'].includes(subjectKindOf(event.action) ?? '');
  if (isNamed || path === null) {
    return null;
  }
  const place = placeOf(props);
  return (
    <>
      {' in '}
      {place === null ? (
        <PlacePath path={path} />
      ) : (
        <a href={`/${place.path}`}>
          <PlacePath path={place.path} />
        </a>
      )}
    </>
  );
}
