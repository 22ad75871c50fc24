import { expect } from 'chai';
import { ANONYMOUS, OPERATOR, type Actor } from '../../../src/access/actor.js';
import { INSTANCE, type DeployToken } from '../../../src/access/deploy-token.js';
import { namespacePathProblem } from '../../../src/access/namespace.js';
import {
  decide,
  decideAt,
  decideInNamespace,
  decideOnUnowned,
  PERMISSIONS,
} from '../../../src/access/permissions.js';
import { VISIBILITIES } from '../../../src/access/project.js';
import { namespacesOfRole, ROLES, type Role } from '../../../src/access/role.js';
import {
  aDeployToken,
  aNamespace,
  anAdmin,
  aProject,
  byAccessToken,
  userWho,
} from '../../support/build.js';

const PROJECT = aProject({ path: 'Zoo/Birds/owl' });

function memberOf(path: string, role: Role): Actor {
  return userWho(null, { roles: { projects: new Map(), namespaces: new Map([[path, role]]) } });
}

function tokenOf(path: string): Actor {
  return {
    kind: 'deploy-token',
    token: aDeployToken({
      owner: { kind: 'namespace', id: 9, path },
      scopes: ['read_registry', 'read_repository'],
    }),
  };
}

/** The columns of the table below: what somebody has a role in, and the owners of deploy tokens. */
const NAMESPACES = ['zoo', 'zoo/birds', 'zoo/fish', 'zoo/birds/owl-evil', 'birds', 'zo'] as const;

// Everybody looks at the private project Zoo/Birds/owl, with a role, or by a deploy token of both
// scopes, in one namespace alone.
const TABLE = `
                           zoo  zoo/birds  zoo/fish  zoo/birds/owl-evil  birds  zo
  guest       see_project  yes     yes         -             -             -     -
  guest       pull_image    -       -          -             -             -     -
  guest       push_image    -       -          -             -             -     -
  guest       delete_image  -       -          -             -             -     -
  guest       clone         -       -          -             -             -     -
  guest       git_push      -       -          -             -             -     -
  guest       see_settings  -       -          -             -             -     -
  guest       manage        -       -          -             -             -     -
  reporter    see_project  yes     yes         -             -             -     -
  reporter    pull_image   yes     yes         -             -             -     -
  reporter    push_image    -       -          -             -             -     -
  reporter    delete_image  -       -          -             -             -     -
  reporter    clone        yes     yes         -             -             -     -
  reporter    git_push      -       -          -             -             -     -
  reporter    see_settings  -       -          -             -             -     -
  reporter    manage        -       -          -             -             -     -
  developer   see_project  yes     yes         -             -             -     -
  developer   pull_image   yes     yes         -             -             -     -
  developer   push_image   yes     yes         -             -             -     -
  developer   delete_image  -       -          -             -             -     -
  developer   clone        yes     yes         -             -             -     -
  developer   git_push     yes     yes         -             -             -     -
  developer   see_settings  -       -          -             -             -     -
  developer   manage        -       -          -             -             -     -
  maintainer  see_project  yes     yes         -             -             -     -
  maintainer  pull_image   yes     yes         -             -             -     -
  maintainer  push_image   yes     yes         -             -             -     -
  maintainer  delete_image yes     yes         -             -             -     -
  maintainer  clone        yes     yes         -             -             -     -
  maintainer  git_push     yes     yes         -             -             -     -
  maintainer  see_settings yes     yes         -             -             -     -
  maintainer  manage       yes     yes         -             -             -     -
  owner       see_project  yes     yes         -             -             -     -
  owner       pull_image   yes     yes         -             -             -     -
  owner       push_image   yes     yes         -             -             -     -
  owner       delete_image yes     yes         -             -             -     -
  owner       clone        yes     yes         -             -             -     -
  owner       git_push     yes     yes         -             -             -     -
  owner       see_settings yes     yes         -             -             -     -
  owner       manage       yes     yes         -             -             -     -
  token       see_project   -       -          -             -             -     -
  token       pull_image   yes     yes         -             -             -     -
  token       push_image    -       -          -             -             -     -
  token       delete_image  -       -          -             -             -     -
  token       clone        yes     yes         -             -             -     -
  token       git_push      -       -          -             -             -     -
  token       see_settings  -       -          -             -             -     -
  token       manage        -       -          -             -             -     -
`;

