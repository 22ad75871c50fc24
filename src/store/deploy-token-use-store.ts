import { In, type EntityManager } from 'typeorm';
import type { DeployTokenUse } from '../access/deploy-token.js';
import type { Only } from './table.js';
import { DeployTokenUses, type DeployTokenUseRow } from './tables.js';

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
  return {
    async put(uses) {
      const known = await findByTokens(uses.map(({ deployTokenId }) => deployTokenId));
      const knownAt = new Map(known.map(({ deployTokenId, usedAt }) => [deployTokenId, usedAt]));
      const later = uses.filter(({ deployTokenId, usedAt }) => {
        const at = knownAt.get(deployTokenId);
        return at === undefined || at < usedAt;
      });
      if (later.length > 0) {
        await rows.upsert([...later], ['deployTokenId']);
      }
    },
    findByTokens,
  };
}

function toUse({ door, ...use }: DeployTokenUseRow): Only<DeployTokenUse, DeployTokenUseRow> {
  return { ...use, door: door === 'git' ? 'git' : 'registry' };
}
