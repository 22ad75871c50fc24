import { z } from 'zod';
import { In, type EntityManager } from 'typeorm';
import type { DeployTokenUse } from '../access/deploy-token.js';
import type { Only } from './table.js';
import { DeployTokenUses, type DeployTokenUseRow } from './tables.js';

const UPDATED = ['used_at', 'door', 'address', 'user_agent', 'repository', 'fault'];
const UsedAtRows = z.array(
  z.object(DeployTokenUses.columns).pick({ deployTokenId: true, usedAt: true }),
);

export interface DeployTokenUseStore {
  /** Keeps the latest use of each token: one that another replica saw later stands. */
  put(uses: readonly DeployTokenUse[]): Promise<void>;
  /** Those that were used at all, in no order. */
  findByTokens(deployTokenIds: readonly number[]): Promise<DeployTokenUse[]>;
}

export function deployTokenUseStore(manager: EntityManager): DeployTokenUseStore {
  const rows = manager.getRepository(DeployTokenUses);
  async function findByTokens(deployTokenIds: readonly number[]): Promise<DeployTokenUse[]> {
    const found = await rows.findBy({ deployTokenId: In([...deployTokenIds]) });
    return found.map(toUse);
  }

  async function usedAtOf(deployTokenIds: readonly number[]): Promise<ReadonlyMap<number, Date>> {
    const found: unknown = await rows
      .createQueryBuilder('each')
      .select('each.deployTokenId', 'deployTokenId')
      .addSelect('each.usedAt', 'usedAt')
      .where({ deployTokenId: In([...deployTokenIds]) })
      .getRawMany();
    return new Map(
      UsedAtRows.parse(found).map(({ deployTokenId, usedAt }) => [deployTokenId, usedAt]),
    );
  }

  return {
    async put(uses) {
      const knownAt = await usedAtOf(uses.map(({ deployTokenId }) => deployTokenId));
      const later = uses.filter(({ deployTokenId, usedAt }) => {
        const at = knownAt.get(deployTokenId);
        return at === undefined || at < usedAt;
      });
      if (later.length > 0) {
        await rows
          .createQueryBuilder()
          .insert()
          .values(later)
          .orUpdate(UPDATED, ['deploy_token_id'])
          .updateEntity(false)
          .execute();
      }
    },
    findByTokens,
  };
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
