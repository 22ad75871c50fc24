import type { JSX } from 'preact';
import { AppError } from '../../../access/errors.js';
import type { Page } from '../../../access/page.js';
import type { Project } from '../../../access/project.js';
import { parseRole, ROLES, type Member, type Role } from '../../../access/role.js';
import {
  everyMember,
  findFutureMember,
  pageOfMembers,
  removeMember,
  setMember,
} from '../../../services/members.js';
import { addressOf } from '../../addresses.js';
import { Cell, Empty, PostForm, Table } from '../../components.js';
import { fieldText } from '../../fields.js';
import { changeOrShow, hasErrors, type Errors } from '../../form-errors.js';
import { Field, Select } from '../../form-field.js';
import { pageIn, Pages } from '../../paging.js';
import { page, redirect, type Answer, type SignedInVisit, type WebDeps } from '../../visit.js';
import { ProjectFrame } from '../../project-frame.js';

const ROLE_HINTS: Readonly<Record<Role, string>> = {
  guest: 'sees the project',
  reporter: 'pulls and clones',
  developer: 'pushes too',
  maintainer: 'manages tokens, members and settings',
  owner: 'the same as a maintainer',
};

const ROLE_OPTIONS = ROLES.map((role) => ({ value: role, label: `${role} – ${ROLE_HINTS[role]}` }));

export async function membersPage(
  deps: WebDeps,
  visit: SignedInVisit,
  project: Project,
): Promise<Answer> {
  return await changeOrShow(
    visit,
    async () => await change(deps, visit, project),
    async (errors) => await show(deps, visit, project, errors),
  );
}

async function change(deps: WebDeps, visit: SignedInVisit, project: Project): Promise<Answer> {
  const { form, actor } = visit;
  const username = fieldText(form, 'username').trim();
  const user = await findFutureMember(deps, actor, project, username);
  const isRemoval = fieldText(form, 'do') === 'remove';
  if (isRemoval) {
    await removeMember(deps, actor, project, user);
  } else {
    const role = parseRole(fieldText(form, 'role'));
    if (role === null) {
      throw new AppError('invalid_input', 'Choose a role.', { field: 'role' });
    }
    await setMember(deps, actor, project, { user, role });
  }
  // Whoever changed their own role may not be allowed back onto this page.
  const next = user.id === actor.user.id ? '/' : addressOf('members', { project: project.path });
  return redirect(next, isRemoval ? 'member-removed' : 'member-set');
}

async function show(
  deps: WebDeps,
  visit: SignedInVisit,
  project: Project,
  errors: Errors,
): Promise<Answer> {
  const selection = everyMember(project);
  const members = await pageOfMembers(deps, visit.actor, selection, pageIn(visit.query));
  return page(
    `Members · ${project.path}`,
    <ProjectFrame visit={visit} project={project} current="members">
      <Members visit={visit} project={project} members={members} errors={errors} />
    </ProjectFrame>,
    hasErrors(errors) ? 422 : 200,
  );
}

interface MembersProps {
  readonly visit: SignedInVisit;
  readonly project: Project;
  readonly members: Page<Member>;
  readonly errors: Errors;
}

function Members(props: MembersProps): JSX.Element {
  const { visit, project, members, errors } = props;
  const here = addressOf('members', { project: project.path });
  return (
    <>
      <section class="card" aria-labelledby="add">
        <h2 id="add">Add a member</h2>
        <PostForm action={here} csrf={visit.csrf}>
          <div class="pair">
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
          </div>
          <button type="submit" class="button primary" name="do" value="set">
            Add member
          </button>
        </PostForm>
      </section>
      <section class="card" aria-labelledby="members">
        <h2 id="members">Members ({members.total})</h2>
        {members.total === 0 ? (
          <Empty title="No members yet">
            <p>Administrators see this project all the same. Add somebody above.</p>
          </Empty>
        ) : (
          <Table caption="Members" columns={['Username', 'Role', 'Actions']}>
            {members.items.map((member) => (
              <MemberRow key={member.user.id} here={here} csrf={visit.csrf} member={member} />
            ))}
          </Table>
        )}
        <Pages visit={visit} of="members" next={members.next} />
      </section>
    </>
  );
}

function MemberRow(props: {
  readonly here: string;
  readonly csrf: string;
  readonly member: Member;
}): JSX.Element {
  const { here, csrf } = props;
  const { role } = props.member;
  const { id, username } = props.member.user;
  return (
    <tr>
      <Cell of="Username" class="name">
        {username}
      </Cell>
      <Cell of="Role">
        <PostForm action={here} csrf={csrf} class="inline">
          <input type="hidden" name="username" value={username} />
          <Select
            id={`role-${id}`}
            name="role"
            options={ROLE_OPTIONS}
            value={role}
            aria-label={`Role of ${username}`}
          />
          <button type="submit" class="button small" name="do" value="set">
            Change<span class="visually-hidden"> the role of {username}</span>
          </button>
        </PostForm>
      </Cell>
      <Cell of="Actions" class="row-actions">
        <PostForm action={here} csrf={csrf} class="inline">
          <input type="hidden" name="username" value={username} />
          <button type="submit" class="button danger small" name="do" value="remove">
            Remove<span class="visually-hidden"> {username}</span>
          </button>
        </PostForm>
      </Cell>
    </tr>
  );
}
