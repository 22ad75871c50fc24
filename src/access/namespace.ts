import { newPathProblem, type Project } from './project.js';

/** What projects lie in; GitLab's API calls it a group. A path is a namespace or a project, never both. */
export interface Namespace {
  readonly kind: 'namespace';
  readonly id: number;
  /** As who made it wrote it; compare it in lower case. */
  readonly path: string;
  /** The user whose personal namespace it is; null for one that an administrator made. */
  readonly userId: number | null;
  readonly createdAt: Date;
}

/** What has members, deploy tokens and an audit trail. */
export type Place = Project | Namespace;

/** What is wrong with the path of a new namespace, as a sentence for who typed it; null if nothing is. */
export function namespacePathProblem(path: string): string | null {
  return newPathProblem(path, 'namespace');
}
