import type { JSX } from 'preact';
import type { Page } from '../../../access/page.js';
import type { Project } from '../../../access/project.js';
import { parseRole, ROLES, type Member, type Role } from '../../../access/role.js';
import { addressOf } from '../../addresses.js';
import { fieldText } from '../../fields.js';
import type { Errors } from '../../form-errors.js';
import { Pages } from '../../paging.js';
import { Ask, AskFirst, type KeepIt } from '../../parts/ask.js';
import { Card, CardBody, CardFoot, WithRail } from '../../parts/card.js';
import { Field, Select } from '../../parts/field.js';
import { PostForm } from '../../parts/form.js';
import { Empty } from '../../parts/notice.js';
import { Row, Rows } from '../../parts/rows.js';
import type { SignedInVisit } from '../../visit.js';

const ROLE_HINTS: Readonly<Record<Role, string>> = {
  guest: 'sees the project',
  reporter: 'pulls and clones',
  developer: 'pushes too',
  maintainer: 'manages tokens, members and settings',
  owner: 'the same as a maintainer',
};

const ROLE_NAMES = ROLES.map((role) => ({ value: role, label: role }));
const ROLE_OPTIONS = ROLES.map((role) => ({ value: role, label: `${role} – ${ROLE_HINTS[role]}` }));

export interface MembersProps {
  readonly visit: SignedInVisit;
  readonly project: Project;
  readonly members: Page<Member>;
  readonly errors: Errors;
}

export function Members(props: MembersProps): JSX.Element {
  const { visit, project, members } = props;
  return (
    <WithRail rail={<AddMember {...props} />}>
      <Card id="members" title={`Members (${members.total})`}>
        {members.total === 0 ? (
          <Empty icon="users" title="No members yet">
            Administrators see this project all the same. Add somebody beside this list.
          </Empty>
        ) : (
          <Rows>
            {members.items.map((member) => (
              <MemberRow key={member.user.id} visit={visit} project={project} member={member} />
            ))}
          </Rows>
        )}
        <CardFoot>
          <Pages visit={visit} of="members" next={members.next} />
        </CardFoot>
      </Card>
    </WithRail>
  );
}

function AddMember({ visit, project, errors }: MembersProps): JSX.Element {
  return (
    <Card id="add" title="Add a member">
      <CardBody>
        <PostForm action={addressOf('members', { project: project.path })} csrf={visit.csrf}>
          <Field
            id="username"
            name="username"
            label="Username"
            value={fieldText(visit.form, 'username')}
            error={errors['username'] ?? errors['form']}
            maxlength={255}
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
            Add member
          </button>
        </PostForm>
      </CardBody>
    </Card>
  );
}

interface MemberProps {
  readonly visit: SignedInVisit;
  readonly project: Project;
  readonly member: Member;
}

function MemberRow(props: MemberProps): JSX.Element {
  const { visit, project, member } = props;
  const { id, username, displayName } = member.user;
  const here = addressOf('members', { project: project.path });
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

export function RemovalPage(props: MemberProps): JSX.Element {
  const keepIt = { href: addressOf('members', { project: props.project.path }) };
  return (
    <section class="ask" aria-labelledby="removal">
      <Removal {...props} id="removal" keepIt={keepIt} />
    </section>
  );
}

function Removal(
  props: MemberProps & { readonly id: string; readonly keepIt: KeepIt },
): JSX.Element {
  const { visit, project, member, id, keepIt } = props;
  const { username } = member.user;
  return (
    <Ask
      id={id}
      title={`Remove ${username} from ${project.path}?`}
      action={addressOf('members', { project: project.path })}
      csrf={visit.csrf}
      keepIt={keepIt}
      doIt={
        <>
          <input type="hidden" name="username" value={username} />
          <button type="submit" class="button solid" name="do" value="remove">
            Remove {username}
          </button>
        </>
      }
    >
      {username} is {member.role} now, and loses that role at once. Deploy tokens that {username}{' '}
      made stay. You can add {username} again at any time.
    </Ask>
  );
}