const [columns = [], ...rows] = TABLE.trim()
  .split('\n')
  .map((line) => line.trim().split(/\s+/));

describe('what is inherited from a namespace', () => {
  it('is held against a table that has every namespace, role and permission', () => {
    expect(columns).to.deep.equal(NAMESPACES);
    expect(rows.map(([who, permission]) => `${who} ${permission}`)).to.deep.equal(
      [...ROLES, 'token'].flatMap((who) => PERMISSIONS.map((permission) => `${who} ${permission}`)),
    );
  });

  for (const who of [...ROLES, 'token'] as const) {
    for (const permission of PERMISSIONS) {
      const [, , ...cells] = rows.find((row) => row[0] === who && row[1] === permission) ?? [];
      const from = NAMESPACES.filter((_, index) => cells[index] === 'yes');

      it(`gives ${permission} to a ${who} from: ${from.join(', ') || 'nowhere'}`, () => {
        const actual = NAMESPACES.filter((path) => {
          const actor = who === 'token' ? tokenOf(path) : memberOf(path, who);
          return decide(actor, permission, PROJECT) === null;
        });

        expect(cells, 'a row of the table').to.have.lengthOf(NAMESPACES.length);
        expect(actual).to.deep.equal(from);
      });
    }
  }

  it('never lowers a role in the project, whichever is the higher', () => {
    for (const own of ROLES) {
      for (const above of ROLES) {
        const roles = { projects: new Map([[1, own]]), namespaces: new Map([['zoo', above]]) };
        const both = userWho(null, { roles });

        for (const visibility of VISIBILITIES) {
          const project = aProject({ path: 'zoo/owl', visibility });
          expect(PERMISSIONS.filter((each) => decide(both, each, project) === null)).to.deep.equal(
            PERMISSIONS.filter(
              (each) =>
                decide(userWho(own), each, project) === null ||
                decide(memberOf('zoo', above), each, project) === null,
            ),
          );
        }
      }
    }
  });
});

describe('only', () => {
  it('lets git through by the path of the project', () => {
    expect(decide(cloningOnly('zoo/birds'), 'clone', PROJECT)).to.equal(null);
    expect(decide(cloningOnly('zoo/birds/owl'), 'clone', PROJECT)).to.equal(null);
    expect(decide(cloningOnly('zoo/birds/owl/eyes'), 'clone', PROJECT)).to.equal('not_among_only');
    expect(decide(cloningOnly('zoo/fish', 'shop'), 'clone', PROJECT)).to.equal('not_among_only');
  });
});

describe('decideInNamespace', () => {
  const cases = [
    ['nobody', ANONYMOUS, 'not_signed_in', 'not_signed_in'],
    [
      'a deploy token of it',
      tokenOf('zoo/birds'),
      'not_for_deploy_tokens',
      'not_for_deploy_tokens',
    ],
    ['a developer', memberOf('zoo/birds', 'developer'), 'role_too_low', 'role_too_low'],
    ['a maintainer', memberOf('zoo/birds', 'maintainer'), null, null],
    ['a maintainer above', memberOf('zoo', 'maintainer'), null, null],
    ['a maintainer beside', memberOf('zoo/fish', 'maintainer'), 'not_a_member', 'not_a_member'],
    ['an administrator', anAdmin(), null, null],
    ['the operator', OPERATOR, null, null],
  ] as const;

  for (const [who, actor, manage, create] of cases) {
    it(`answers ${who}: ${manage ?? 'yes'}`, () => {
      expect(decideInNamespace(actor, 'manage', 'Zoo/Birds')).to.equal(manage);
      expect(decideInNamespace(actor, 'create_project', 'Zoo/Birds')).to.equal(create);
    });
  }
});

