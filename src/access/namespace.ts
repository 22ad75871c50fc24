import { newPathProblem, type Project, type Visibility } from './project.js';

/** What projects lie in; GitLab's API calls it a group. A path is a namespace or a project, never both. */
export interface Namespace extends NamespaceDetails {
  readonly kind: 'namespace';
  readonly id: number;
  /** As who made it wrote it; compare it in lower case. */
  readonly path: string;
  /** The user whose personal namespace it is; null for one that an administrator made. */
  readonly userId: number | null;
  readonly createdAt: Date;
}

/** What people and GitLab's clients say of a namespace. It decides nothing. */
export interface NamespaceDetails {
  /** The last component of its path, until somebody gives it another name. */
  readonly name: string;
  readonly description: string;
  /** GitLab's groups have one; ours are seen by who has a role in them or sees something below. */
  readonly visibility: Visibility;
}

/** Stands for any place in the tree, where a path is expected: no path is a lone dot. */
export const EVERYWHERE = '.';

/** What has members, deploy tokens and an audit trail. */
export type Place = Project | Namespace;

/** What is wrong with the path of a new namespace, as a sentence for who typed it; null if nothing is. */
export function namespacePathProblem(path: string): string | null {
  return newPathProblem(path, 'namespace');
}
