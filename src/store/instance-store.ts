import type { EntityManager } from 'typeorm';
import type { Rewind, UndoneRevocation } from '../access/rewind.js';
import {
  Instances,
  UndoneRevocations,
  WriteLock,
  type InstanceRow,
  type UndoneRevocationRow,
} from './tables.js';

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
  /** How often the database was written to: it only grows, but for one that is put back. */
  writes(): Promise<number>;
  /** The last one that was noticed; null where there was none. */
  rewind(): Promise<Rewind | null>;
  /** From now on there were more writes than the mark says, which noticed it. */
  recordRewind(rewind: Rewind, markedWrites: number): Promise<void>;
}

export function instanceStore(manager: EntityManager): InstanceStore {
  const rows = manager.getRepository(Instances);
  const undoneRows = manager.getRepository(UndoneRevocations);
  const lock = manager.getRepository(WriteLock);
  return {
    async read() {
      return toInstance(await rows.findOneByOrFail({ id: ID }));
    },
    async setCaFingerprint(caFingerprint) {
      await rows.update({ id: ID }, { caFingerprint });
    },
    async writes() {
      return (await lock.findOneByOrFail({ id: ID })).writes;
    },
    async rewind() {
      const { rewoundAt, rewoundFrom } = await rows.findOneByOrFail({ id: ID });
      if (rewoundAt === null || rewoundFrom === null) {
        return null;
      }
      const undone = await undoneRows.find({ order: { revokedAt: 'ASC', tokenId: 'ASC' } });
      return { noticedAt: rewoundAt, from: rewoundFrom, undone: undone.map(toUndone) };
    },
    async recordRewind({ noticedAt, from, undone }, markedWrites) {
      await rows.update({ id: ID }, { rewoundAt: noticedAt, rewoundFrom: from });
      await undoneRows.deleteAll();
      for (const { id, ...token } of undone) {
        await undoneRows.insert({ tokenId: id, ...token });
      }
      await lock.update({ id: ID }, { writes: markedWrites + 1 });
    },
  };
}

function toInstance({ databaseId, caFingerprint }: InstanceRow): Instance {
  return { databaseId, caFingerprint };
}

function toUndone({ kind, tokenId, name, revokedAt }: UndoneRevocationRow): UndoneRevocation {
  return {
    kind: kind === 'access_token' ? 'access_token' : 'deploy_token',
    id: tokenId,
    name,
    revokedAt,
  };
}
