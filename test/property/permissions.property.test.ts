import { expect } from 'chai';
import * as fc from 'fast-check';
import { accessTokenOf, type Actor, type UserActor } from '../../src/access/actor.js';
import {
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
import { ROLES } from '../../src/access/role.js';
import { parseScopes } from '../../src/access/scope.js';
import {
  actor,
  deployToken,
  project,
  projects,
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
  const level = ROLES.findIndex((role) => role === who.roles.get(where.id));
  const below = ROLES[level - 1];
  const others = [...who.roles].filter(([id]) => id !== where.id);
  return {
    ...who,
    roles: new Map(below === undefined ? others : [...others, [where.id, below]]),
  };
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

/** Enough for most of the few kinds of actors, projects and requests to meet; `npm test` tries more. */
const OFTEN = { numRuns: process.env['PULLGATE_TEST_STATS'] === undefined ? 200 : 1000 };

describe('permissions', () => {
  it('grant nothing that was not asked for', () => {
    fc.assert(
      fc.property(actor, projects, scopeParameters, (who, all, scopes) => {
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

  it('grant a deploy token nothing but pull, in its own project or a public one', () => {
    fc.assert(
      fc.property(deployToken, projects, scopeParameters, (token, all, scopes) => {
        const readable = all
          .filter(
            ({ id, visibility }) =>
              visibility === 'public' ||
              (id === token.projectId && token.scopes.includes('read_registry')),
          )
          .map(({ path }) => path.toLowerCase());
        const who = { kind: 'deploy-token', token } as const;

        for (const entry of grant(who, parseScopes(scopes), all).granted) {
          expect(entry.type).to.equal('repository');
          expect(entry.actions).to.deep.equal(['pull']);
          expect(
            readable.some((path) => entry.name === path || entry.name.startsWith(`${path}/`)),
            entry.name,
          ).to.equal(true);
        }
      }),
      OFTEN,
    );
  });

  it('find with a query just the projects that one may see', () => {
    fc.assert(
      fc.property(actor, project, (who, where) => {
        const sight = projectsInSight(who);
        const isMember = who.kind === 'user' && who.roles.has(where.id);
        const isFound =
          sight.kind === 'all' ||
          sight.visibilities.includes(where.visibility) ||
          (sight.memberId !== null && isMember);

        expect(isFound).to.equal(isAllowed(who, 'see_project', where));
      }),
      OFTEN,
    );
  });

  it('do not depend on which of the other projects were looked up', () => {
    fc.assert(
      fc.property(actor, projects, resourceName, (who, all, name) => {
        const requested = [{ type: 'repository', name, actions: ['pull', 'push', 'delete'] }];
        const owners = all.filter(
          ({ path }) => name === path.toLowerCase() || name.startsWith(`${path.toLowerCase()}/`),
        );

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
