import { In, type EntityManager } from 'typeorm';
import type { DeployTokenUse } from '../access/deploy-token.js';
import type { Only } from './table.js';
import { DeployTokenUses, type DeployTokenUseRow } from './tables.js';
import { insertInto, type UpsertWords } from './upsert.js';

const TABLE = 'deploy_token_uses';
const KEY = 'deploy_token_id';
/** The time is last: on some databases a change sees what those before it have made. */
const CHANGED = ['door', 'address', 'user_agent', 'repository', 'fault', 'used_at'];

export interface DeployTokenUseStore {
  /** Keeps the latest use of each token: one that another replica saw later stands. A token comes once. */
  put(uses: readonly DeployTokenUse[]): Promise<void>;
  /** Those that were used at all, in no order. */
  findByTokens(deployTokenIds: readonly number[]): Promise<DeployTokenUse[]>;
}

export function deployTokenUseStore(
  manager: EntityManager,
  upsert: UpsertWords,
): DeployTokenUseStore {
  const rows = manager.getRepository(DeployTokenUses);
  return {
    async put(uses) {
      if (uses.length > 0) {
        await manager.query(putStatement(upsert, uses.length), uses.flatMap(valuesOf));
      }
    },
    async findByTokens(deployTokenIds) {
      const found = await rows.findBy({ deployTokenId: In([...deployTokenIds]) });
      return found.map(toUse);
    },
  };
}

function putStatement({ orUpdate, given }: UpsertWords, count: number): string {
  const isLater = `${given('used_at')} > ${TABLE}.used_at`;
  const changes = CHANGED.map(
    (column) =>
      `${column} = CASE WHEN ${isLater} THEN ${given(column)} ELSE ${TABLE}.${column} END`,
  );
  return `${insertInto(TABLE, [KEY, ...CHANGED], count)} ${orUpdate(KEY)} ${changes.join(', ')}`;
}

/** In the order of the columns. */
function valuesOf(use: DeployTokenUse): (number | string | null)[] {
  const { deployTokenId, door, address, userAgent, repository, fault, usedAt } = use;
  return [deployTokenId, door, address, userAgent, repository, fault, usedAt.getTime()];
}

function toUse({
  door,
  fault,
  ...use
}: DeployTokenUseRow): Only<DeployTokenUse, DeployTokenUseRow> {
  return {
    ...use,
    door: door === 'git' ? 'git' : 'registry',
    fault: fault === 'line_break' ? fault : null,
  };
}
