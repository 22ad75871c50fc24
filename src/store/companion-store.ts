/** Who shares a project or a namespace with somebody: both have a role in it, of its own or from above. */

import type { EntityManager, SelectQueryBuilder } from 'typeorm';
import { pathsAbove } from '../access/tree.js';
import type { User } from '../access/user.js';
import { atOrBelowAny, belowColumn } from './paths.js';
import { Members, NamespaceMembers, Namespaces, Projects, Users, type UserRow } from './tables.js';
import { toUser } from './user-store.js';

export interface Companions {
  readonly userId: number;
  /** The namespaces, in lower case, in which the user has a role. */
  readonly namespaces: readonly string[];
}

export interface CompanionStore {
  has(companions: Companions, userId: number): Promise<boolean>;
  /** Those who are not blocked, by username: the first of them. */
  list(companions: Companions, atMost: number): Promise<User[]>;
}

export function companionStore(manager: EntityManager): CompanionStore {
  function select({ userId, namespaces }: Companions): SelectQueryBuilder<UserRow> {
    const query = manager.getRepository(Users).createQueryBuilder('user');
    const below = atOrBelowAny('place.pathKey', namespaces, 'own');
    const conditions = [inProjects(query, below.sql), inNamespaces(query, below.sql)];
    const above = [...new Set(namespaces.flatMap(pathsAbove)), ''];
    return query
      .where(`(${conditions.map((ids) => `user.id IN ${ids}`).join(' OR ')})`)
      .andWhere('user.id <> :userId AND user.removedAt IS NULL')
      .setParameters({ ...below.parameters, userId, above });
  }

  return {
    async has(companions, userId) {
      return await select(companions)
        .andWhere('user.id = :companionId', { companionId: userId })
        .getExists();
    },
    async list(companions, atMost) {
      const found = await select(companions)
        .andWhere('user.blockedAt IS NULL')
        .orderBy('user.usernameKey')
        .limit(atMost)
        .getMany();
      return found.map(toUser);
    },
  };
}

/** With a role in a project of the user's own, or in one below a namespace of the user's. */
function inProjects(query: SelectQueryBuilder<UserRow>, isBelow: string): string {
  const own = query
    .subQuery()
    .select('mine.projectId')
    .from(Members, 'mine')
    .where('mine.userId = :userId')
    .getQuery();
  return query
    .subQuery()
    .select('member.userId')
    .from(Members, 'member')
    .innerJoin(Projects.options.name, 'place', 'place.id = member.projectId')
    .where(`place.pathKey IS NOT NULL AND (place.id IN ${own} OR ${isBelow})`)
    .getQuery();
}

/** With a role at or below a namespace of the user's, or above something where the user has one. */
function inNamespaces(query: SelectQueryBuilder<UserRow>, isBelow: string): string {
  const ownBelow = query
    .subQuery()
    .select('1')
    .from(Members, 'mine')
    .innerJoin(Projects.options.name, 'project', 'project.id = mine.projectId')
    .where(`mine.userId = :userId AND ${belowColumn('project.pathKey', 'place.pathKey')}`)
    .getQuery();
  return query
    .subQuery()
    .select('member.userId')
    .from(NamespaceMembers, 'member')
    .innerJoin(Namespaces.options.name, 'place', 'place.id = member.namespaceId')
    .where(`(${isBelow} OR place.pathKey IN (:...above) OR EXISTS ${ownBelow})`)
    .getQuery();
}
