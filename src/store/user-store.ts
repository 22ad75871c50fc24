import { In, IsNull, Not, type EntityManager } from 'typeorm';
import { usernameKey, type User } from '../access/user.js';
import { Users, type UserRow } from './tables.js';

export interface NewUser {
  readonly username: string;
  readonly displayName: string;
  readonly passwordHash: string | null;
  readonly isAdmin: boolean;
  readonly createdAt: Date;
}

export interface UserStore {
  add(user: NewUser): Promise<User>;
  findById(id: number): Promise<User | null>;
  findByUsername(username: string): Promise<User | null>;
  /** The argon2id hash; null for a user without a password as for one that does not exist. */
  findPasswordHash(username: string): Promise<string | null>;
  findByIds(ids: readonly number[]): Promise<User[]>;
  /** Whether anybody has ever been made administrator and has a password to sign in with. */
  hasAdministrator(): Promise<boolean>;
  list(): Promise<User[]>;
  setPasswordHash(id: number, passwordHash: string): Promise<void>;
  setBlockedAt(id: number, blockedAt: Date | null): Promise<void>;
}

export function userStore(manager: EntityManager): UserStore {
  const rows = manager.getRepository(Users);
  return {
    async add(user) {
      const row = { ...user, usernameKey: usernameKey(user.username), blockedAt: null };
      const { identifiers } = await rows.insert(row);
      return toUser({ ...row, id: Number(identifiers[0]?.['id']) });
    },
    async findById(id) {
      const row = await rows.findOneBy({ id });
      return row && toUser(row);
    },
    async findByUsername(username) {
      const row = await rows.findOneBy({ usernameKey: usernameKey(username) });
      return row && toUser(row);
    },
    async findPasswordHash(username) {
      const row = await rows.findOneBy({ usernameKey: usernameKey(username) });
      return row?.passwordHash ?? null;
    },
    async findByIds(ids) {
      return ids.length === 0 ? [] : (await rows.findBy({ id: In([...ids]) })).map(toUser);
    },
    async hasAdministrator() {
      return await rows.existsBy({ isAdmin: true, passwordHash: Not(IsNull()) });
    },
    async list() {
      return (await rows.find({ order: { id: 'ASC' } })).map(toUser);
    },
    async setPasswordHash(id, passwordHash) {
      await rows.update({ id }, { passwordHash });
    },
    async setBlockedAt(id, blockedAt) {
      await rows.update({ id }, { blockedAt });
    },
  };
}

function toUser(row: UserRow): User {
  const { id, username, displayName, isAdmin, blockedAt, createdAt } = row;
  return { id, username, displayName, isAdmin, blockedAt, createdAt };
}