describe('decideAt', () => {
  const namespace = aNamespace({ path: 'zoo' });

  it('asks for the role in a project or namespace, and for an administrator on the instance', () => {
    const maintainer = memberOf('zoo', 'maintainer');

    expect(decideAt(maintainer, 'manage', aProject({ path: 'zoo/owl' }))).to.equal(null);
    expect(decideAt(maintainer, 'manage', namespace)).to.equal(null);
    expect(decideAt(maintainer, 'see_settings', INSTANCE)).to.equal('administrators_only');
    expect(decideAt(anAdmin(), 'see_settings', INSTANCE)).to.equal(null);
    expect(decideAt(anAdmin(), 'manage', INSTANCE)).to.equal(null);
  });
});

describe('decideOnUnowned', () => {
  const reading = { ...anAdmin(), credential: byAccessToken({ scopes: ['read_registry'] }) };
  const cases = [
    ['nobody', ANONYMOUS, 'no_project', 'no_project'],
    [
      'a deploy token of the instance',
      tokenOfInstance({ scopes: ['read_registry'] }),
      'no_project',
      'no_project',
    ],
    ['an owner of everything', memberOf('postgres', 'owner'), 'no_project', 'no_project'],
    ['an administrator', anAdmin(), null, null],
    ['an administrator who shows read_registry', reading, null, 'scope_missing'],
    ['the operator', OPERATOR, null, null],
  ] as const;

  for (const [who, actor, pull, push] of cases) {
    it(`answers ${who}: pull ${pull ?? 'yes'}, push ${push ?? 'yes'}`, () => {
      expect(decideOnUnowned(actor, 'pull_image', 'postgres')).to.equal(pull);
      expect(decideOnUnowned(actor, 'push_image', 'postgres')).to.equal(push);
    });
  }

  it('gives nobody what no repository can be called', () => {
    expect(decideOnUnowned(OPERATOR, 'pull_image', 'Not/A//Repository')).to.equal('no_project');
  });
});

describe('namespacePathProblem', () => {
  for (const path of ['zoo', 'Zoo', 'zoo/birds', 'finance', 'a.b/c-d']) {
    it(`finds nothing wrong with ${path}`, () => {
      expect(namespacePathProblem(path)).to.equal(null);
    });
  }

  const PROBLEMS = [
    ['admin', 'A namespace path cannot start with admin/, which Pullgate needs for itself.'],
    ['v2/zoo', 'A namespace path cannot start with v2/, which Pullgate needs for itself.'],
    [Array(21).fill('a').join('/'), 'A namespace path has at most 20 components.'],
  ] as const;

  for (const [path, problem] of PROBLEMS) {
    it(`says of ${path.slice(0, 20)}: ${problem}`, () => {
      expect(namespacePathProblem(path)).to.equal(problem);
    });
  }

  it('says what a path looks like', () => {
    for (const path of ['', '/', 'zoo/', 'zoo//birds', 'a b', 'ä', '-a', 'a.git/../b']) {
      expect(namespacePathProblem(path), path).to.be.a('string');
    }
  });
});

describe('namespacesOfRole', () => {
  it('lists where the user has one of the roles', () => {
    const roles = {
      projects: new Map(),
      namespaces: new Map([
        ['zoo', 'owner'],
        ['shop', 'guest'],
        ['ada', 'maintainer'],
      ] as const),
    };

    expect(namespacesOfRole(roles, ['maintainer', 'owner'])).to.deep.equal(['zoo', 'ada']);
    expect(namespacesOfRole(roles, [])).to.deep.equal([]);
  });
});

function tokenOfInstance(overrides: Partial<DeployToken>): Actor {
  return { kind: 'deploy-token', token: aDeployToken({ owner: INSTANCE, ...overrides }) };
}

function cloningOnly(...only: string[]): Actor {
  return tokenOfInstance({ only, scopes: ['read_repository'] });
}
