import type { EntityManager, EntitySchema, Repository, SelectQueryBuilder } from 'typeorm';
import type { Role } from '../access/role.js';
import { belowColumn } from './paths.js';
import {
  Members,
  NamespaceMembers,
  Namespaces,
  Projects,
  Users,
  type NamespaceRow,
  type ProjectRow,
} from './tables.js';

/** See `MemberStore.heldAlone`. */
export async function pathsHeldAlone(
  manager: EntityManager,
  asked: { readonly userId: number; readonly roles: readonly Role[]; readonly atMost: number },
): Promise<string[]> {
  const paths: string[] = [];
  for (const [table, members, key] of [
    [Projects, Members, 'projectId'],
    [Namespaces, NamespaceMembers, 'namespaceId'],
  ] as const) {
    const places = manager.getRepository<PathRow>(table.options.name);
    const found = await heldAlone(places, members, key)
      .setParameters({ userId: asked.userId, roles: [...asked.roles] })
      .orderBy('it.pathKey')
      .limit(asked.atMost)
      .getMany();
    paths.push(...found.map(({ path }) => path));
  }
  return paths;
}

type PathRow = Pick<ProjectRow | NamespaceRow, 'path' | 'pathKey'>;

/** Places where `:userId` has one of `:roles`, and nobody else does. */
function heldAlone(
  places: Repository<PathRow>,
  members: EntitySchema,
  key: string,
): SelectQueryBuilder<PathRow> {
  const query = places.createQueryBuilder('it').where('it.pathKey IS NOT NULL');
  const own = query
    .subQuery()
    .select('1')
    .from(members, 'mine')
    .where(`mine.${key} = it.id AND mine.userId = :userId AND mine.role IN (:...roles)`);
  const others = query
    .subQuery()
    .select('1')
    .from(members, 'other')
    .innerJoin(Users.options.name, 'person', 'person.id = other.userId')
    .where(`other.${key} = it.id AND ${IS_ANOTHER}`);
  const above = query
    .subQuery()
    .select('1')
    .from(NamespaceMembers, 'other')
    .innerJoin(Users.options.name, 'person', 'person.id = other.userId')
    .innerJoin(Namespaces.options.name, 'above', 'above.id = other.namespaceId')
    .where(`${belowColumn('it.pathKey', 'above.pathKey')} AND ${IS_ANOTHER}`)
    .andWhere('(above.userId IS NULL OR above.userId <> :userId)');
  return query
    .andWhere(`EXISTS ${own.getQuery()}`)
    .andWhere(`NOT EXISTS ${others.getQuery()}`)
    .andWhere(`NOT EXISTS ${above.getQuery()}`);
}

const IS_ANOTHER =
  'other.userId <> :userId AND other.role IN (:...roles) AND person.blockedAt IS NULL';
