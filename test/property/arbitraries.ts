/** What the properties are tried on: any actor, any project, any request, likely and unlikely ones. */

import * as fc from 'fast-check';
import { ACCESS_TOKEN_SCOPES, type AccessToken } from '../../src/access/access-token.js';
import { ANONYMOUS, OPERATOR, type Actor, type UserActor } from '../../src/access/actor.js';
import {
  DEPLOY_TOKEN_SCOPES,
  INSTANCE,
  type DeployToken,
  type DeployTokenOwner,
} from '../../src/access/deploy-token.js';
import { VISIBILITIES, type OwnedPrefix, type Project } from '../../src/access/project.js';
import { ROLES, type Role } from '../../src/access/role.js';
import {
  A_PASSWORD,
  AN_ORIGIN,
  aDeployToken,
  anAccessToken,
  aProject,
  aUser,
  LONG_AGO,
} from '../support/build.js';
import type { User } from '../../src/access/user.js';

/** Mostly ASCII. Unlike fast-check's own `binary`, which takes seconds to list every code point first. */
const codePoint = fc
  .oneof(
    { arbitrary: fc.integer({ min: 0, max: 0x7f }), weight: 4 },
    { arbitrary: fc.integer({ min: 0x80, max: 0xd7ff }), weight: 1 },
    { arbitrary: fc.integer({ min: 0xe000, max: 0x10ffff }), weight: 1 },
  )
  .map((code) => String.fromCodePoint(code));

export function codePoints(constraints: fc.StringConstraints = {}): fc.Arbitrary<string> {
  return fc.string({ ...constraints, unit: codePoint });
}

/** Any text at all: control characters, text beyond the basic plane, halves of surrogate pairs. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  codePoints(),
  fc.string({ unit: 'grapheme' }),
  fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
);

// Few of each, so that actors, projects and requests often meet.
const PATHS = ['acme/shop', 'acme/shop-evil', 'Acme/Tools', 'group/sub/app', 'tanuki/shop'];

export const projects: fc.Arbitrary<Project[]> = fc.subarray(PATHS).chain((paths) =>
  fc.tuple(
    ...paths.map((path) =>
      fc
        .record({
          visibility: fc.constantFrom(...VISIBILITIES),
          archivedAt: fc.constantFrom(null, LONG_AGO),
        })
        .map((overrides) => aProject({ id: PATHS.indexOf(path) + 1, path, ...overrides })),
    ),
  ),
);

/** Names that only a project that was given them can own. */
const PREFIXES = ['postgres', 'acme/legacy', 'other/images'];

/** What the projects own: their paths, and now and then a prefix of its own for one of them. */
export const ownedPrefixes: fc.Arbitrary<OwnedPrefix[]> = fc
  .tuple(projects, fc.array(fc.nat(), { minLength: PREFIXES.length, maxLength: PREFIXES.length }))
  .map(([all, choices]) => [
    ...all.map((each) => ({ prefix: each.path.toLowerCase(), project: each })),
    ...PREFIXES.flatMap((prefix, index) => {
      const chosen = all[(choices[index] ?? 0) % (all.length + 1)];
      return chosen === undefined ? [] : [{ prefix, project: chosen }];
    }),
  ]);

export const project: fc.Arbitrary<Project> = fc.record({
  kind: fc.constant('project'),
  id: fc.integer({ min: 1, max: PATHS.length }),
  path: fc.constantFrom(...PATHS),
  visibility: fc.constantFrom(...VISIBILITIES),
  archivedAt: fc.constantFrom(null, LONG_AGO),
  createdAt: fc.constant(LONG_AGO),
});

/** Of namespaces that the paths lie in, of one that only starts like one, and of one that none lies in. */
const NAMESPACES = ['acme', 'acme/sh', 'group', 'group/sub', 'tanuki', 'elsewhere'];

export const owner: fc.Arbitrary<DeployTokenOwner> = fc.oneof(
  fc.record({
    kind: fc.constant('project'),
    id: fc.integer({ min: 1, max: PATHS.length }),
  }),
  fc.record({
    kind: fc.constant('namespace'),
    id: fc.nat(),
    path: fc.constantFrom(...NAMESPACES),
  }),
  fc.constant(INSTANCE),
);

