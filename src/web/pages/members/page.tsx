import { AppError } from '../../../access/errors.js';
import type { Project } from '../../../access/project.js';
import { parseRole } from '../../../access/role.js';
import {
  everyMember,
  findFutureMember,
  findMember,
  pageOfMembers,
  removeMember,
  setMember,
} from '../../../services/members.js';
import { ADDRESSES, addressOf } from '../../addresses.js';
import { fieldNumber, fieldText } from '../../fields.js';
import { changeOrShow, hasErrors, type Errors } from '../../form-errors.js';
import { pageIn } from '../../paging.js';
import { projectFrame } from '../../project-frame.js';
import { redirectSaying, type Answer, type SignedInVisit, type WebDeps } from '../../visit.js';
import { Members, RemovalPage } from './view.js';

export async function membersPage(
  deps: WebDeps,
  visit: SignedInVisit,
  project: Project,
): Promise<Answer> {
  return await changeOrShow(
    visit,
    async () => await change(deps, visit, project),
    async (errors) =>
      (await ask(deps, visit, project)) ?? (await show(deps, visit, project, errors)),
  );
}

async function change(deps: WebDeps, visit: SignedInVisit, project: Project): Promise<Answer> {
  const { form, actor } = visit;
  const username = fieldText(form, 'username').trim();
  const user = await findFutureMember(deps, actor, project, username);
  // Whoever changed their own role may not be allowed back onto this page.
  const isOwn = user.id === actor.user.id;
  const next = isOwn ? ADDRESSES.home.path : addressOf('members', { project: project.path });
  if (fieldText(form, 'do') === 'remove') {
    await removeMember(deps, actor, project, user);
    return redirectSaying(visit, next, 'member-removed', user.username);
  }
  const role = parseRole(fieldText(form, 'role'));
  if (role === null) {
    throw new AppError('invalid_input', 'Choose a role.', { field: 'role' });
  }
  await setMember(deps, actor, project, { user, role });
  return redirectSaying(visit, next, 'member-set', `${user.username} is ${role}`);
}

/** The question before somebody is removed; null where the address asks for none. */
async function ask(deps: WebDeps, visit: SignedInVisit, project: Project): Promise<Answer | null> {
  const id = fieldNumber(visit.query, 'remove');
  const member =
    id === null || visit.method === 'POST'
      ? null
      : await findMember(deps, visit.actor, project, id);
  return member === null
    ? null
    : projectFrame(visit, project, 'members', {
        title: `Remove ${member.user.username}?`,
        body: <RemovalPage visit={visit} project={project} member={member} />,
      });
}

async function show(
  deps: WebDeps,
  visit: SignedInVisit,
  project: Project,
  errors: Errors,
): Promise<Answer> {
  const selection = everyMember(project);
  const members = await pageOfMembers(deps, visit.actor, selection, pageIn(visit.query));
  return projectFrame(visit, project, 'members', {
    title: 'Members',
    status: hasErrors(errors) ? 422 : 200,
    body: <Members visit={visit} project={project} members={members} errors={errors} />,
  });
}
