/**
 * Who may do what, written down once more from the table in docs/permissions.md, as data, without a
 * look at src/access: what the doors grant is judged by this.
 */

import type { AccessTokenScope } from '../../src/access/access-token.js';
import type { DeployTokenScope } from '../../src/access/deploy-token.js';
import type { Visibility } from '../../src/access/project.js';

export const PEOPLE = [
  'stranger',
  'guest',
  'reporter',
  'developer',
  'maintainer',
  'owner',
  'admin',
] as const;
export type Person = (typeof PEOPLE)[number];
export type Who = 'anonymous' | Person;
export type Act = 'see' | 'pull' | 'clone' | 'push' | 'git_push' | 'delete' | 'manage';

type Row = Readonly<Record<Visibility, readonly Who[]>>;

const READ: Row = {
  public: ['anonymous', ...PEOPLE],
  internal: PEOPLE,
  private: ['reporter', 'developer', 'maintainer', 'owner', 'admin'],
};
const SEE: Row = { ...READ, private: ['guest', ...READ.private] };
const WRITE = everywhere('developer', 'maintainer', 'owner', 'admin');
const MANAGE = everywhere('maintainer', 'owner', 'admin');

const TABLE: Readonly<Record<Act, Row>> = {
  see: SEE,
  pull: READ,
  clone: READ,
  push: WRITE,
  git_push: WRITE,
  delete: MANAGE,
  manage: MANAGE,
};
const NOT_WHEN_ARCHIVED: readonly Act[] = ['push', 'git_push', 'delete'];

/** What a personal access token leaves of what its user may. */
const SCOPES: Readonly<Record<Act | 'catalogue', readonly AccessTokenScope[]>> = {
  see: ['api', 'read_api'],
  pull: ['api', 'read_registry'],
  clone: ['api', 'read_repository', 'write_repository'],
  push: ['api', 'write_registry'],
  git_push: ['api', 'write_repository'],
  delete: ['api'],
  manage: ['api'],
  catalogue: ['api', 'read_registry'],
};
const DEPLOY_TOKEN_SCOPE: Readonly<Partial<Record<Act, DeployTokenScope>>> = {
  pull: 'read_registry',
  clone: 'read_repository',
};

export interface JudgedProject {
  readonly path: string;
  readonly visibility: Visibility;
  readonly isArchived: boolean;
  /** The people of the world have their roles here; else all of them but the admin are strangers. */
  readonly hasMembers: boolean;
}

export type Identity =
  | { readonly kind: 'anonymous' }
  | {
      readonly kind: 'person';
      readonly person: Person;
      /** Of the personal access token shown; null for a password or a session. */
      readonly scopes: readonly AccessTokenScope[] | null;
    }
  | {
      readonly kind: 'deploy-token';
      /** A project, or a namespace, and so all projects below it; empty for every project. */
      readonly reaches: string;
      /** What alone is reached of it; null for all. */
      readonly only: readonly string[] | null;
      readonly scopes: readonly DeployTokenScope[];
    };

export function may(
  identity: Identity,
  act: Act,
  project: JudgedProject,
  /** At the registry, the name of the repository. */
  repository = project.path.toLowerCase(),
): boolean {
  if (project.isArchived && NOT_WHEN_ARCHIVED.includes(act)) {
    return false;
  }
  const row = TABLE[act][project.visibility];
  if (row.includes('anonymous')) {
    return true;
  }
  switch (identity.kind) {
    case 'anonymous':
      return false;
    case 'deploy-token':
      return reads(identity, act, project.path.toLowerCase(), repository);
    case 'person':
      return hasScope(identity.scopes, act) && row.includes(personIn(identity.person, project));
  }
}

function reads(
  { reaches, only, scopes }: Extract<Identity, { kind: 'deploy-token' }>,
  act: Act,
  path: string,
  repository: string,
): boolean {
  const scope = DEPLOY_TOKEN_SCOPE[act];
  const isAmong = only?.some((entry) => isIn(entry, repository) || isIn(entry, path)) ?? true;
  return scope !== undefined && isIn(reaches, path) && isAmong && scopes.includes(scope);
}

function isIn(above: string, path: string): boolean {
  return above === '' || path === above.toLowerCase() || path.startsWith(`${above.toLowerCase()}/`);
}

/** What no project owns is for administrators. */
export function mayOnUnowned(identity: Identity, act: Act): boolean {
  return (
    identity.kind === 'person' && identity.person === 'admin' && hasScope(identity.scopes, act)
  );
}

export function mayListCatalogue(identity: Identity): boolean {
  return (
    identity.kind === 'person' &&
    identity.person === 'admin' &&
    hasScope(identity.scopes, 'catalogue')
  );
}

/** A credential that is meant for something else is told so, whatever it asks for. */
export function isForRegistry(identity: Identity): boolean {
  return isFor(identity, ['pull', 'push']);
}

export function isForGit(identity: Identity): boolean {
  return isFor(identity, ['clone']);
}

function isFor(identity: Identity, acts: readonly Act[]): boolean {
  switch (identity.kind) {
    case 'anonymous':
      return true;
    case 'deploy-token':
      return acts.some((act) => identity.scopes.some((each) => each === DEPLOY_TOKEN_SCOPE[act]));
    case 'person':
      return acts.some((act) => hasScope(identity.scopes, act));
  }
}

function hasScope(scopes: readonly AccessTokenScope[] | null, act: Act | 'catalogue'): boolean {
  return scopes === null || scopes.some((scope) => SCOPES[act].includes(scope));
}

function personIn(person: Person, { hasMembers }: JudgedProject): Person {
  return hasMembers || person === 'admin' ? person : 'stranger';
}

function everywhere(...who: readonly Who[]): Row {
  return { public: who, internal: who, private: who };
}
