import type { Actor } from '../access/actor.js';
import { AppError } from '../access/errors.js';
import type { Project } from '../access/project.js';
import type { Member, Role } from '../access/role.js';
import type { User } from '../access/user.js';
import type { Store } from '../store/open-store.js';
import { record } from './audit.js';
import { requireManage } from './requirements.js';

export interface MemberDeps {
  readonly store: Store;
  readonly now: () => Date;
}

/** Adds the user, or changes the role of one who is a member already. */
export async function setMember(
  { store, now }: MemberDeps,
  actor: Actor,
  project: Project,
  { user, role }: { readonly user: User; readonly role: Role },
): Promise<Member> {
  requireManage(actor, project);
  await store.write(async (stores) => {
    await stores.members.set(project.id, user.id, role);
    const subject = { id: user.id, name: user.username };
    await record(stores, actor, {
      at: now(),
      action: 'member_set',
      project,
      subject,
      detail: role,
    });
  });
  return { projectId: project.id, userId: user.id, username: user.username, role };
}

export async function removeMember(
  { store, now }: MemberDeps,
  actor: Actor,
  project: Project,
  user: User,
): Promise<void> {
  requireManage(actor, project);
  await store.write(async (stores) => {
    if (!(await stores.members.remove(project.id, user.id))) {
      throw new AppError('not_found', `${user.username} is no member of ${project.path}.`);
    }
    const subject = { id: user.id, name: user.username };
    await record(stores, actor, { at: now(), action: 'member_removed', project, subject });
  });
}

export async function listMembers(
  { store }: Pick<MemberDeps, 'store'>,
  actor: Actor,
  project: Project,
): Promise<Member[]> {
  requireManage(actor, project);
  return await store.members.listByProject(project.id);
}

/** For whoever names a new member. That an account of this name exists is no secret from maintainers. */
export async function findFutureMember(
  { store }: Pick<MemberDeps, 'store'>,
  actor: Actor,
  project: Project,
  username: string,
): Promise<User> {
  requireManage(actor, project);
  const user = await store.users.findByUsername(username);
  if (user === null) {
    throw new AppError('not_found', `There is no user ${username}.`, { field: 'username' });
  }
  return user;
}
