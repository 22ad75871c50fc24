import { In, type EntityManager } from 'typeorm';
import { z } from 'zod';
import type { KeptSettings, ProjectDetails, UserDetails } from '../access/details.js';
import { Projects, Users } from './tables.js';

const Settings = z.record(
  z.string(),
  z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]),
);

/** What decides nothing, and so is read by itself, where it is shown. */
export interface DetailsStore {
  /** By the ids of the projects. */
  ofProjects(ids: readonly number[]): Promise<ReadonlyMap<number, ProjectDetails>>;
  /** What is left out stays as it is; settings are added to those that are there. */
  setOfProject(id: number, changes: Partial<ProjectDetails>): Promise<void>;
  ofUsers(ids: readonly number[]): Promise<ReadonlyMap<number, UserDetails>>;
  setOfUser(id: number, changes: Partial<UserDetails>): Promise<void>;
}

export function detailsStore(manager: EntityManager): DetailsStore {
  const projects = manager.getRepository(Projects);
  const users = manager.getRepository(Users);

  const store: DetailsStore = {
    async ofProjects(ids) {
      const found = await projects.find({
        select: { id: true, path: true, name: true, description: true, settings: true },
        where: { id: In([...ids]) },
      });
      return new Map(
        found.map(({ id, path, name, description, settings }) => [
          id,
          {
            name: name ?? path.slice(path.lastIndexOf('/') + 1),
            description: description ?? '',
            settings: readSettings(settings),
          },
        ]),
      );
    },
    async setOfProject(id, { settings, ...changes }) {
      const before = (await store.ofProjects([id])).get(id)?.settings ?? {};
      await projects.update({ id }, { ...changes, settings: writeSettings(before, settings) });
    },
    async ofUsers(ids) {
      const found = await users.find({
        select: { id: true, email: true, note: true, settings: true },
        where: { id: In([...ids]) },
      });
      return new Map(
        found.map(({ id, email, note, settings }) => [
          id,
          { email: email ?? '', note: note ?? '', settings: readSettings(settings) },
        ]),
      );
    },
    async setOfUser(id, { settings, ...changes }) {
      const before = (await store.ofUsers([id])).get(id)?.settings ?? {};
      await users.update({ id }, { ...changes, settings: writeSettings(before, settings) });
    },
  };
  return store;
}

function readSettings(text: string | null): KeptSettings {
  return text === null ? {} : Settings.parse(JSON.parse(text));
}

function writeSettings(before: KeptSettings, changes: KeptSettings = {}): string | null {
  const after = { ...before, ...changes };
  return Object.keys(after).length === 0 ? null : JSON.stringify(after);
}
