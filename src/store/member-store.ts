import { In, type EntityManager } from 'typeorm';
import { parseRole, type Member, type Role } from '../access/role.js';
import type { Page, PageRequest } from '../access/page.js';
import type { User } from '../access/user.js';
import { containing, ESCAPE } from './like.js';
import { Members, Users } from './tables.js';
import { toUser } from './user-store.js';

/** A member with the account behind it. */
export interface MemberUser {
  readonly user: User;
  readonly role: Role;
}

export interface MemberFilter {
  readonly projectId: number;
  /** In the username or the display name; empty for any. */
  readonly text: string;
  /** Null for any. */
  readonly userIds: readonly number[] | null;
}

export interface MemberStore {
  /** Adds the member, or changes the role of one who is there already. */
  set(projectId: number, userId: number, role: Role): Promise<void>;
  /** False when the user was no member. */
  remove(projectId: number, userId: number): Promise<boolean>;
  listByProject(projectId: number): Promise<Member[]>;
  /** By user id. */
  page(filter: MemberFilter, page: PageRequest): Promise<Page<MemberUser>>;
  /** Null for somebody who is no member. */
  roleIn(projectId: number, userId: number): Promise<Role | null>;
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
    async page({ projectId, text, userIds }, { offset, limit }) {
      const query = manager
        .createQueryBuilder(Users, 'user')
        .innerJoin(
          Members.options.name,
          'member',
          'member.userId = user.id AND member.projectId = :projectId',
          {
            projectId,
          },
        )
        .orderBy('user.id', 'ASC');
      if (text !== '') {
        query.andWhere(
          `(user.usernameKey LIKE :text ${ESCAPE} OR LOWER(user.displayName) LIKE :text ${ESCAPE})`,
          {
            text: containing(text),
          },
        );
      }
      if (userIds !== null) {
        query.andWhere('user.id IN (:...userIds)', { userIds: [...userIds] });
      }
      const [users, total] = await query.offset(offset).limit(limit).getManyAndCount();
      const found = await rows.findBy({ projectId, userId: In(users.map(({ id }) => id)) });
      const roles = new Map(found.map(({ userId, role }) => [userId, toRole(role)]));
      const items = users.flatMap((user) => {
        const role = roles.get(user.id);
        return role === undefined ? [] : [{ user: toUser(user), role }];
      });
      return { items, total };
    },
    async roleIn(projectId, userId) {
      const row = await rows.findOneBy({ projectId, userId });
      return row && toRole(row.role);
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
