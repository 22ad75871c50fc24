import { expect } from 'chai';
import { ANONYMOUS, OPERATOR, type Actor, type UserActor } from '../../../src/access/actor.js';
import {
  isAllowed,
  decideInNamespace,
  decideProjectCreation,
  mayManageAccount,
  projectsInSight,
} from '../../../src/access/permissions.js';
import { VISIBILITIES, type Visibility } from '../../../src/access/project.js';
import { ROLES, type Role } from '../../../src/access/role.js';
import { isSessionAlive } from '../../../src/access/session.js';
import {
  anAdmin,
  aProject,
  aUser,
  byAccessToken,
  tokenWith,
  userWho,
} from '../../support/build.js';

const EVERYBODY: Readonly<Record<string, Actor>> = {
  anonymous: ANONYMOUS,
  outsider: userWho(null),
  ...Object.fromEntries(ROLES.map((role) => [role, userWho(role)])),
  admin: anAdmin(),
  operator: OPERATOR,
  'deploy token': tokenWith('read_registry', 'read_repository'),
};

const UNSEEN: Readonly<Record<Visibility, readonly string[]>> = {
  private: ['anonymous', 'outsider', 'deploy token'],
  internal: ['anonymous', 'deploy token'],
  public: [],
};

describe('see_project', () => {
  for (const visibility of VISIBILITIES) {
    for (const [name, actor] of Object.entries(EVERYBODY)) {
      const expected = !UNSEEN[visibility].includes(name);

      it(`is ${expected ? 'given to' : 'kept from'} ${name} in a ${visibility} project`, () => {
        expect(isAllowed(actor, 'see_project', aProject({ visibility }))).to.equal(expected);
      });
    }
  }

  it('is kept once the project is archived', () => {
    const archived = aProject({ archivedAt: new Date(0) });

    expect(isAllowed(userWho('guest'), 'see_project', archived)).to.equal(true);
  });
});

describe('projectsInSight', () => {
  const OPEN = { kind: 'some', visibilities: ['public'], memberId: null, below: [] };
  const OWN = { kind: 'some', visibilities: ['public', 'internal'], memberId: 3, below: [] };
  const ALL = { kind: 'all' };
  const deaf = { credential: byAccessToken({ scopes: ['read_registry'] }) };
  const hearing = { credential: byAccessToken({ scopes: ['read_api'] }) };

  for (const [name, actor, expected] of [
    ['anonymous', ANONYMOUS, OPEN],
    ['a deploy token', tokenWith('read_registry', 'read_repository'), OPEN],
    ['a user', userWho('guest'), OWN],
    ['a user with read_api', userWho('guest', hearing), OWN],
    ['a user with read_registry', userWho('owner', deaf), OPEN],
    ['an administrator', anAdmin(), ALL],
    ['an administrator with read_api', { ...anAdmin(), ...hearing }, ALL],
    ['an administrator with read_registry', { ...anAdmin(), ...deaf }, OPEN],
    ['the operator', OPERATOR, ALL],
  ] as const) {
    it(`are told for ${name}`, () => {
      expect(projectsInSight(actor)).to.deep.equal(expected);
    });
  }
});

function inNamespace(path: string, role: Role, overrides: Partial<UserActor> = {}): UserActor {
  const roles = { projects: new Map(), namespaces: new Map([[path, role]]) };
  return userWho(null, { ...overrides, roles });
}

