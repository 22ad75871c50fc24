import { In, LessThan, Not, type EntityManager, type FindOptionsWhere } from 'typeorm';
import type { Page, PageRequest } from '../access/page.js';
import type { Session } from '../access/session.js';
import { cutPage, type SortOrder } from './cut-page.js';
import type { Only } from './table.js';
import { Sessions, UsedForms, type SessionRow } from './sign-in-tables.js';

/** Of what is removed, in one statement. */
const AT_ONCE = 1000;

export interface NewSession extends Omit<Session, 'id' | 'lastSeenAt'> {
  readonly secretDigest: Buffer;
}

export interface SessionFilter {
  readonly userId: number;
  /** Those alive: not past their end, and used since. */
  readonly now: Date;
  readonly idleSince: Date;
}

/** By id. */
export type SessionChoice = 'all' | { readonly only: number } | { readonly except: number };

export interface SessionStore {
  add(session: NewSession): Promise<Session>;
  findById(id: number): Promise<Session | null>;
  findByDigest(secretDigest: Buffer): Promise<Session | null>;
  /** The one used last comes first. */
  page(filter: SessionFilter, page: PageRequest): Promise<Page<Session>>;
  touch(id: number, lastSeenAt: Date): Promise<void>;
  remove(ids: readonly number[]): Promise<void>;
  /** Removes what is chosen of the sessions of one user; how many those were. */
  removeOfUser(userId: number, choice: SessionChoice): Promise<number>;
  /** Those past their end, and those not used since. */
  findDead(now: Date, idleSince: Date): Promise<number[]>;
  /** False when this form of the session was used before, or the session was ended. */
  useForm(sessionId: number, formDigest: Buffer): Promise<boolean>;
  /** For a form that was used and changed nothing. */
  forgetForm(formDigest: Buffer): Promise<void>;
}

export function sessionStore(manager: EntityManager): SessionStore {
  const rows = manager.getRepository(Sessions);
  const usedForms = manager.getRepository(UsedForms);

  async function remove(ids: readonly number[]): Promise<void> {
    if (ids.length > 0) {
      await usedForms.delete({ sessionId: In([...ids]) });
      await rows.delete({ id: In([...ids]) });
    }
  }

  return {
    async add(session) {
      const row = { ...session, lastSeenAt: session.createdAt };
      const { identifiers } = await rows.insert(row);
      return toSession({ ...row, id: Number(identifiers[0]?.['id']) });
    },
    async findById(id) {
      const row = await rows.findOneBy({ id });
      return row && toSession(row);
    },
    async findByDigest(secretDigest) {
      const row = await rows.findOneBy({ secretDigest });
      return row && toSession(row);
    },
    async page({ userId, now, idleSince }, request) {
      const query = rows
        .createQueryBuilder('session')
        .where('session.userId = :userId', { userId })
        .andWhere('session.expiresAt > :now', { now: now.getTime() })
        .andWhere('session.lastSeenAt > :idleSince', { idleSince: idleSince.getTime() });
      const page = await cutPage(query, LAST_SEEN_FIRST, request);
      return { ...page, items: page.items.map(toSession) };
    },
    async touch(id, lastSeenAt) {
      await rows.update({ id }, { lastSeenAt });
    },
    remove,
    async removeOfUser(userId, choice) {
      const where = { userId, ...chosen(choice) };
      let removed = 0;
      for (;;) {
        const found = await rows.find({ select: { id: true }, where, take: AT_ONCE });
        if (found.length === 0) {
          return removed;
        }
        await remove(found.map(({ id }) => id));
        removed += found.length;
      }
    },
    async findDead(now, idleSince) {
      const found = await rows.find({
        select: { id: true },
        where: [{ expiresAt: LessThan(now) }, { lastSeenAt: LessThan(idleSince) }],
        take: AT_ONCE,
      });
      return found.map(({ id }) => id);
    },
    async useForm(sessionId, formDigest) {
      const isUsed = await usedForms.existsBy({ secretDigest: formDigest });
      if (isUsed || !(await rows.existsBy({ id: sessionId }))) {
        return false;
      }
      await usedForms.insert({ sessionId, secretDigest: formDigest });
      return true;
    },
    async forgetForm(formDigest) {
      await usedForms.delete({ secretDigest: formDigest });
    },
  };
}

function chosen(choice: SessionChoice): FindOptionsWhere<SessionRow> {
  if (choice === 'all') {
    return {};
  }
  return { id: 'only' in choice ? choice.only : Not(choice.except) };
}

const LAST_SEEN_FIRST: SortOrder<SessionRow> = {
  columns: [
    {
      name: 'session.lastSeenAt',
      type: 'number',
      valueOf: ({ lastSeenAt }) => lastSeenAt.getTime(),
    },
    { name: 'session.id', type: 'number', valueOf: ({ id }) => id },
  ],
  direction: 'DESC',
};

function toSession({ secretDigest: _digest, ...session }: SessionRow): Only<Session, SessionRow> {
  return session;
}
