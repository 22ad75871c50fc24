import { expect } from 'chai';
import * as fc from 'fast-check';
import { accessTokenOf, type Actor, type UserActor } from '../../src/access/actor.js';
import {
  decide,
  isAllowed,
  isAllowedOnInstance,
  mayUseApi,
  mayUseGit,
  mayUseRegistry,
  PERMISSIONS,
  projectsInSight,
} from '../../src/access/permissions.js';
import { grant } from '../../src/access/registry-access.js';
import type { Project } from '../../src/access/project.js';
import type { DeployToken } from '../../src/access/deploy-token.js';
import { NO_ROLES, ROLES, type Roles } from '../../src/access/role.js';
import { parseScopes } from '../../src/access/scope.js';
import {
  actor,
  deployToken,
  ownedPrefixes,
  project,
  resourceName,
  scopeParameters,
  userActor,
} from './arbitraries.js';
import { A_PASSWORD, byAccessToken, LONG_AGO } from '../support/build.js';

/** Everything the actor may, anywhere, as comparable text. */
function everything(who: Actor, where: Project): string[] {
  return [
    ...PERMISSIONS.filter((permission) => isAllowed(who, permission, where)),
    ...(['list_catalogue', 'oversee', 'administer'] as const).filter((permission) =>
      isAllowedOnInstance(who, permission),
    ),
    ...(mayUseRegistry(who) ? ['use_registry'] : []),
    ...(mayUseGit(who) ? ['use_git'] : []),
    ...(['read', 'write'] as const).filter((use) => mayUseApi(who, use)),
  ];
}

function withoutRoleLevel(who: UserActor, where: Project): UserActor {
  const { projects: own, namespaces } = who.roles;
  const level = ROLES.findIndex((role) => role === own.get(where.id));
  const lower = ROLES[level - 1];
  const others = [...own].filter(([id]) => id !== where.id);
  return withRoles(who, {
    projects: new Map(lower === undefined ? others : [...others, [where.id, lower]]),
    namespaces,
  });
}

function withRoles(who: UserActor, roles: Roles): UserActor {
  return { ...who, roles };
}

function withoutScope(who: UserActor, index: number): UserActor {
  const token = accessTokenOf(who);
  return token === null
    ? who
    : {
        ...who,
        credential: byAccessToken({ scopes: token.scopes.filter((_, i) => i !== index) }),
      };
}

/** The rules once more, as they are written. */
function isAtOrBelow(path: string, above: string): boolean {
  return path === above || path.startsWith(`${above}/`);
}

function isReachedByHand({ owner, only }: DeployToken, where: Project, name: string): boolean {
  const path = where.path.toLowerCase();
  const isOwned =
    owner.kind === 'instance' ||
    (owner.kind === 'project' ? owner.id === where.id : isAtOrBelow(path, owner.path));
  return (
    isOwned &&
    (only === null || only.some((entry) => isAtOrBelow(name, entry) || isAtOrBelow(path, entry)))
  );
}

/** Enough for most of the few kinds of actors, projects and requests to meet; `npm test` tries more. */
const OFTEN = { numRuns: process.env['PULLGATE_TEST_STATS'] === undefined ? 200 : 1000 };