describe('decideInNamespace', () => {
  const admin = userWho(null, { user: aUser({ isAdmin: true }) });
  const readApi = { credential: byAccessToken({ scopes: ['read_api'] }) };

  for (const [name, actor, reason] of [
    ['nobody', ANONYMOUS, 'not_signed_in'],
    ['a deploy token', tokenWith('read_registry'), 'not_for_deploy_tokens'],
    ['somebody without a role', userWho(null), 'not_a_member'],
    ['the owner of a project in it', userWho('owner'), 'not_a_member'],
    ['a developer of it', inNamespace('tanuki', 'developer'), 'role_too_low'],
    ['a maintainer of it', inNamespace('tanuki', 'maintainer'), null],
    [
      'a maintainer of the namespace below',
      inNamespace('tanuki/sub', 'maintainer'),
      'not_a_member',
    ],
    ['a maintainer of one that starts alike', inNamespace('tan', 'maintainer'), 'not_a_member'],
    ['a maintainer with read_api', inNamespace('tanuki', 'owner', readApi), 'scope_missing'],
    ['an administrator', admin, null],
    ['an administrator with read_api', { ...admin, ...readApi }, 'scope_missing'],
    ['the operator', OPERATOR, null],
  ] as const) {
    it(`${reason === null ? 'lets' : 'keeps'} ${name} create a project in a namespace`, () => {
      expect(decideInNamespace(actor, 'create_project', 'tanuki')).to.equal(reason);
    });
  }

  for (const [name, actor, reason] of [
    ['a maintainer of it', inNamespace('tanuki', 'maintainer'), 'administrators_only'],
    ['somebody without a role', userWho(null), 'not_a_member'],
    ['an administrator', admin, null],
    ['an administrator with read_api', { ...admin, ...readApi }, 'scope_missing'],
    ['the operator', OPERATOR, null],
  ] as const) {
    it(`${reason === null ? 'lets' : 'keeps'} ${name} create a project where administrators do that`, () => {
      expect(decideProjectCreation(actor, 'tanuki', 'administrators')).to.equal(reason);
      expect(decideProjectCreation(actor, 'tanuki', 'maintainers')).to.equal(
        reason === 'administrators_only' ? null : reason,
      );
    });
  }

  it('holds for everything below, the highest of several', () => {
    const roles = {
      projects: new Map(),
      namespaces: new Map<string, Role>([
        ['tanuki', 'maintainer'],
        ['tanuki/sub', 'guest'],
      ]),
    };

    const actor = userWho(null, { roles });

    expect(decideInNamespace(actor, 'manage', 'Tanuki/Sub/Deep')).to.equal(null);
    expect(decideInNamespace(actor, 'see_settings', 'tanuki/sub')).to.equal(null);
  });
});

describe('mayManageAccount', () => {
  const OWN = 3;
  const OTHER = 4;

  it('is for the user, administrators and the operator', () => {
    expect(mayManageAccount(userWho(null), OWN)).to.equal(true);
    expect(mayManageAccount(userWho('owner'), OTHER)).to.equal(false);
    expect(mayManageAccount(anAdmin(), OTHER)).to.equal(true);
    expect(mayManageAccount(OPERATOR, OTHER)).to.equal(true);
    expect(mayManageAccount(ANONYMOUS, OWN)).to.equal(false);
    expect(mayManageAccount(tokenWith('read_registry'), OWN)).to.equal(false);
  });

  // A token that leaked would change the password, and lock its user out.
  it('is not for the personal access token of a user who is no administrator', () => {
    const actor = userWho(null, { credential: byAccessToken({ scopes: ['api'] }) });

    expect(mayManageAccount(actor, OWN)).to.equal(false);
  });
});

describe('isSessionAlive', () => {
  const start = new Date('2026-11-22T12:00:00Z');
  const session = {
    id: 1,
    userId: 3,
    createdAt: start,
    lastSeenAt: start,
    expiresAt: new Date('2026-11-29T12:00:00Z'),
    client: '',
    address: '',
  };

  for (const [now, lastSeen, expected] of [
    ['2026-11-22T12:59:59.999Z', '2026-11-22T12:00:00Z', true],
    ['2026-11-22T13:00:00.000Z', '2026-11-22T12:00:00Z', false],
    ['2026-11-29T11:59:59.999Z', '2026-11-29T11:59:00Z', true],
    ['2026-11-29T12:00:00.000Z', '2026-11-29T11:59:00Z', false],
  ] as const) {
    it(`is ${expected} at ${now}, last seen at ${lastSeen}, with an idle hour`, () => {
      const seen = { ...session, lastSeenAt: new Date(lastSeen) };

      expect(isSessionAlive(seen, new Date(now), 60)).to.equal(expected);
    });
  }
});
