import { MoreThan, type EntityManager } from 'typeorm';
import { SetupLinks } from './sign-in-tables.js';

export interface SetupLinkStore {
  add(link: { readonly secretDigest: Buffer; readonly expiresAt: Date }): Promise<void>;
  /** Whether there is such a link that has not expired. */
  isAlive(secretDigest: Buffer, now: Date): Promise<boolean>;
  removeAll(): Promise<void>;
}

export function setupLinkStore(manager: EntityManager): SetupLinkStore {
  const rows = manager.getRepository(SetupLinks);
  return {
    async add({ secretDigest, expiresAt }) {
      await rows.insert({ secretDigest, expiresAt });
    },
    async isAlive(secretDigest, now) {
      return await rows.existsBy({ secretDigest, expiresAt: MoreThan(now) });
    },
    async removeAll() {
      await rows.deleteAll();
    },
  };
}
