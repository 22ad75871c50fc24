import type { JSX } from 'preact';
import type { Page } from '../../../access/page.js';
import { decideInNamespace } from '../../../access/permissions.js';
import type { Namespace, Place } from '../../../access/namespace.js';
import type { User } from '../../../access/user.js';
import { parseRole, ROLES, type Member } from '../../../access/role.js';
import type { InheritedMembers } from '../../../services/members.js';
import { addressOf } from '../../addresses.js';
import { fieldText } from '../../fields.js';
import type { Errors } from '../../form-errors.js';
import { countText, Pages } from '../../paging.js';
import { AskFirst } from '../../parts/ask.js';
import { Card, CardBody, CardFoot, WithRail } from '../../parts/card.js';
import { Field, Select } from '../../parts/field.js';
import { PostForm } from '../../parts/form.js';
import { Cell, Grid, GridRow, MainCell, type Column } from '../../parts/grid.js';
import { Empty } from '../../parts/notice.js';
import { Row, Rows } from '../../parts/rows.js';
import { PlacePath } from '../../place-frame.js';
import { ROLE_OPTIONS } from '../../role-options.js';
import type { SignedInVisit } from '../../visit.js';
import { Removal, type MemberProps } from './questions.js';

const ROLE_NAMES = ROLES.map((role) => ({ value: role, label: role }));

export interface MembersProps {
  readonly visit: SignedInVisit;
  readonly place: Place;
  readonly members: Page<Member>;
  /** The nearest namespace first. */
  readonly inherited: readonly InheritedMembers[];
  /** Who may be added, as far as the visitor may know them. */
  readonly offered: readonly User[];
  readonly errors: Errors;
}

export function Members(props: MembersProps): JSX.Element {
  const { visit, place, members, inherited } = props;
  return (
    <WithRail rail={<AddMember {...props} />}>
      <Card
        id="members"
        title={`Members (${countText(members)})`}
        {...(place.kind === 'namespace' && {
          note: `A role here holds for everything below ${place.path}.`,
        })}
      >
        {members.total === 0 ? (
          <Empty icon="users" title="No members yet">
            {inherited.length === 0 ? 'Administrators see' : 'Members of namespaces above see'} this{' '}
            {place.kind} all the same. Add somebody beside this list.
          </Empty>
        ) : (
          <Rows>
            {members.items.map((member) => (
              <MemberRow key={member.user.id} visit={visit} place={place} member={member} />
            ))}
          </Rows>
        )}
        <CardFoot>
          <Pages visit={visit} of="members" next={members.next} />
        </CardFoot>
      </Card>
      <Inherited {...props} />
    </WithRail>
  );
}

/** Roles that hold here too, and where they come from: they are changed there. */
function Inherited({ visit, inherited }: MembersProps): JSX.Element | null {
  return inherited.length === 0 ? null : (
    <Card
      id="inherited"
      title={`Inherited members (${inherited.reduce((sum, { total }) => sum + total, 0)})`}
      note="Of several roles of somebody, the highest counts."
    >
      <Grid caption="Inherited members" columns={INHERITED}>
        {inherited.flatMap(({ from, members }) =>
          members.map((member) => (
            <GridRow key={`${from.id}-${member.user.id}`}>
              <MainCell
                icon="user"
                title={<bdi>{member.user.username}</bdi>}
                {...(member.user.displayName !== member.user.username && {
                  sub: <bdi>{member.user.displayName}</bdi>,
                })}
              />
              <Cell of="Role" first={member.role} />
              <Cell of="From" first={<From visit={visit} namespace={from} />} />
            </GridRow>
          )),
        )}
      </Grid>
      {inherited.some(({ members, total }) => members.length < total) && (
        <CardFoot>
          <span>The first of each namespace. All are on its own page.</span>
        </CardFoot>
      )}
    </Card>
  );
}

const INHERITED: readonly Column[] = [
  { name: 'Member' },
  { name: 'Role', width: 'expires' },
  { name: 'From', width: 'used' },
];

function From(props: {
  readonly visit: SignedInVisit;
  readonly namespace: Namespace;
}): JSX.Element {
  const { visit, namespace } = props;
  const mayManage = decideInNamespace(visit.actor, 'manage', namespace.path) === null;
  return (
    <a href={mayManage ? addressOf('members', { place: namespace.path }) : `/${namespace.path}`}>
      <PlacePath path={namespace.path} />
    </a>
  );
}

function AddMember({ visit, place, offered, errors }: MembersProps): JSX.Element {
  return (
    <Card id="add" title="Add members">
      <CardBody>
        <PostForm action={addressOf('members', { place: place.path })} csrf={visit.csrf}>
          <Field
            id="username"
            name="username"
            label="Username"
            hint="Whoever shares a namespace or project with you is offered; others by their exact username. Several are separated by commas."
            value={fieldText(visit.form, 'username')}
            error={errors['username'] ?? errors['form']}
            offers={offered.map(({ username }) => username)}
            takesSeveral
            required
          />
          <Field
            type="select"
            id="role"
            name="role"
            label="Role"
            options={ROLE_OPTIONS}
            value={parseRole(fieldText(visit.form, 'role')) ?? 'developer'}
            error={errors['role']}
          />
          <button type="submit" class="button primary" name="do" value="set">
            Add members
          </button>
        </PostForm>
      </CardBody>
    </Card>
  );
}

function MemberRow(props: MemberProps): JSX.Element {
  const { visit, place, member } = props;
  const { id, username, displayName } = member.user;
  const here = addressOf('members', { place: place.path });
  return (
    <Row
      icon="user"
      title={<bdi>{username}</bdi>}
      meta={displayName === username ? undefined : <bdi>{displayName}</bdi>}
      end={
        <div class="actions">
          <PostForm action={here} csrf={visit.csrf} class="inline">
            <input type="hidden" name="username" value={username} />
            <Select
              id={`role-${id}`}
              name="role"
              options={ROLE_NAMES}
              value={member.role}
              aria-label={`Role of ${username}`}
            />
            <button type="submit" class="button sm" name="do" value="set">
              Change<span class="visually-hidden"> the role of {username}</span>
            </button>
          </PostForm>
          <AskFirst
            id={`remove-${id}`}
            href={`${here}?remove=${id}`}
            label={
              <>
                Remove…<span class="visually-hidden"> {username}</span>
              </>
            }
            question={(title) => <Removal {...props} id={title} keepIt="closes-dialog" />}
          />
        </div>
      }
    />
  );
}
