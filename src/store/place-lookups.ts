/** Projects and namespaces as every door asks for them: one that is not there costs what one that is does. */

import type { Namespace } from '../access/namespace.js';
import { namespaceOf, type Project } from '../access/project.js';
import {
  NAMESPACES_BY_ID,
  NAMESPACES_BY_PATH,
  PROJECTS_BY_ID,
  PROJECTS_BY_PATH,
  type Finder,
} from './lookups.js';

export interface PlaceLookUps {
  readonly projectById: (id: number) => Promise<Project | null>;
  readonly projectByPath: (path: string) => Promise<Project | null>;
  readonly namespaceById: (id: number) => Promise<Namespace | null>;
  readonly namespaceByPath: (path: string) => Promise<Namespace | null>;
}

export function placeLookUps(finder: Finder): PlaceLookUps {
  const projectById = finder(PROJECTS_BY_ID);
  const projectByPath = finder(PROJECTS_BY_PATH);
  const namespaceById = finder(NAMESPACES_BY_ID);
  const namespaceByPath = finder(NAMESPACES_BY_PATH);
  return {
    projectById: async (id) => await projectById(String(id)),
    projectByPath: async (path) => await projectByPath(namespaceOf(path)),
    namespaceById: async (id) => await namespaceById(String(id)),
    namespaceByPath: async (path) => await namespaceByPath(namespaceOf(path)),
  };
}
