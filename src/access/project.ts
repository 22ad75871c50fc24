import { isRepositoryNameComponent, MAX_NAME_LENGTH } from './repository-name.js';

export const VISIBILITIES = ['private', 'internal', 'public'] as const;
export type Visibility = (typeof VISIBILITIES)[number];

export interface Project {
  readonly id: number;
  /** As its maintainer wrote it; compare `namespaceOf(path)`. */
  readonly path: string;
  readonly visibility: Visibility;
  readonly archivedAt: Date | null;
  readonly createdAt: Date;
}

/** First components that addresses of ours need now or may need: `/api/v4`, `/users/sign_in`, … */
const RESERVED_FIRST_COMPONENTS = new Set(
  (
    'admin api assets dashboard explore favicon.ico health help jwt login logout metrics new ' +
    'profile projects robots.txt search session sessions settings token user users v2'
  ).split(' '),
);

const BAD_COMPONENT =
  'Each component of a project path is made of letters and digits, parted by single dots, ' +
  'one or two underscores, or dashes, such as tanuki/awesome_project.';

/** The repository namespace of a project path, which is also the form in which paths are unique. */
export function namespaceOf(path: string): string {
  return path.toLowerCase();
}

/** What is wrong with a project path, as a sentence for the person who typed it; null if nothing is. */
export function projectPathProblem(path: string): string | null {
  if (path.length > MAX_NAME_LENGTH) {
    return `A project path has at most ${MAX_NAME_LENGTH} characters.`;
  }
  // Asked before lower case is made: the Kelvin sign (U+212A) becomes an ASCII k by it.
  if (/[^\x20-\x7e]/.test(path)) {
    return BAD_COMPONENT;
  }
  const components = namespaceOf(path).split('/');
  const [first = ''] = components;
  if (components.length < 2) {
    return 'A project path has at least two components, such as tanuki/awesome_project.';
  }
  if (!components.every(isRepositoryNameComponent)) {
    return BAD_COMPONENT;
  }
  if (RESERVED_FIRST_COMPONENTS.has(first)) {
    return `A project path cannot start with ${first}/, which Pullgate needs for itself.`;
  }
  const gitSuffix = components.find((component) => component.endsWith('.git'));
  return gitSuffix === undefined
    ? null
    : `A component of a project path cannot end with .git (${gitSuffix}): clone addresses add it.`;
}

export function isVisibility(text: string): text is Visibility {
  return VISIBILITIES.some((visibility) => visibility === text);
}
