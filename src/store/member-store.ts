import {
  In,
  type EntityManager,
  type EntitySchema,
  type ObjectLiteral,
  type SelectQueryBuilder,
} from 'typeorm';
import { z } from 'zod';
import type { Place } from '../access/namespace.js';
import type { Page, PageRequest } from '../access/page.js';
import { highest, parseRole, type Member, type Role, type Roles } from '../access/role.js';
import type { User } from '../access/user.js';
import { byId, cutPage, type SortOrder } from './cut-page.js';
import { containing, ESCAPE } from './like.js';
import { pathsHeldAlone } from './held-alone.js';
import { Members, NamespaceMembers, Namespaces, Projects, Users, type UserRow } from './tables.js';
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

/** A member, and the place that the role comes from. */
export interface PlacedMember extends Member {
  readonly place: PlaceRef;
}

/** Of a project or a namespace, without what is inherited from above. */
export interface MemberStore {
  /** Adds the member, or changes the role of one who is there already. */
  set(place: PlaceRef, userId: number, role: Role): Promise<void>;
  /** False when the user was no member. */
  remove(place: PlaceRef, userId: number): Promise<boolean>;
  /** By user id. */
  page(filter: MemberFilter, page: PageRequest): Promise<Page<Member>>;
  /**
   * Everybody who is a member of one of these, once each, by user id: with the highest role, and of places
   * where it is the same the first.
   */
  pageAcross(
    places: readonly PlaceRef[],
    filter: Omit<MemberFilter, 'place'>,
    page: PageRequest,
  ): Promise<Page<PlacedMember>>;
  /** At most so many, by user id; without those who are blocked. */
  withRole(projectId: number, roles: readonly Role[], atMost: number): Promise<User[]>;
  /** Null for somebody who is no member. */
  roleIn(place: PlaceRef, userId: number): Promise<Role | null>;
  /** How many projects the user owns, those left out that are removed. */
  countOwned(userId: number): Promise<number>;
  countOwnedNamespaces(userId: number): Promise<number>;
  rolesOf(userId: number): Promise<Roles>;
  /** Everywhere. */
  removeOfUser(userId: number): Promise<void>;
  /** All that the place has. */
  removeAll(place: PlaceRef): Promise<void>;
  /**
   * The paths of projects and namespaces in which the user has one of these roles and nobody else who is not
   * blocked has one, from above either; but for the user's own namespace. At most so many of each, by path.
   */
  heldAlone(userId: number, roles: readonly Role[], atMost: number): Promise<string[]>;
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
    async pageAcross(places, filter, request) {
      const query = manager.getRepository(Users).createQueryBuilder('user');
      const isMember = [
        `user.id IN ${usersOf(query, Members, 'projectId', 'projectIds')}`,
        `user.id IN ${usersOf(query, NamespaceMembers, 'namespaceId', 'namespaceIds')}`,
      ].join(' OR ');
      query.where(`(${isMember})`, {
        projectIds: idsOf(places, 'project'),
        namespaceIds: idsOf(places, 'namespace'),
      });
      narrow(query, 'user.id', filter);
      const page = await cutPage(query, byId<UserRow>('user', 'ASC'), request);
      const userIds = page.items.map(({ id }) => id);
      const roles = await Promise.all(
        places.map(async (place) => ({
          place,
          roles: await rowsOf(place).roles(place.id, userIds),
        })),
      );
      const items = page.items.flatMap((row) => {
        // Null for somebody who was removed since.
        const held = highestOf(roles, row.id);
        return held === null ? [] : [{ user: toUser(row), ...held }];
      });
      return { ...page, items };
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
    async removeOfUser(userId) {
      await ofProjects.delete({ userId });
      await ofNamespaces.delete({ userId });
    },
    async removeAll({ kind, id }) {
      await (kind === 'project'
        ? ofProjects.delete({ projectId: id })
        : ofNamespaces.delete({ namespaceId: id }));
    },
    async heldAlone(userId, roles, atMost) {
      return await pathsHeldAlone(manager, { userId, roles, atMost });
    },
    async countOwnedNamespaces(userId) {
      return await ofNamespaces.countBy({ userId, role: OWNER });
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
  readonly roles: (placeId: number, userIds: readonly number[]) => Promise<RolesById>;
  readonly page: (filter: MemberFilter, request: PageRequest) => Promise<Page<Member>>;
}

type RolesById = ReadonlyMap<number, Role>;

/** The members of a project and those of a namespace are two tables of one shape. */
function rowsBy(manager: EntityManager, table: EntitySchema, key: string): Rows {
  const rows = manager.getRepository<MemberRow>(table.options.name);
  async function roleIn(placeId: number, userId: number): Promise<Role | null> {
    const row = await rows.findOneBy({ [key]: placeId, userId });
    return row && toRole(row.role);
  }

  return {
    roleIn,
    async roles(placeId, userIds) {
      const found = await rows.findBy({ [key]: placeId, userId: In([...userIds]) });
      return new Map(found.map(({ userId, role }) => [userId, toRole(role)]));
    },
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
    async page({ place, ...filter }, request) {
      const query = rows
        .createQueryBuilder('member')
        .where(`member.${key} = :placeId`, { placeId: place.id });
      narrow(query, 'member.userId', filter);
      const page = await cutPage(query, BY_USER, request);
      return { ...page, items: await withUsers(manager, page.items) };
    },
  };
}

/** To the users that the filter lets through, whose ids are in this column. */
function narrow<Row extends ObjectLiteral>(
  query: SelectQueryBuilder<Row>,
  column: string,
  { text, userIds }: Omit<MemberFilter, 'place'>,
): void {
  if (text !== '') {
    const named = query
      .subQuery()
      .select('named.id')
      .from(Users, 'named')
      .where(
        `named.usernameKey LIKE :text ${ESCAPE} OR LOWER(named.displayName) LIKE :text ${ESCAPE}`,
      )
      .getQuery();
    query.andWhere(`${column} IN ${named}`, { text: containing(text) });
  }
  if (userIds !== null) {
    // No id is 0: nobody for an empty list, which SQL does not know.
    query.andWhere(`${column} IN (:...userIds)`, { userIds: [...userIds, 0] });
  }
}

function usersOf(
  query: SelectQueryBuilder<UserRow>,
  table: EntitySchema,
  key: string,
  ids: string,
): string {
  return query
    .subQuery()
    .select('member.userId')
    .from(table, 'member')
    .where(`member.${key} IN (:...${ids})`)
    .getQuery();
}

/** No id is 0: none for an empty list, which SQL does not know. */
function idsOf(places: readonly PlaceRef[], kind: PlaceRef['kind']): number[] {
  return [0, ...places.filter((place) => place.kind === kind).map(({ id }) => id)];
}

function highestOf(
  found: readonly { readonly place: PlaceRef; readonly roles: RolesById }[],
  userId: number,
): Pick<PlacedMember, 'role' | 'place'> | null {
  const held = found.flatMap(({ place, roles }) => {
    const role = roles.get(userId);
    return role === undefined ? [] : [{ role, place }];
  });
  const role = held.map((each) => each.role).reduce<Role | undefined>(highest, undefined);
  return held.find((each) => each.role === role) ?? null;
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
