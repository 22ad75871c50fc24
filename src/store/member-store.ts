import { In, type EntityManager } from 'typeorm';
import { z } from 'zod';
import type { User } from '../access/user.js';
import { parseRole, type Member, type Role } from '../access/role.js';
import type { Page, PageRequest } from '../access/page.js';
import { cutPage, type SortOrder } from './cut-page.js';
import { containing, ESCAPE } from './like.js';
import { Members, Projects, Users, type MemberRow } from './tables.js';
import { toUser } from './user-store.js';

const RoleRows = z.array(z.object(Members.columns).pick({ projectId: true, role: true }));

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
  /** By user id. */
  page(filter: MemberFilter, page: PageRequest): Promise<Page<Member>>;
  /** At most so many, by user id; without those who are blocked. */
  withRole(projectId: number, roles: readonly Role[], atMost: number): Promise<User[]>;
  /** Null for somebody who is no member. */
  roleIn(projectId: number, userId: number): Promise<Role | null>;
  /** How many projects the user owns, those left out that are removed. */
  countOwned(userId: number): Promise<number>;
  /** Project id to role. */
  rolesOf(userId: number): Promise<ReadonlyMap<number, Role>>;
}

export function memberStore(manager: EntityManager): MemberStore {
  const rows = manager.getRepository(Members);

  async function withUsers(members: readonly MemberRow[]): Promise<Member[]> {
    const ids = members.map(({ userId }) => userId);
    const users = await manager.getRepository(Users).findBy({ id: In(ids) });
    const byUserId = new Map(users.map((user) => [user.id, toUser(user)]));
    return members.flatMap(({ userId, role }) => {
      const user = byUserId.get(userId);
      return user === undefined ? [] : [{ user, role: toRole(role) }];
    });
  }

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
    async page({ projectId, text, userIds }, request) {
      const query = rows.createQueryBuilder('member').where('member.projectId = :projectId', {
        projectId,
      });
      if (text !== '') {
        const named = query
          .subQuery()
          .select('user.id')
          .from(Users, 'user')
          .where(
            `user.usernameKey LIKE :text ${ESCAPE} OR LOWER(user.displayName) LIKE :text ${ESCAPE}`,
          )
          .getQuery();
        query.andWhere(`member.userId IN ${named}`, { text: containing(text) });
      }
      if (userIds !== null) {
        query.andWhere('member.userId IN (:...userIds)', { userIds: [...userIds] });
      }
      const page = await cutPage(query, BY_USER, request);
      return { ...page, items: await withUsers(page.items) };
    },
    async withRole(projectId, roles, atMost) {
      const found = await manager
        .getRepository(Users)
        .createQueryBuilder('user')
        .innerJoin(Members.options.name, 'member', 'member.userId = user.id')
        .where('member.projectId = :projectId AND member.role IN (:...roles)', {
          projectId,
          roles: [...roles],
        })
        .andWhere('user.blockedAt IS NULL')
        .orderBy('user.id')
        .limit(atMost)
        .getMany();
      return found.map(toUser);
    },
    async roleIn(projectId, userId) {
      const row = await rows.findOneBy({ projectId, userId });
      return row && toRole(row.role);
    },
    async countOwned(userId) {
      return await rows
        .createQueryBuilder('member')
        .innerJoin(Projects.options.name, 'project', 'project.id = member.projectId')
        .where('member.userId = :userId AND member.role = :role', { userId, role: OWNER })
        .andWhere('project.removedAt IS NULL')
        .getCount();
    },
    async rolesOf(userId) {
      // Each request of a user asks this, and a user may have thousands: TypeORM's entities take most of it.
      const found: unknown = await rows
        .createQueryBuilder('member')
        .select('member.projectId', 'projectId')
        .addSelect('member.role', 'role')
        .where('member.userId = :userId', { userId })
        .getRawMany();
      return new Map(RoleRows.parse(found).map(({ projectId, role }) => [projectId, toRole(role)]));
    },
  };
}

const OWNER: Role = 'owner';

const BY_USER: SortOrder<MemberRow> = {
  columns: [{ name: 'member.userId', type: 'number', valueOf: ({ userId }) => userId }],
  direction: 'ASC',
};

function toRole(text: string): Role {
  const role = parseRole(text);
  if (role === null) {
    throw new Error(`a member has the unknown role ${text}`);
  }
  return role;
}
