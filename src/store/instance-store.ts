import type { EntityManager } from 'typeorm';
import { Instances, type InstanceRow } from './tables.js';

/** There is one row. */
const ID = 1;

export interface Instance {
  /** The same in every copy of this database. */
  readonly databaseId: string;
  /** Of the CA that the registry trusts; null until the first start. */
  readonly caFingerprint: string | null;
}

export interface InstanceStore {
  read(): Promise<Instance>;
  setCaFingerprint(caFingerprint: string): Promise<void>;
}

export function instanceStore(manager: EntityManager): InstanceStore {
  const rows = manager.getRepository(Instances);
  return {
    async read() {
      return toInstance(await rows.findOneByOrFail({ id: ID }));
    },
    async setCaFingerprint(caFingerprint) {
      await rows.update({ id: ID }, { caFingerprint });
    },
  };
}

function toInstance({ databaseId, caFingerprint }: InstanceRow): Instance {
  return { databaseId, caFingerprint };
}
