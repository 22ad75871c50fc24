import { In, LessThan, MoreThanOrEqual, type EntityManager } from 'typeorm';
import type { DeployTokenDay } from '../access/deploy-token.js';
import { DeployTokenDays } from './tables.js';

export interface DeployTokenDayStore {
  /** Adds to what this process and others have counted; a token and day come once in it. */
  add(counted: readonly DeployTokenDay[]): Promise<void>;
  /** Of these tokens, from that day on; days without a use are not in it. */
  findByTokens(deployTokenIds: readonly number[], since: number): Promise<DeployTokenDay[]>;
  /** The first day on which any token was counted; null for none. */
  firstDay(): Promise<number | null>;
  /** Removes the oldest of those before that day, `limit` at most; how many those were. */
  removeBefore(day: number, limit: number): Promise<number>;
}

export function deployTokenDayStore(manager: EntityManager): DeployTokenDayStore {
  const rows = manager.getRepository(DeployTokenDays);
  return {
    async add(counted) {
      // Nobody adds in between: one transaction writes at a time (see open-store.ts).
      const known = await rows.findBy({
        deployTokenId: In(counted.map(({ deployTokenId }) => deployTokenId)),
        day: In([...new Set(counted.map(({ day }) => day))]),
      });
      const usesBefore = new Map(known.map((row) => [keyOf(row), row.uses]));
      const sums = counted.map((row) => ({
        ...row,
        uses: row.uses + (usesBefore.get(keyOf(row)) ?? 0),
      }));
      if (sums.length > 0) {
        await rows.upsert(sums, ['deployTokenId', 'day']);
      }
    },
    async findByTokens(deployTokenIds, since) {
      return await rows.findBy({
        deployTokenId: In([...deployTokenIds]),
        day: MoreThanOrEqual(since),
      });
    },
    async firstDay() {
      const [first] = await rows.find({ select: { day: true }, order: { day: 'ASC' }, take: 1 });
      return first?.day ?? null;
    },
    async removeBefore(day, limit) {
      const old = await rows.find({
        where: { day: LessThan(day) },
        order: { day: 'ASC' },
        take: limit,
      });
      for (const each of new Set(old.map((row) => row.day))) {
        const ofDay = old.filter((row) => row.day === each);
        await rows.delete({
          day: each,
          deployTokenId: In(ofDay.map(({ deployTokenId }) => deployTokenId)),
        });
      }
      return old.length;
    },
  };
}

function keyOf({ deployTokenId, day }: Pick<DeployTokenDay, 'deployTokenId' | 'day'>): string {
  return `${deployTokenId} ${day}`;
}
