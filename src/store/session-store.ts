import { In, LessThan, type EntityManager } from 'typeorm';
import type { Session } from '../access/session.js';
import type { Only } from './table.js';
import { Sessions, UsedForms, type SessionRow } from './tables.js';

export interface NewSession extends Omit<Session, 'id' | 'lastSeenAt'> {
  readonly secretDigest: Buffer;
}

export interface SessionStore {
  add(session: NewSession): Promise<Session>;
  findByDigest(secretDigest: Buffer): Promise<Session | null>;
  /** The one used last comes first. */
  listByUser(userId: number): Promise<Session[]>;
  touch(id: number, lastSeenAt: Date): Promise<void>;
  remove(ids: readonly number[]): Promise<void>;
  /** Those past their end, and those not used since. */
  findDead(now: Date, idleSince: Date): Promise<number[]>;
  /** False when this form of the session was used before. */
  useForm(sessionId: number, formDigest: Buffer): Promise<boolean>;
  /** For a form that was used and changed nothing. */
  forgetForm(formDigest: Buffer): Promise<void>;
}

export function sessionStore(manager: EntityManager): SessionStore {
  const rows = manager.getRepository(Sessions);
  const usedForms = manager.getRepository(UsedForms);
  return {
    async add(session) {
      const row = { ...session, lastSeenAt: session.createdAt };
      const { identifiers } = await rows.insert(row);
      return toSession({ ...row, id: Number(identifiers[0]?.['id']) });
    },
    async findByDigest(secretDigest) {
      const row = await rows.findOneBy({ secretDigest });
      return row && toSession(row);
    },
    async listByUser(userId) {
      const found = await rows.find({ where: { userId }, order: { lastSeenAt: 'DESC' } });
      return found.map(toSession);
    },
    async touch(id, lastSeenAt) {
      await rows.update({ id }, { lastSeenAt });
    },
    async remove(ids) {
      if (ids.length > 0) {
        await usedForms.delete({ sessionId: In([...ids]) });
        await rows.delete({ id: In([...ids]) });
      }
    },
    async findDead(now, idleSince) {
      const found = await rows.find({
        select: { id: true },
        where: [{ expiresAt: LessThan(now) }, { lastSeenAt: LessThan(idleSince) }],
        take: 1000,
      });
      return found.map(({ id }) => id);
    },
    async useForm(sessionId, formDigest) {
      if (await usedForms.existsBy({ secretDigest: formDigest })) {
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

function toSession({ secretDigest: _digest, ...session }: SessionRow): Only<Session, SessionRow> {
  return session;
}
