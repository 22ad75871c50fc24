import { isRepositoryNameComponent, MAX_NAME_LENGTH } from './repository-name.js';

export const VISIBILITIES = ['private', 'internal', 'public'] as const;
export type Visibility = (typeof VISIBILITIES)[number];

/** A repository name that a project owns, with all below it: its own path, or one that was given to it. */
export interface OwnedPrefix {
  readonly prefix: string;
  readonly project: Project;
}

export interface Project {
  readonly kind: 'project';
  readonly id: number;
  /** As its maintainer wrote it; compare `namespaceOf(path)`. */
  readonly path: string;
  readonly visibility: Visibility;
  readonly archivedAt: Date | null;
  readonly createdAt: Date;
}

/** Of a new path; more are looked for at no request. */
/** Of a new path. Some of before have more. */
export const MAX_COMPONENTS = 20;

/** First components that addresses of ours need now or may need: `/api/v4`, `/users/sign_in`, … */
const RESERVED_FIRST_COMPONENTS = new Set(
  (
    'admin api assets dashboard explore favicon.ico health help jwt login logout metrics new ' +
    'profile projects robots.txt search session sessions settings token user users v1 v2'
  ).split(' '),
);

/** The repository namespace of a project path, which is also the form in which paths are unique. */
export function namespaceOf(path: string): string {
  return path.toLowerCase();
}

/** Whether anything can have this path: one of before, of which less was asked than of a new one, too. */
export function isPath(path: string): boolean {
  return grammarProblem(path, 'project') === null;
}

/** What is wrong with the path of a new project, as a sentence for who typed it; null if nothing is. */
export function projectPathProblem(path: string): string | null {
  return path.includes('/')
    ? newPathProblem(path, 'project')
    : 'A project path has at least two components, such as tanuki/awesome_project.';
}

/** The same of a new path, whether of a project or of a namespace. */
export function newPathProblem(path: string, of: PathOf): string | null {
  const problem = grammarProblem(path, of);
  if (problem !== null) {
    return problem;
  }
  const components = namespaceOf(path).split('/');
  const [first = ''] = components;
  if (components.length > MAX_COMPONENTS) {
    return `A ${of} path has at most ${MAX_COMPONENTS} components.`;
  }
  return RESERVED_FIRST_COMPONENTS.has(first)
    ? `A ${of} path cannot start with ${first}/, which Pullgate needs for itself.`
    : null;
}

type PathOf = 'project' | 'namespace';

function grammarProblem(path: string, of: PathOf): string | null {
  if (path.length > MAX_NAME_LENGTH) {
    return `A ${of} path has at most ${MAX_NAME_LENGTH} characters.`;
  }
  const components = namespaceOf(path).split('/');
  // Asked before lower case is made: the Kelvin sign (U+212A) becomes an ASCII k by it.
  if (/[^\x20-\x7e]/.test(path) || !components.every(isRepositoryNameComponent)) {
    return (
      `Each component of a ${of} path is made of letters and digits, separated by single dots, ` +
      'one or two underscores, or dashes, such as tanuki/awesome_project.'
    );
  }
  const gitSuffix = components.find((component) => component.endsWith('.git'));
  return gitSuffix === undefined
    ? null
    : `A component of a ${of} path cannot end with .git (${gitSuffix}): clone addresses add it.`;
}

export function isVisibility(text: string): text is Visibility {
  return VISIBILITIES.some((visibility) => visibility === text);
}
