import type { EntityManager } from 'typeorm';
import { parseRole, type Member, type Role } from '../access/role.js';
import { Members, Users } from './tables.js';

export interface MemberStore {
  /** Adds the member, or changes the role of one who is there already. */
  set(projectId: number, userId: number, role: Role): Promise<void>;
  /** False when the user was no member. */
  remove(projectId: number, userId: number): Promise<boolean>;
  listByProject(projectId: number): Promise<Member[]>;
  /** Project id to role. */
  rolesOf(userId: number): Promise<ReadonlyMap<number, Role>>;
}

export function memberStore(manager: EntityManager): MemberStore {
  const rows = manager.getRepository(Members);
  return {
    async set(projectId, userId, role) {
      if (await rows.existsBy({ projectId, userId })) {
        await rows.update({ projectId, userId }, { role });
      } else {
        await rows.insert({ projectId, userId, role });
      }
    },
    async remove(projectId, userId) {
      const wasMember = await rows.existsBy({ projectId, userId });
      await rows.delete({ projectId, userId });
      return wasMember;
    },
    async listByProject(projectId) {
      const found = await rows.find({ where: { projectId }, order: { userId: 'ASC' } });
      const users = await manager.getRepository(Users).find();
      const usernames = new Map(users.map((user) => [user.id, user.username]));
      return found.map(({ userId, role }) => ({
        projectId,
        userId,
        username: usernames.get(userId) ?? '',
        role: toRole(role),
      }));
    },
    async rolesOf(userId) {
      const found = await rows.findBy({ userId });
      return new Map(found.map(({ projectId, role }) => [projectId, toRole(role)]));
    },
  };
}

function toRole(text: string): Role {
  const role = parseRole(text);
  if (role === null) {
    throw new Error(`a member has the unknown role ${text}`);
  }
  return role;
}
