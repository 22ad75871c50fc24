import { In, type EntityManager, type EntitySchema } from 'typeorm';
import { z } from 'zod';
import type { Place } from '../access/namespace.js';
import type { Page, PageRequest } from '../access/page.js';
import { parseRole, type Member, type Role, type Roles } from '../access/role.js';
import type { User } from '../access/user.js';
import { cutPage, type SortOrder } from './cut-page.js';
import { containing, ESCAPE } from './like.js';
import { Members, NamespaceMembers, Namespaces, Projects, Users } from './tables.js';
import { toUser } from './user-store.js';

export type PlaceRef = Pick<Place, 'kind' | 'id'>;

const ProjectRoles = z.array(z.object(Members.columns).pick({ projectId: true, role: true }));
const NamespaceRoles = z.array(
  z.object({ pathKey: Namespaces.columns.pathKey, role: NamespaceMembers.columns.role }),
);

export interface MemberFilter {
  readonly place: PlaceRef;
  /** In the username or the display name; empty for any. */
  readonly text: string;
  /** Null for any. */
  readonly userIds: readonly number[] | null;
}

/** Of a project or a namespace, without what is inherited from above. */
export interface MemberStore {
  /** Adds the member, or changes the role of one who is there already. */
  set(place: PlaceRef, userId: number, role: Role): Promise<void>;
  /** False when the user was no member. */
  remove(place: PlaceRef, userId: number): Promise<boolean>;
  /** By user id. */
  page(filter: MemberFilter, page: PageRequest): Promise<Page<Member>>;
  /** At most so many, by user id; without those who are blocked. */
  withRole(projectId: number, roles: readonly Role[], atMost: number): Promise<User[]>;
  /** Null for somebody who is no member. */
  roleIn(place: PlaceRef, userId: number): Promise<Role | null>;
  /** How many projects the user owns, those left out that are removed. */
  countOwned(userId: number): Promise<number>;
  rolesOf(userId: number): Promise<Roles>;
}

export function memberStore(manager: EntityManager): MemberStore {
  const ofProjects = manager.getRepository(Members);
  const ofNamespaces = manager.getRepository(NamespaceMembers);

  function rowsOf({ kind }: PlaceRef): Rows {
    return kind === 'project'
      ? rowsBy(manager, Members, 'projectId')
      : rowsBy(manager, NamespaceMembers, 'namespaceId');
  }

  return {
    async set(place, userId, role) {
      await rowsOf(place).set(place.id, userId, role);
    },
    async remove(place, userId) {
      return await rowsOf(place).remove(place.id, userId);
    },
    async page(filter, request) {
      return await rowsOf(filter.place).page(filter, request);
    },
    async roleIn(place, userId) {
      return await rowsOf(place).roleIn(place.id, userId);
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
    async countOwned(userId) {
      return await ofProjects
        .createQueryBuilder('member')
        .innerJoin(Projects.options.name, 'project', 'project.id = member.projectId')
        .where('member.userId = :userId AND member.role = :role', { userId, role: OWNER })
        .andWhere('project.removedAt IS NULL')
        .getCount();
    },
    async rolesOf(userId) {
      // Each request of a user asks this, and a user may have thousands: TypeORM's entities take most of it.
      const ofUser = { userId };
      const projects: unknown = await ofProjects
        .createQueryBuilder('member')
        .select('member.projectId', 'projectId')
        .addSelect('member.role', 'role')
        .where('member.userId = :userId', ofUser)
        .getRawMany();
      const namespaces: unknown = await ofNamespaces
        .createQueryBuilder('member')
        .innerJoin(Namespaces.options.name, 'namespace', 'namespace.id = member.namespaceId')
        .select('namespace.pathKey', 'pathKey')
        .addSelect('member.role', 'role')
        .where('member.userId = :userId', ofUser)
        .getRawMany();
      return {
        projects: new Map(
          ProjectRoles.parse(projects).map(({ projectId, role }) => [projectId, toRole(role)]),
        ),
        namespaces: new Map(
          NamespaceRoles.parse(namespaces).map(({ pathKey, role }) => [pathKey, toRole(role)]),
        ),
      };
    },
  };
}

/** A row of either table; the third column is the place's id. */
interface MemberRow {
  userId: number;
  role: string;
  [placeId: string]: number | string;
}

interface Rows {
  readonly set: (placeId: number, userId: number, role: Role) => Promise<void>;
  readonly remove: (placeId: number, userId: number) => Promise<boolean>;
  readonly roleIn: (placeId: number, userId: number) => Promise<Role | null>;
  readonly page: (filter: MemberFilter, request: PageRequest) => Promise<Page<Member>>;
}

/** The members of a project and those of a namespace are two tables of one shape. */
function rowsBy(manager: EntityManager, table: EntitySchema, key: string): Rows {
  const rows = manager.getRepository<MemberRow>(table.options.name);
  async function roleIn(placeId: number, userId: number): Promise<Role | null> {
    const row = await rows.findOneBy({ [key]: placeId, userId });
    return row && toRole(row.role);
  }

  return {
    roleIn,
    async set(placeId, userId, role) {
      const isThere = (await roleIn(placeId, userId)) !== null;
      await (isThere
        ? rows.update({ [key]: placeId, userId }, { role })
        : rows.insert({ [key]: placeId, userId, role }));
    },
    async remove(placeId, userId) {
      const wasMember = (await roleIn(placeId, userId)) !== null;
      await rows.delete({ [key]: placeId, userId });
      return wasMember;
    },
    async page({ place, text, userIds }, request) {
      const query = rows
        .createQueryBuilder('member')
        .where(`member.${key} = :placeId`, { placeId: place.id });
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
        // No id is 0: nobody for an empty list, which SQL does not know.
        query.andWhere('member.userId IN (:...userIds)', { userIds: [...userIds, 0] });
      }
      const page = await cutPage(query, BY_USER, request);
      return { ...page, items: await withUsers(manager, page.items) };
    },
  };
}

async function withUsers(manager: EntityManager, members: readonly MemberRow[]): Promise<Member[]> {
  const ids = members.map(({ userId }) => userId);
  const users = await manager.getRepository(Users).findBy({ id: In(ids) });
  const byUserId = new Map(users.map((user) => [user.id, toUser(user)]));
  return members.flatMap(({ userId, role }) => {
    const user = byUserId.get(userId);
    return user === undefined ? [] : [{ user, role: toRole(role) }];
  });
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
