import { expect } from 'chai';
import { ANONYMOUS, OPERATOR, type Actor } from '../../../src/access/actor.js';
import {
  isAllowed,
  isAllowedOnInstance,
  mayManageAccount,
  projectsInSight,
} from '../../../src/access/permissions.js';
import { VISIBILITIES, type Visibility } from '../../../src/access/project.js';
import { ROLES } from '../../../src/access/role.js';
import { isSessionAlive } from '../../../src/access/session.js';
import { byAccessToken, anAdmin, aProject, tokenWith, userWho } from '../../support/build.js';

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
  const OPEN = { kind: 'some', visibilities: ['public'], memberId: null };
  const OWN = { kind: 'some', visibilities: ['public', 'internal'], memberId: 3 };
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

describe('create_project', () => {
  for (const [name, actor] of Object.entries(EVERYBODY)) {
    const expected = name !== 'anonymous' && name !== 'deploy token';

    it(`is ${expected ? 'given to' : 'kept from'} ${name}`, () => {
      expect(isAllowedOnInstance(actor, 'create_project')).to.equal(expected);
    });
  }

  it('takes the scope api of a personal access token', () => {
    const narrow = userWho(null, { credential: byAccessToken({ scopes: ['read_api'] }) });
    const wide = userWho(null, { credential: byAccessToken({ scopes: ['api'] }) });

    expect(isAllowedOnInstance(narrow, 'create_project')).to.equal(false);
    expect(isAllowedOnInstance(wide, 'create_project')).to.equal(true);
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
