import { LessThan, MoreThanOrEqual, Not, type EntityManager } from 'typeorm';
import { LfsStorage, LfsUploads, Projects } from './tables.js';

/** Of removed projects. */
const AT_ONCE = 100;

/** One object on its way. */
export interface LfsUpload {
  /** A UUID. */
  readonly id: string;
  readonly projectId: number;
  readonly reservedBytes: number;
  readonly startedAt: Date;
}

/** What Git LFS objects take; the objects themselves lie beside the repositories. */
export interface LfsStore {
  storedBytes(projectId: number): Promise<number>;
  setStoredBytes(projectId: number, bytes: number): Promise<void>;
  /** Of all uploads to a project but this one; those that began before `since` have ended. */
  reservedByOthers(upload: Pick<LfsUpload, 'id' | 'projectId'>, since: Date): Promise<number>;
  /** In place of what the upload had reserved. */
  reserve(upload: LfsUpload): Promise<void>;
  release(uploadId: string): Promise<void>;
  hasOlder(than: Date): Promise<boolean>;
  releaseOlder(than: Date): Promise<void>;
  /** Some of the removed projects that may still have objects. */
  ofRemovedProjects(): Promise<readonly number[]>;
  /** All that is known of a project's objects. */
  forget(projectId: number): Promise<void>;
}

export function lfsStore(manager: EntityManager): LfsStore {
  const storage = manager.getRepository(LfsStorage);
  const uploads = manager.getRepository(LfsUploads);

  return {
    async storedBytes(projectId) {
      return (await storage.findOneBy({ projectId }))?.storedBytes ?? 0;
    },
    async setStoredBytes(projectId, storedBytes) {
      await storage.delete({ projectId });
      await storage.insert({ projectId, storedBytes });
    },
    async reservedByOthers({ id, projectId }, since) {
      const others = await uploads.findBy({
        id: Not(id),
        projectId,
        startedAt: MoreThanOrEqual(since),
      });
      return others.reduce((sum, { reservedBytes }) => sum + reservedBytes, 0);
    },
    async reserve(upload) {
      await uploads.delete({ id: upload.id });
      await uploads.insert(upload);
    },
    async release(id) {
      await uploads.delete({ id });
    },
    async hasOlder(than) {
      return await uploads.existsBy({ startedAt: LessThan(than) });
    },
    async releaseOlder(than) {
      await uploads.delete({ startedAt: LessThan(than) });
    },
    async ofRemovedProjects() {
      const removed = await storage
        .createQueryBuilder('storage')
        .innerJoin(Projects.options.name, 'project', 'project.id = storage.projectId')
        .where('project.removedAt IS NOT NULL')
        .limit(AT_ONCE)
        .getMany();
      return removed.map(({ projectId }) => projectId);
    },
    async forget(projectId) {
      await uploads.delete({ projectId });
      await storage.delete({ projectId });
    },
  };
}
