import { In, IsNull, Not, type EntityManager } from 'typeorm';
import { usernameKey, type User } from '../access/user.js';
import type { Direction, Page, PageRequest } from '../access/page.js';
import { byId, cutPage } from './cut-page.js';
import { containing, ESCAPE } from './like.js';
import type { Only } from './table.js';
import { AccessTokens, Invitations } from './sign-in-tables.js';
import { AuditEvents, DeployTokens, Users, type UserRow } from './tables.js';

export interface NewUser {
  readonly username: string;
  readonly displayName: string;
  readonly passwordHash: string | null;
  readonly isAdmin: boolean;
  readonly createdAt: Date;
}

export interface UserFilter {
  /** Null for any. */
  readonly username: string | null;
  /** In the username or the display name; empty for any. */
  readonly text: string;
  /** Null for both. */
  readonly state: 'active' | 'blocked' | null;
  /** Leaves out everybody else. */
  readonly onlyAdministrators: boolean;
  /** Of their ids: ascending is oldest first. */
  readonly direction: Direction;
}

/** Removed users are found where it says so, and nowhere else. */
export interface UserStore {
  add(user: NewUser): Promise<User>;
  findById(id: number): Promise<User | null>;
  findByUsername(username: string): Promise<User | null>;
  /** The argon2id hash; null for a user without a password as for one that does not exist. */
  findPasswordHash(username: string): Promise<string | null>;
  /** Also removed ones, who did what is on record. */
  findByIds(ids: readonly number[]): Promise<User[]>;
  /** Also a removed one, whose name nobody else gets. */
  findOnRecord(username: string): Promise<User | null>;
  /** Those who are not blocked. */
  firstByUsername(atMost: number): Promise<User[]>;
  /** Whether anybody has ever been made administrator and has a password to sign in with. */
  hasAdministrator(): Promise<boolean>;
  /** Somebody else who is one, and not blocked. */
  hasOtherAdministrator(id: number): Promise<boolean>;
  page(filter: UserFilter, page: PageRequest): Promise<Page<User>>;
  setAdmin(id: number, isAdmin: boolean): Promise<void>;
  setDisplayName(id: number, displayName: string): Promise<void>;
  setPasswordHash(id: number, passwordHash: string): Promise<void>;
  setBlockedAt(id: number, blockedAt: Date | null): Promise<void>;
  /** Whether the user did anything that is on record, or made something that is still there. */
  hasLeftTraces(user: Pick<User, 'id' | 'username'>): Promise<boolean>;
  /** Whoever left traces keeps their name on record; of others nothing is left. */
  remove(id: number, removedAt: Date, name: 'keep' | 'free'): Promise<void>;
}

export function userStore(manager: EntityManager): UserStore {
  const rows = manager.getRepository(Users);
  return {
    async add(user) {
      const key = usernameKey(user.username);
      const row = { ...user, usernameKey: key, blockedAt: null, removedAt: null, ...NO_DETAILS };
      const { identifiers } = await rows.insert(row);
      return toUser({ ...row, id: Number(identifiers[0]?.['id']) });
    },
    async findById(id) {
      const row = await rows.findOneBy({ id, removedAt: IsNull() });
      return row && toUser(row);
    },
    async findByUsername(username) {
      const row = await rows.findOneBy({
        usernameKey: usernameKey(username),
        removedAt: IsNull(),
      });
      return row && toUser(row);
    },
    async findOnRecord(username) {
      const row = await rows.findOneBy({ usernameKey: usernameKey(username) });
      return row && toUser(row);
    },
    async findPasswordHash(username) {
      const row = await rows.findOne({
        select: { passwordHash: true },
        where: { usernameKey: usernameKey(username), removedAt: IsNull() },
      });
      return row?.passwordHash ?? null;
    },
    async findByIds(ids) {
      return ids.length === 0 ? [] : (await rows.findBy({ id: In([...ids]) })).map(toUser);
    },
    async firstByUsername(atMost) {
      const where = { removedAt: IsNull(), blockedAt: IsNull() };
      const found = await rows.find({ where, order: { usernameKey: 'ASC' }, take: atMost });
      return found.map(toUser);
    },
    async hasAdministrator() {
      return await rows.existsBy({ isAdmin: true, passwordHash: Not(IsNull()) });
    },
    async hasOtherAdministrator(id) {
      return await rows.existsBy({ id: Not(id), isAdmin: true, blockedAt: IsNull() });
    },
    async page(filter, request) {
      const query = rows.createQueryBuilder('user').where('user.removedAt IS NULL');
      if (filter.username !== null) {
        query.andWhere('user.usernameKey = :key', { key: usernameKey(filter.username) });
      }
      if (filter.text !== '') {
        query.andWhere(
          `(user.usernameKey LIKE :text ${ESCAPE} OR LOWER(user.displayName) LIKE :text ${ESCAPE})`,
          {
            text: containing(filter.text),
          },
        );
      }
      if (filter.state !== null) {
        query.andWhere(`user.blockedAt IS ${filter.state === 'active' ? '' : 'NOT '}NULL`);
      }
      if (filter.onlyAdministrators) {
        query.andWhere('user.isAdmin = :isAdmin', { isAdmin: true });
      }
      const page = await cutPage(query, byId('user', filter.direction), request);
      return { ...page, items: page.items.map(toUser) };
    },
    async setAdmin(id, isAdmin) {
      await rows.update({ id }, { isAdmin });
    },
    async setDisplayName(id, displayName) {
      await rows.update({ id }, { displayName });
    },
    async setPasswordHash(id, passwordHash) {
      await rows.update({ id }, { passwordHash });
    },
    async setBlockedAt(id, blockedAt) {
      await rows.update({ id }, { blockedAt });
    },
    async hasLeftTraces({ id, username }) {
      return (
        (await manager.existsBy(DeployTokens, [{ createdBy: id }, { revokedBy: id }])) ||
        (await manager.existsBy(AccessTokens, { userId: id })) ||
        (await manager.existsBy(Invitations, { createdBy: id })) ||
        (await manager.existsBy(AuditEvents, { actor: username, actorId: id }))
      );
    },
    async remove(id, removedAt, name) {
      if (name === 'free') {
        await manager.update(Invitations, { usedBy: id }, { usedBy: null });
        await rows.delete({ id });
      } else {
        const ended = { passwordHash: null, isAdmin: false, blockedAt: removedAt, removedAt };
        await rows.update({ id }, { ...ended, ...NO_DETAILS });
      }
    },
  };
}

/** As long as nobody gave any: see details-store.ts. */
const NO_DETAILS = { email: null, note: null, settings: null };

export function toUser({
  usernameKey: _key,
  passwordHash: _hash,
  removedAt: _removedAt,
  email: _email,
  note: _note,
  settings: _settings,
  ...user
}: UserRow): Only<User, UserRow> {
  return user;
}