export const only: fc.Arbitrary<string[]> = fc.subarray(
  [...PATHS.map((path) => path.toLowerCase()), ...PREFIXES, 'acme/shop/api', 'group/sub'],
  { minLength: 1 },
);

export const deployToken: fc.Arbitrary<DeployToken> = fc
  .record<Pick<DeployToken, 'id' | 'owner' | 'only' | 'username' | 'scopes'>>({
    id: fc.nat(),
    owner,
    only: fc.option(only),
    username: fc.string(),
    scopes: fc.subarray([...DEPLOY_TOKEN_SCOPES], { minLength: 1 }),
  })
  .map(aDeployToken);

export const accessToken: fc.Arbitrary<AccessToken> = fc
  .record<Pick<AccessToken, 'scopes'>>({
    scopes: fc.subarray([...ACCESS_TOKEN_SCOPES], { minLength: 1 }),
  })
  .map(anAccessToken);

function rolesOn<Key>(key: fc.Arbitrary<Key>, maxLength: number): fc.Arbitrary<Map<Key, Role>> {
  return fc
    .array(fc.tuple(key, fc.constantFrom(...ROLES)), { maxLength, size: 'max' })
    .map((entries) => new Map(entries));
}

export const userActor: fc.Arbitrary<UserActor> = fc.record({
  kind: fc.constant('user'),
  user: fc.record<Pick<User, 'isAdmin'>>({ isAdmin: fc.boolean() }).map(aUser),
  roles: fc.record({
    projects: rolesOn(fc.integer({ min: 1, max: PATHS.length }), PATHS.length),
    namespaces: rolesOn(fc.constantFrom(...NAMESPACES), 2),
  }),
  credential: fc.oneof(
    fc.constant(A_PASSWORD),
    accessToken.map((token) => ({ kind: 'access_token', token }) as const),
  ),
  origin: fc.constant(AN_ORIGIN),
});

export const actor: fc.Arbitrary<Actor> = fc.oneof(
  fc.constantFrom(ANONYMOUS, OPERATOR),
  fc.record({ kind: fc.constant('deploy-token'), token: deployToken }),
  userActor,
);

const component = fc.stringMatching(/^[a-z0-9]{1,3}(?:(?:\.|_|__|-{1,2})[a-z0-9]{1,3}){0,2}$/);

const nameInProject: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom(...PATHS.map((path) => path.toLowerCase())),
    fc.array(component, { maxLength: 2 }),
  )
  .map(([path, below]) => [path, ...below].join('/'));

export const repositoryName: fc.Arbitrary<string> = fc.oneof(
  nameInProject,
  fc.array(component, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('/')),
);

/** Names that no registry has beside those that one may have. */
export const resourceName: fc.Arbitrary<string> = fc.oneof(
  { arbitrary: nameInProject, weight: 6 },
  repositoryName,
  repositoryName.map((name) => `localhost:5000/${name}`),
  repositoryName.map((name) => name.toUpperCase()),
  fc.tuple(repositoryName, fc.string()).map((parts) => parts.join('')),
  fc.constantFrom('catalog', '*', '..', '/', ':'),
  codePoints(),
);

const ACTIONS = ['pull', 'push', 'delete', '*', 'admin'];

const scopeText: fc.Arbitrary<string> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(
        fc.constantFrom('repository', 'repository(plugin)'),
        resourceName,
        fc.subarray(ACTIONS, { minLength: 1 }),
      )
      .map((parts) => parts.join(':')),
  },
  { weight: 1, arbitrary: fc.constant('registry:catalog:*') },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        fc.constantFrom('repository', 'registry', 'repo', ''),
        resourceName,
        fc.array(fc.constantFrom(...ACTIONS, ''), { maxLength: 3 }),
      )
      .map((parts) => parts.join(':')),
  },
  { weight: 1, arbitrary: codePoints() },
);

export const scopeParameters: fc.Arbitrary<string[]> = fc.array(
  fc.array(scopeText, { minLength: 1, maxLength: 3 }).map((texts) => texts.join(' ')),
  { minLength: 1, maxLength: 4 },
);
