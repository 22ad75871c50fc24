import { z } from 'zod';
import { In, LessThan, MoreThanOrEqual, type EntityManager } from 'typeorm';
import type { DeployTokenDay } from '../access/deploy-token.js';
import { DeployTokenDays } from './tables.js';
import { insertInto, type UpsertWords } from './upsert.js';

const TABLE = 'deploy_token_days';
const KEY = ['deploy_token_id', 'day'];
const DayRows = z.array(z.object(DeployTokenDays.columns));

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

export function deployTokenDayStore(
  manager: EntityManager,
  upsert: UpsertWords,
): DeployTokenDayStore {
  const rows = manager.getRepository(DeployTokenDays);

  /** As plain rows: there are thousands of them, and entities cost more than the query. */
  async function find(deployTokenIds: readonly number[], since: number): Promise<DeployTokenDay[]> {
    const found: unknown = await rows
      .createQueryBuilder('each')
      .select('each.deployTokenId', 'deployTokenId')
      .addSelect('each.day', 'day')
      .addSelect('each.uses', 'uses')
      .where({ deployTokenId: In([...deployTokenIds]), day: MoreThanOrEqual(since) })
      .getRawMany();
    return DayRows.parse(found);
  }

  return {
    async add(counted) {
      if (counted.length === 0) {
        return;
      }
      await manager.query(addStatement(upsert, counted.length), counted.flatMap(valuesOf));
    },
    findByTokens: find,
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

function addStatement({ orUpdate, given }: UpsertWords, count: number): string {
  const insert = insertInto(TABLE, [...KEY, 'uses'], count);
  return `${insert} ${orUpdate(...KEY)} uses = ${TABLE}.uses + ${given('uses')}`;
}

/** In the order of the columns. */
function valuesOf({ deployTokenId, day, uses }: DeployTokenDay): number[] {
  return [deployTokenId, day, uses];
}