describe('permissions', () => {
  it('grant nothing that was not asked for', () => {
    fc.assert(
      fc.property(actor, ownedPrefixes, scopeParameters, (who, all, scopes) => {
        const requested = parseScopes(scopes);

        for (const entry of grant(who, requested, all).granted) {
          const asked = requested.find(
            ({ type, name }) => type === entry.type && name === entry.name,
          );
          expect(asked?.actions).to.include.members([...entry.actions]);
          expect(entry.actions).not.to.deep.equal([]);
          expect(Object.keys(entry)).to.have.members(['type', 'name', 'actions']);
        }
      }),
      OFTEN,
    );
  });

  it('grant a deploy token nothing but pull, of what it reaches or what is public', () => {
    fc.assert(
      fc.property(deployToken, ownedPrefixes, scopeParameters, (token, all, scopes) => {
        const who = { kind: 'deploy-token', token } as const;

        for (const entry of grant(who, parseScopes(scopes), all).granted) {
          const owned = all.find(({ prefix }) => isAtOrBelow(entry.name, prefix));
          expect(entry.type).to.equal('repository');
          expect(entry.actions).to.deep.equal(['pull']);
          expect(
            owned?.project.visibility === 'public' ||
              (owned !== undefined &&
                token.scopes.includes('read_registry') &&
                isReachedByHand(token, owned.project, entry.name)),
            entry.name,
          ).to.equal(true);
        }
      }),
      OFTEN,
    );
  });

  it('are never more for a deploy token that is narrowed, and the same for one narrowed to its owner', () => {
    fc.assert(
      fc.property(deployToken, project, resourceName, (token, where, name) => {
        const all: Actor = { kind: 'deploy-token', token: { ...token, only: null } };
        const some: Actor = { kind: 'deploy-token', token };
        const whole: Actor = {
          kind: 'deploy-token',
          token: { ...token, only: [where.path.toLowerCase()] },
        };
        const repository = `${where.path.toLowerCase()}/${name}`;

        for (const permission of ['pull_image', 'clone'] as const) {
          const wide = decide(all, permission, where, repository) === null;
          expect(wide || decide(some, permission, where, repository) !== null).to.equal(true);
          expect(decide(whole, permission, where, repository) === null).to.equal(wide);
        }
      }),
      OFTEN,
    );
  });

  it('are no less by a role in a namespace than by the same role in each project below, and none elsewhere', () => {
    fc.assert(
      fc.property(
        userActor,
        project,
        fc.constantFrom('acme', 'group', 'group/sub', 'tanuki'),
        fc.constantFrom(...ROLES),
        (who, where, namespace, role) => {
          const ofNamespace = withRoles(who, {
            projects: new Map(),
            namespaces: new Map([[namespace, role]]),
          });
          const ofProject = withRoles(who, {
            projects: new Map([[where.id, role]]),
            namespaces: new Map(),
          });
          const isInside = isAtOrBelow(where.path.toLowerCase(), namespace);
          const other = isInside ? ofProject : withRoles(who, NO_ROLES);

          expect(everything(ofNamespace, where)).to.deep.equal(everything(other, where));
        },
      ),
      OFTEN,
    );
  });

  it('find with a query just the projects that one may see', () => {
    fc.assert(
      fc.property(actor, project, (who, where) => {
        const sight = projectsInSight(who);
        const isMember = who.kind === 'user' && who.roles.projects.has(where.id);
        const isFound =
          sight.kind === 'all' ||
          sight.visibilities.includes(where.visibility) ||
          (sight.memberId !== null && isMember) ||
          sight.below.some((path) => isAtOrBelow(where.path.toLowerCase(), path));

        expect(isFound).to.equal(isAllowed(who, 'see_project', where));
      }),
      OFTEN,
    );
  });

  it('do not depend on which of the other projects were looked up', () => {
    fc.assert(
      fc.property(actor, ownedPrefixes, resourceName, (who, all, name) => {
        const requested = [{ type: 'repository', name, actions: ['pull', 'push', 'delete'] }];
        const owners = all.filter(({ prefix }) => isAtOrBelow(name, prefix));

        expect(grant(who, requested, all)).to.deep.equal(grant(who, requested, owners));
      }),
      OFTEN,
    );
  });

  it('are never gained by losing a level of a role', () => {
    fc.assert(
      fc.property(userActor, project, (who, where) => {
        const less = withoutRoleLevel(who, where);

        expect(everything(who, where)).to.include.members(everything(less, where));
      }),
      OFTEN,
    );
  });

  it('are never gained by losing a scope of a deploy token', () => {
    fc.assert(
      fc.property(deployToken, project, fc.nat({ max: 1 }), (token, where, index) => {
        const scopes = token.scopes.filter((_, i) => i !== index);
        const more = { kind: 'deploy-token', token } as const;
        const less = { kind: 'deploy-token', token: { ...token, scopes } } as const;

        expect(everything(more, where)).to.include.members(everything(less, where));
      }),
      OFTEN,
    );
  });

  it('are never gained by losing a scope of a personal access token', () => {
    fc.assert(
      fc.property(userActor, project, fc.nat({ max: 5 }), (who, where, index) => {
        expect(everything(who, where)).to.include.members(
          everything(withoutScope(who, index), where),
        );
      }),
      OFTEN,
    );
  });

  it('are never gained by showing a personal access token in place of a password', () => {
    fc.assert(
      fc.property(userActor, project, (who, where) => {
        const withPassword = { ...who, credential: A_PASSWORD };

        expect(everything(withPassword, where)).to.include.members(everything(who, where));
      }),
      OFTEN,
    );
  });

  it('are never gained by being an administrator no longer', () => {
    fc.assert(
      fc.property(userActor, project, (who, where) => {
        const less = { ...who, user: { ...who.user, isAdmin: false } };
        const more = { ...who, user: { ...who.user, isAdmin: true } };

        expect(everything(more, where)).to.include.members(everything(less, where));
      }),
      OFTEN,
    );
  });

  it('are never gained by archiving the project', () => {
    fc.assert(
      fc.property(actor, project, (who, where) => {
        const open = everything(who, { ...where, archivedAt: null });
        const archived = everything(who, { ...where, archivedAt: LONG_AGO });

        expect(open).to.include.members(archived);
      }),
      OFTEN,
    );
  });

  it('are never gained by making the project less visible', () => {
    fc.assert(
      fc.property(actor, project, (who, where) => {
        const [asPrivate, asInternal, asPublic] = (['private', 'internal', 'public'] as const).map(
          (visibility) => everything(who, { ...where, visibility }),
        );

        expect(asPublic).to.include.members(asInternal ?? []);
        expect(asInternal).to.include.members(asPrivate ?? []);
      }),
      OFTEN,
    );
  });
});
