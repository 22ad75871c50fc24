import { expect } from 'chai';
import type { AccessTokenScope } from '../../../src/access/access-token.js';
import { ANONYMOUS, DOORS, OPERATOR, type Actor } from '../../../src/access/actor.js';
import { takesCredential, takesUsername } from '../../../src/access/credential.js';
import { decidePage, isOpenPage, PAGES } from '../../../src/access/page-access.js';
import {
  decide,
  decideOnInstance,
  isAllowed,
  isAllowedOnInstance,
  latestExpiry,
  mayCreateBelow,
  mayUseAccessTokens,
  mayUseApi,
  mayUseGit,
  mayUseRegistry,
  PERMISSIONS,
  rolesThatMay,
  type InstancePermission,
  type Permission,
} from '../../../src/access/permissions.js';
import { ROLES } from '../../../src/access/role.js';
import { grant, registryRefusal, type RefusedEntry } from '../../../src/access/registry-access.js';
import type { Reason } from '../../../src/access/reason.js';
import { VISIBILITIES, type OwnedPrefix, type Project } from '../../../src/access/project.js';
import type { DeployToken } from '../../../src/access/deploy-token.js';
import { formatScope, parseScopes } from '../../../src/access/scope.js';
import {
  aDeployToken,
  byAccessToken,
  anAdmin,
  aProject,
  aUser,
  LONG_AGO,
  tokenWith,
  userWho,
} from '../../support/build.js';

const OTHER_PROJECT = 2;

/** The columns of the table below; everybody is looked at from project 1. */
const WHO: Readonly<Record<string, Actor>> = {
  anonymous: ANONYMOUS,
  outsider: userWho(null),
  elsewhere: userWho(null, {
    roles: { projects: new Map([[OTHER_PROJECT, 'owner']]), namespaces: new Map() },
  }),
  guest: userWho('guest'),
  reporter: userWho('reporter'),
  developer: userWho('developer'),
  maintainer: userWho('maintainer'),
  owner: userWho('owner'),
  admin: anAdmin(),
  operator: OPERATOR,
  t_images: tokenWith('read_registry'),
  t_code: tokenWith('read_repository'),
  t_both: tokenWith('read_registry', 'read_repository'),
  t_other: {
    kind: 'deploy-token',
    token: aDeployToken({
      owner: { kind: 'project', id: OTHER_PROJECT },
      scopes: ['read_registry', 'read_repository'],
    }),
  },
};

// The whole of it in one place, to be held against the documentation by eye. `outsider` is signed in
// and a member of nothing, `elsewhere` owns another project; t_… are deploy tokens: for images, for
// code, for both, and for both of another project.
const TABLE = `
                       anonymous outsider elsewhere guest reporter developer maintainer owner admin operator t_images t_code t_both t_other
  private  see_project     -        -         -      yes     yes      yes       yes      yes   yes    yes       -       -      -      -
  private  pull_image      -        -         -       -      yes      yes       yes      yes   yes    yes      yes      -     yes     -
  private  clone           -        -         -       -      yes      yes       yes      yes   yes    yes       -      yes    yes     -
  private  push_image      -        -         -       -       -       yes       yes      yes   yes    yes       -       -      -      -
  private  git_push        -        -         -       -       -       yes       yes      yes   yes    yes       -       -      -      -
  private  delete_image    -        -         -       -       -        -        yes      yes   yes    yes       -       -      -      -
  private  see_settings    -        -         -       -       -        -        yes      yes   yes    yes       -       -      -      -
  private  manage          -        -         -       -       -        -        yes      yes   yes    yes       -       -      -      -
  internal see_project     -       yes       yes     yes     yes      yes       yes      yes   yes    yes       -       -      -      -
  internal pull_image      -       yes       yes     yes     yes      yes       yes      yes   yes    yes      yes      -     yes     -
  internal clone           -       yes       yes     yes     yes      yes       yes      yes   yes    yes       -      yes    yes     -
  internal push_image      -        -         -       -       -       yes       yes      yes   yes    yes       -       -      -      -
  internal git_push        -        -         -       -       -       yes       yes      yes   yes    yes       -       -      -      -
  internal delete_image    -        -         -       -       -        -        yes      yes   yes    yes       -       -      -      -
  internal see_settings    -        -         -       -       -        -        yes      yes   yes    yes       -       -      -      -
  internal manage          -        -         -       -       -        -        yes      yes   yes    yes       -       -      -      -
  public   see_project    yes      yes       yes     yes     yes      yes       yes      yes   yes    yes      yes     yes    yes    yes
  public   pull_image     yes      yes       yes     yes     yes      yes       yes      yes   yes    yes      yes     yes    yes    yes
  public   clone          yes      yes       yes     yes     yes      yes       yes      yes   yes    yes      yes     yes    yes    yes
  public   push_image      -        -         -       -       -       yes       yes      yes   yes    yes       -       -      -      -
  public   git_push        -        -         -       -       -       yes       yes      yes   yes    yes       -       -      -      -
  public   delete_image    -        -         -       -       -        -        yes      yes   yes    yes       -       -      -      -
  public   see_settings    -        -         -       -       -        -        yes      yes   yes    yes       -       -      -      -
  public   manage          -        -         -       -       -        -        yes      yes   yes    yes       -       -      -      -
`;

const [columns = [], ...rows] = TABLE.trim()
  .split('\n')
  .map((line) => line.trim().split(/\s+/));

/** The names of those who may, in the order of the columns. */
function whoMay(permission: Permission, project = aProject()): string[] {
  return Object.entries(WHO)
    .filter(([, actor]) => isAllowed(actor, permission, project))
    .map(([name]) => name);
}

function listed(words: readonly string[]): string {
  return words.join(', ') || 'nothing';
}

function allowed(actor: Actor, project = aProject()): Permission[] {
  return PERMISSIONS.filter((permission) => isAllowed(actor, permission, project));
}

function granted(actor: Actor, scope: string, projects = [aProject()]): string[] {
  return grant(actor, parseScopes([scope]), owned(...projects)).granted.flatMap(
    ({ actions }) => actions,
  );
}

/** The projects as what they own by their paths. */
function owned(...projects: Project[]): OwnedPrefix[] {
  return projects.map((project) => ({ prefix: project.path.toLowerCase(), project }));
}

function formatRefused(entry: RefusedEntry): string {
  return `${formatScope(entry)} ${entry.reason}`;
}

function userWithScopes(...scopes: AccessTokenScope[]): Actor {
  return userWho('owner', { credential: byAccessToken({ scopes }) });
}

describe('rolesThatMay', () => {
  for (const permission of PERMISSIONS) {
    it(`names the roles whose members may ${permission}`, () => {
      const roles = ROLES.filter((role) => isAllowed(userWho(role), permission, aProject()));

      expect(rolesThatMay(permission)).to.deep.equal(roles);
    });
  }
});

describe('isAllowed', () => {
  for (const visibility of VISIBILITIES) {
    for (const permission of PERMISSIONS) {
      const cells = rows.find(([v, p]) => v === visibility && p === permission)?.slice(2);
      const expected = columns.filter((_, index) => cells?.[index] === 'yes');

      it(`gives ${permission} in a ${visibility} project to: ${expected.join(', ')}`, () => {
        expect(cells, 'a row of the table').to.have.lengthOf(columns.length);
        expect(whoMay(permission, aProject({ visibility }))).to.deep.equal(expected);
      });
    }
  }

  it('is held against a table that has a column for everybody', () => {
    expect(columns).to.deep.equal(Object.keys(WHO));
    expect(rows).to.have.lengthOf(VISIBILITIES.length * PERMISSIONS.length);
  });

  for (const permission of ['push_image', 'git_push', 'delete_image'] as const) {
    it(`gives ${permission} to nobody once the project is archived`, () => {
      for (const visibility of VISIBILITIES) {
        expect(whoMay(permission, aProject({ visibility, archivedAt: LONG_AGO }))).to.deep.equal(
          [],
        );
      }
    });
  }

  for (const permission of ['pull_image', 'clone', 'manage'] as const) {
    it(`gives ${permission} to the same people once the project is archived`, () => {
      for (const visibility of VISIBILITIES) {
        expect(whoMay(permission, aProject({ visibility, archivedAt: LONG_AGO }))).to.deep.equal(
          whoMay(permission, aProject({ visibility })),
        );
      }
    });
  }

  describe('with a personal access token', () => {
    const BY_SCOPE: readonly (readonly [AccessTokenScope, readonly Permission[]])[] = [
      ['api', PERMISSIONS],
      ['read_api', ['see_project', 'see_settings']],
      ['read_registry', ['pull_image']],
      ['write_registry', ['push_image']],
      ['read_repository', ['clone']],
      ['write_repository', ['clone', 'git_push']],
    ];

    for (const [scope, expected] of BY_SCOPE) {
      it(`leaves an owner who shows ${scope}: ${listed(expected)}`, () => {
        expect(allowed(userWithScopes(scope))).to.deep.equal(expected);
      });

      it(`leaves an administrator who shows ${scope} the same`, () => {
        const admin = userWho(null, {
          user: aUser({ isAdmin: true }),
          credential: byAccessToken({ scopes: [scope] }),
        });

        expect(allowed(admin)).to.deep.equal(expected);
      });
    }

    it('adds up the scopes', () => {
      expect(allowed(userWithScopes('read_registry', 'write_registry'))).to.deep.equal([
        'pull_image',
        'push_image',
      ]);
    });

    it('adds nothing to what its user may', () => {
      const guest = userWho('guest', { credential: byAccessToken({ scopes: ['api'] }) });

      expect(allowed(guest)).to.deep.equal(['see_project']);
    });

    it('narrows what an internal project gives to everybody who is signed in', () => {
      const outsider = userWho(null, { credential: byAccessToken({ scopes: ['read_registry'] }) });

      expect(allowed(outsider, aProject({ visibility: 'internal' }))).to.deep.equal(['pull_image']);
    });

    it('takes away nothing that anonymous visitors of a public project have', () => {
      expect(allowed(userWithScopes('read_api'), aProject({ visibility: 'public' }))).to.deep.equal(
        ['see_project', 'pull_image', 'clone', 'see_settings'],
      );
    });
  });
});

describe('isAllowedOnInstance', () => {
  for (const permission of ['list_catalogue', 'oversee', 'administer'] as const) {
    it(`gives ${permission} to administrators and the operator alone`, () => {
      const who = Object.entries(WHO).filter(([, actor]) => isAllowedOnInstance(actor, permission));

      expect(who.map(([name]) => name)).to.deep.equal(['admin', 'operator']);
    });
  }

  const BY_SCOPE = [
    ['api', true, true, true],
    ['read_api', false, true, false],
    ['read_registry', true, false, false],
    ['write_registry', false, false, false],
    ['read_repository', false, false, false],
    ['write_repository', false, false, false],
  ] as const;

  for (const [scope, catalogue, oversee, administer] of BY_SCOPE) {
    it(`lets an administrator who shows ${scope} list the catalogue: ${catalogue}, oversee: ${oversee}, administer: ${administer}`, () => {
      const admin = userWho(null, {
        user: aUser({ isAdmin: true }),
        credential: byAccessToken({ scopes: [scope] }),
      });

      expect(isAllowedOnInstance(admin, 'list_catalogue')).to.equal(catalogue);
      expect(isAllowedOnInstance(admin, 'oversee')).to.equal(oversee);
      expect(isAllowedOnInstance(admin, 'administer')).to.equal(administer);
    });
  }
});

describe('mayUseRegistry', () => {
  const cases = [
    ['nobody in particular', ANONYMOUS, true],
    ['the operator', OPERATOR, true],
    ['a user with a password', userWho(null), true],
    ['a deploy token with read_registry', tokenWith('read_registry'), true],
    ['a deploy token with read_repository alone', tokenWith('read_repository'), false],
    ['a deploy token with both', tokenWith('read_repository', 'read_registry'), true],
    ['a personal access token with api', userWithScopes('api'), true],
    ['a personal access token with read_registry', userWithScopes('read_registry'), true],
    ['a personal access token with write_registry', userWithScopes('write_registry'), true],
    ['a personal access token with read_api', userWithScopes('read_api'), false],
    ['a personal access token for code', userWithScopes('write_repository'), false],
  ] as const;

  for (const [who, actor, expected] of cases) {
    it(`${expected ? 'lets in' : 'turns away'} ${who}`, () => {
      expect(mayUseRegistry(actor)).to.equal(expected);
    });
  }
});

describe('mayUseApi', () => {
  const cases = [
    ['nobody in particular', ANONYMOUS, true, false],
    ['the operator', OPERATOR, true, true],
    ['a user with a password', userWho(null), true, true],
    ['a deploy token', tokenWith('read_registry', 'read_repository'), false, false],
    ['a personal access token with api', userWithScopes('api'), true, true],
    ['a personal access token with read_api', userWithScopes('read_api'), true, false],
    ['a personal access token for images', userWithScopes('write_registry'), false, false],
    ['a personal access token for code', userWithScopes('write_repository'), false, false],
  ] as const;

  for (const [who, actor, mayRead, mayWrite] of cases) {
    it(`lets ${who} read: ${mayRead}, write: ${mayWrite}`, () => {
      expect(mayUseApi(actor, 'read')).to.equal(mayRead);
      expect(mayUseApi(actor, 'write')).to.equal(mayWrite);
    });
  }
});

describe('mayUseAccessTokens', () => {
  const OWN = aUser().id;
  const OTHER = OWN + 1;
  const adminWhoReads = userWho(null, {
    user: aUser({ isAdmin: true }),
    credential: byAccessToken({ scopes: ['read_api'] }),
  });
  const cases = [
    ['nobody', ANONYMOUS, [], []],
    ['a deploy token', tokenWith('read_registry'), [], []],
    ['the user, signed in', userWho('owner'), ['read', 'write'], []],
    ['the user with api', userWithScopes('api'), ['read', 'write'], []],
    ['the user with read_api', userWithScopes('read_api'), ['read'], []],
    ['the user with a token for images', userWithScopes('read_registry'), [], []],
    ['an administrator', anAdmin(), ['read', 'write'], ['read', 'write']],
    ['an administrator with read_api', adminWhoReads, ['read'], ['read']],
    ['the operator', OPERATOR, ['read', 'write'], ['read', 'write']],
  ] as const;

  for (const [who, actor, own, others] of cases) {
    it(`lets ${who} use their own to ${listed(own)}, those of others to ${listed(others)}`, () => {
      const uses = ['read', 'write'] as const;

      expect(uses.filter((use) => mayUseAccessTokens(actor, OWN, use))).to.deep.equal(own);
      expect(uses.filter((use) => mayUseAccessTokens(actor, OTHER, use))).to.deep.equal(others);
    });
  }
});

describe('latestExpiry', () => {
  const showing = userWho(null, { credential: byAccessToken({ expiresAt: LONG_AGO }) });

  it('is that of the token in use, for a token of the same user', () => {
    expect(latestExpiry(showing, aUser().id)).to.deep.equal(LONG_AGO);
  });

  it('is none for other users, and without a token that expires', () => {
    expect(latestExpiry(showing, aUser().id + 1)).to.equal(null);
    expect(latestExpiry(userWho(null), aUser().id)).to.equal(null);
    expect(latestExpiry(OPERATOR, aUser().id)).to.equal(null);
  });
});

describe('mayUseGit', () => {
  const cases = [
    ['nobody in particular', ANONYMOUS, true],
    ['the operator', OPERATOR, true],
    ['a user with a password', userWho(null), true],
    ['a deploy token with read_repository', tokenWith('read_repository'), true],
    ['a deploy token with read_registry alone', tokenWith('read_registry'), false],
    ['a deploy token with both', tokenWith('read_registry', 'read_repository'), true],
    ['a personal access token with api', userWithScopes('api'), true],
    ['a personal access token with read_repository', userWithScopes('read_repository'), true],
    ['a personal access token with write_repository', userWithScopes('write_repository'), true],
    ['a personal access token with read_api', userWithScopes('read_api'), false],
    [
      'a personal access token for images',
      userWithScopes('read_registry', 'write_registry'),
      false,
    ],
  ] as const;

  for (const [who, actor, expected] of cases) {
    it(`${expected ? 'lets in' : 'turns away'} ${who}`, () => {
      expect(mayUseGit(actor)).to.equal(expected);
    });
  }
});

describe('grant', () => {
  const deployToken = tokenWith('read_registry');
  const SCOPE = 'repository:tanuki/awesome_project';

  it('narrows a pull,push request of a deploy token to pull', () => {
    expect(granted(deployToken, `${SCOPE}:pull,push`)).to.deep.equal(['pull']);
  });

  it('narrows push,pull in the order in which it was asked', () => {
    expect(granted(userWho('developer'), `${SCOPE}:push,pull,delete`)).to.deep.equal([
      'push',
      'pull',
    ]);
  });

  it('never gives * to a deploy token, nor pull in its place', () => {
    expect(granted(deployToken, `${SCOPE}:*`)).to.deep.equal([]);
  });

  for (const [role, expected] of [
    ['reporter', []],
    ['developer', []],
    ['maintainer', ['*']],
    ['owner', ['*']],
  ] as const) {
    it(`answers a ${role} who asks for * with: ${listed(expected)}`, () => {
      expect(granted(userWho(role), `${SCOPE}:*`)).to.deep.equal(expected);
    });
  }

  it('gives * in an archived project to nobody', () => {
    const archived = [aProject({ archivedAt: LONG_AGO })];

    expect(granted(anAdmin(), `${SCOPE}:*,delete,push,pull`, archived)).to.deep.equal(['pull']);
  });

  it('gives delete to a maintainer and not to a developer', () => {
    expect(granted(userWho('maintainer'), `${SCOPE}:delete`)).to.deep.equal(['delete']);
    expect(granted(userWho('developer'), `${SCOPE}:delete`)).to.deep.equal([]);
  });

  it('ignores actions that it does not know', () => {
    expect(granted(anAdmin(), `${SCOPE}:pull,manage,clone,constructor`)).to.deep.equal(['pull']);
  });

  for (const name of [
    'tanuki/awesome_project',
    'tanuki/awesome_project/web',
    'tanuki/awesome_project/a/b/c/d/e/f/g/h/i/j',
  ]) {
    it(`covers ${name}`, () => {
      expect(granted(deployToken, `repository:${name}:pull`)).to.deep.equal(['pull']);
    });
  }

  // A maintainer of a neighbouring group picks a path that begins like the victim's, so that a
  // comparison of text instead of components would hand out the images of either.
  for (const name of [
    'tanuki/awesome_project-evil',
    'tanuki/awesome_projects',
    'tanuki/awesome_project.evil/web',
    'tanuki/awesome',
    'tanuki',
    'evil/tanuki/awesome_project',
    'awesome_project',
  ]) {
    it(`does not cover ${name}`, () => {
      expect(granted(deployToken, `repository:${name}:pull`)).to.deep.equal([]);
    });
  }

  // The registry compares names byte by byte and routes none of these; an entry for one is at best of
  // no use, at worst a way around the comparison.
  for (const name of [
    'tanuki/awesome_project/',
    'tanuki/awesome_project/*',
    'tanuki/awesome_project/../secret',
    'tanuki//awesome_project',
    'tanuki/awesome_project/Web',
    'Tanuki/Awesome_Project',
    'tanuki%2fawesome_project',
    'localhost:5000/tanuki/awesome_project',
    '*',
  ]) {
    it(`grants nothing for the name ${name}, which no registry has`, () => {
      expect(granted(anAdmin(), `repository:${name}:pull`)).to.deep.equal([]);
    });
  }

  it('finds a project whose path has capitals by its name in lower case', () => {
    const projects = [aProject({ path: 'Tanuki/Awesome_Project' })];

    expect(granted(deployToken, `${SCOPE}/web:pull`, projects)).to.deep.equal(['pull']);
  });

  it('leaves a repository that no project owns to administrators, with the scopes that it takes', () => {
    const reader = userWho(null, {
      user: aUser({ isAdmin: true }),
      credential: byAccessToken({ scopes: ['read_registry'] }),
    });

    for (const name of ['postgres', 'no/such']) {
      const scope = `repository:${name}:pull,push,delete`;
      expect(granted(anAdmin(), scope, [])).to.deep.equal(['pull', 'push', 'delete']);
      expect(granted(anAdmin(), scope, [aProject()])).to.deep.equal(['pull', 'push', 'delete']);
      expect(granted(reader, scope, [])).to.deep.equal(['pull']);
      for (const actor of [ANONYMOUS, userWho('owner'), tokenWith('read_registry')]) {
        expect(granted(actor, scope, [])).to.deep.equal([]);
      }
    }
  });

  it('finds a project by an image prefix that was given to it', () => {
    const all = [{ prefix: 'postgres', project: aProject() }];

    for (const [name, expected] of [
      ['postgres', ['pull']],
      ['postgres/debug', ['pull']],
      ['postgres-evil', []],
    ] as const) {
      const scope = parseScopes([`repository:${name}:pull`]);
      const names = grant(deployToken, scope, all).granted.flatMap(({ actions }) => actions);
      expect(names, name).to.deep.equal(expected);
    }
  });

  it('reaches with a token of a namespace all that lies below it, and nothing that starts alike', () => {
    const all = owned(
      aProject({ id: 1, path: 'tanuki/app' }),
      aProject({ id: 2, path: 'tanuki/deep/er/app' }),
      aProject({ id: 3, path: 'tanuki-evil/app' }),
    );
    const scope = parseScopes([
      'repository:tanuki/app:pull repository:tanuki/deep/er/app/api:pull,push',
      'repository:tanuki-evil/app:pull repository:tanuki/unowned:pull',
    ]);
    const owner = { kind: 'namespace', id: 9, path: 'tanuki' } as const;
    const some = { owner, only: ['tanuki/deep'] };
    function namesFor(token: Partial<DeployToken>): string[] {
      const actor = { kind: 'deploy-token', token: aDeployToken(token) } as const;
      return grant(actor, scope, all).granted.map(formatScope);
    }

    expect(namesFor({ owner })).to.deep.equal([
      'repository:tanuki/app:pull',
      'repository:tanuki/deep/er/app/api:pull',
    ]);
    expect(namesFor(some)).to.deep.equal(['repository:tanuki/deep/er/app/api:pull']);
    expect(namesFor({ owner: { kind: 'instance' } })).to.deep.equal([
      'repository:tanuki/app:pull',
      'repository:tanuki/deep/er/app/api:pull',
      'repository:tanuki-evil/app:pull',
    ]);
  });

  it('judges each repository by its own project', () => {
    const projects = [
      aProject(),
      aProject({ id: OTHER_PROJECT, path: 'tanuki/other' }),
      aProject({ id: 3, path: 'tanuki/open', visibility: 'public' }),
    ];
    const requested = parseScopes([
      'repository:tanuki/other:pull repository:tanuki/open/web:pull,push',
      `${SCOPE}:pull,push`,
    ]);

    expect(grant(deployToken, requested, owned(...projects)).granted).to.deep.equal([
      { type: 'repository', name: 'tanuki/open/web', actions: ['pull'] },
      { type: 'repository', name: 'tanuki/awesome_project', actions: ['pull'] },
    ]);
  });

  it('gives anonymous visitors pull in a public project and nothing in others', () => {
    expect(
      granted(ANONYMOUS, `${SCOPE}:pull,push,*`, [aProject({ visibility: 'public' })]),
    ).to.deep.equal(['pull']);
    expect(
      granted(ANONYMOUS, `${SCOPE}:pull`, [aProject({ visibility: 'internal' })]),
    ).to.deep.equal([]);
  });

  it('drops entries that are left without an action', () => {
    const requested = parseScopes([`${SCOPE}/web:push`, `${SCOPE}:pull`]);

    expect(grant(deployToken, requested, owned(aProject())).granted).to.deep.equal([
      { type: 'repository', name: 'tanuki/awesome_project', actions: ['pull'] },
    ]);
  });

  it('drops the class of repository(plugin), which the registry would not match', () => {
    const requested = parseScopes(['repository(plugin):tanuki/awesome_project:pull']);

    expect(grant(deployToken, requested, owned(aProject())).granted).to.deep.equal([
      { type: 'repository', name: 'tanuki/awesome_project', actions: ['pull'] },
    ]);
  });

  for (const type of ['registry', 'repo', 'repositories', 'project', 'artifact']) {
    it(`grants nothing for a resource of the type ${type} that is named like a repository`, () => {
      expect(granted(anAdmin(), `${type}:tanuki/awesome_project:pull,push,*`)).to.deep.equal([]);
    });
  }

  for (const [who, actor] of Object.entries(WHO)) {
    const expected = who === 'admin' || who === 'operator' ? ['*'] : [];

    it(`answers registry:catalog:* of ${who} with: ${listed(expected)}`, () => {
      expect(granted(actor, 'registry:catalog:*')).to.deep.equal(expected);
    });
  }

  for (const [scope, expected] of [
    ['read_registry', ['*']],
    ['write_registry', []],
    ['read_api', []],
  ] as const) {
    it(`answers registry:catalog:* of an administrator who shows ${scope} with: ${listed(expected)}`, () => {
      const admin = userWho(null, {
        user: aUser({ isAdmin: true }),
        credential: byAccessToken({ scopes: [scope] }),
      });

      expect(granted(admin, 'registry:catalog:*')).to.deep.equal(expected);
    });
  }

  it('gives no other action on the catalogue, and no other name than catalog', () => {
    expect(granted(anAdmin(), 'registry:catalog:pull,push,delete')).to.deep.equal([]);
    expect(granted(anAdmin(), 'registry:other:*')).to.deep.equal([]);
    expect(granted(userWho('owner'), 'repository:catalog:*')).to.deep.equal([]);
  });

  it('gives the catalogue to nobody for whom a repository is the type asked for', () => {
    const projects = [aProject({ path: 'registry/catalog' })];

    expect(granted(userWho('owner'), 'registry:catalog:*', projects)).to.deep.equal([]);
  });

  it('has a reason for every action that it does not grant', () => {
    const projects = [aProject(), aProject({ id: OTHER_PROJECT, path: 'tanuki/other' })];
    const requested = parseScopes([
      `${SCOPE}:push,pull,delete,fly tanuki:x:pull repository:no/such:pull`,
      'repository:tanuki/other:pull registry:catalog:* registry:catalog:pull',
    ]);

    expect(
      grant(deployToken, requested, owned(...projects)).refused.map(formatRefused),
    ).to.deep.equal([
      'repository:tanuki/awesome_project:push,delete not_for_deploy_tokens',
      'repository:tanuki/awesome_project:fly unknown_action',
      'tanuki:x:pull unknown_resource',
      'repository:no/such:pull no_project',
      'repository:tanuki/other:pull other_project',
      'registry:catalog:* not_for_deploy_tokens',
      'registry:catalog:pull unknown_action',
    ]);
  });

  it('gives nothing of what was not looked up, not even to an administrator', () => {
    const requested = parseScopes([`${SCOPE}:pull repository:postgres:pull,push`]);
    const over = new Set(requested.slice(1));

    const { granted: given, refused } = grant(anAdmin(), requested, owned(aProject()), over);

    expect(given.map(formatScope)).to.deep.equal([`${SCOPE}:pull`]);
    expect(refused.map(formatRefused)).to.deep.equal([
      'repository:postgres:pull,push too_many_names',
    ]);
  });

  it('leaves the request as it was', () => {
    const requested = parseScopes([`${SCOPE}:pull,push`]);

    grant(deployToken, requested, owned(aProject()));

    expect(requested).to.deep.equal(parseScopes([`${SCOPE}:pull,push`]));
  });
});

describe('decide', () => {
  const CASES: readonly (readonly [string, Actor, Permission, Reason | null, object?])[] = [
    ['nobody', ANONYMOUS, 'pull_image', 'not_signed_in'],
    ['a stranger', userWho(null), 'pull_image', 'not_a_member'],
    ['a guest', userWho('guest'), 'pull_image', 'role_too_low'],
    ['a developer', userWho('developer'), 'delete_image', 'role_too_low'],
    ['a reporter', userWho('reporter'), 'pull_image', null],
    ['an owner who shows read_api', userWithScopes('read_api'), 'pull_image', 'scope_missing'],
    ['a deploy token for code', tokenWith('read_repository'), 'pull_image', 'scope_missing'],
    ['a deploy token', tokenWith('read_registry'), 'push_image', 'not_for_deploy_tokens'],
    ['a deploy token', tokenWith('read_registry'), 'manage', 'not_for_deploy_tokens'],
    ['a deploy token', tokenWith('read_registry'), 'pull_image', 'other_project', { id: 9 }],
    ['an owner', userWho('owner'), 'push_image', 'archived', { archivedAt: LONG_AGO }],
    ['the operator', OPERATOR, 'manage', null],
  ];
  for (const [who, actor, permission, reason, project = {}] of CASES) {
    it(`says to ${who} about ${permission} ${JSON.stringify(project)}: ${reason}`, () => {
      expect(decide(actor, permission, aProject(project))).to.equal(reason);
    });
  }
});

describe('decideOnInstance', () => {
  const adminWhoReads = userWho(null, {
    user: aUser({ isAdmin: true }),
    credential: byAccessToken({ scopes: ['read_api'] }),
  });
  const CASES: readonly (readonly [string, Actor, InstancePermission, Reason | null])[] = [
    ['nobody', ANONYMOUS, 'list_catalogue', 'not_signed_in'],
    ['a deploy token', tokenWith('read_registry'), 'list_catalogue', 'not_for_deploy_tokens'],
    ['a user', userWho('owner'), 'administer', 'administrators_only'],
    ['an administrator who shows read_api', adminWhoReads, 'administer', 'scope_missing'],
    ['an administrator', anAdmin(), 'administer', null],
  ];
  for (const [who, actor, permission, reason] of CASES) {
    it(`says to ${who} about ${permission}: ${reason}`, () => {
      expect(decideOnInstance(actor, permission)).to.equal(reason);
    });
  }
});

describe('registryRefusal', () => {
  const CASES: readonly (readonly [string, Actor, boolean, string | null])[] = [
    ['anonymous with a scope', ANONYMOUS, true, null],
    ['anonymous who logs in', ANONYMOUS, false, 'A username and a token are needed to log in.'],
    ['a deploy token that logs in', tokenWith('read_registry'), false, null],
    [
      'a deploy token for code',
      tokenWith('read_repository'),
      true,
      'This deploy token has no read_registry scope, so it cannot be used with the registry.',
    ],
    [
      'a personal access token for code',
      userWithScopes('write_repository'),
      true,
      'This personal access token has neither read_registry nor write_registry, so it cannot be used with the registry.',
    ],
  ];
  for (const [who, actor, hasScope, text] of CASES) {
    it(`says to ${who}: ${text ?? 'nothing'}`, () => {
      expect(registryRefusal(actor, { hasScope })?.message ?? null).to.equal(text);
    });
  }
});

// One row for each door: the credentials that it takes, and whether a username comes with them.
const CREDENTIALS = `
             deploy_token access_token password username
  registry       yes          yes        yes      yes
  git            yes          yes        yes      yes
  api             -           yes         -        -
  web             -            -         yes      yes
  cli             -            -          -        -
`;

describe('takesCredential', () => {
  const lines = CREDENTIALS.trim().split('\n').slice(1);
  const table = new Map(
    lines.map((line) => line.trim().split(/\s+/)).map(([door = '', ...cells]) => [door, cells]),
  );

  for (const door of DOORS) {
    it(`takes at ${door}: ${listed(table.get(door) ?? [])}`, () => {
      const taken = [
        ...(['deploy_token', 'access_token', 'password'] as const).map((kind) =>
          takesCredential(door, kind),
        ),
        takesUsername(door),
      ];

      expect(taken.map((isTaken) => (isTaken ? 'yes' : '-'))).to.deep.equal(table.get(door));
    });
  }
});

describe('mayCreateBelow', () => {
  const roles = {
    projects: new Map([[1, 'owner']] as const),
    namespaces: new Map([
      ['zoo', 'maintainer'],
      ['shop', 'developer'],
      ['ada', 'owner'],
    ] as const),
  };

  it('is anywhere for administrators and the operator', () => {
    expect(mayCreateBelow(anAdmin())).to.equal(null);
    expect(mayCreateBelow(OPERATOR)).to.equal(null);
  });

  it('is what a user maintains, without what a credential is not meant for', () => {
    const user = userWho(null, { roles });

    expect(mayCreateBelow(user)).to.deep.equal(['zoo', 'ada']);
    const reading = userWho(null, { roles, credential: byAccessToken({ scopes: ['read_api'] }) });
    expect(mayCreateBelow(reading)).to.deep.equal([]);
    expect(mayCreateBelow(ANONYMOUS)).to.deep.equal([]);
    expect(mayCreateBelow(tokenWith('read_registry'))).to.deep.equal([]);
  });
});

// Who may open which page.
const WHO_MAY_OPEN: Readonly<Record<string, readonly string[]>> = {
  anybody: ['anonymous', 'outsider', 'developer', 'maintainer', 'owner', 'admin'],
  signedIn: ['outsider', 'developer', 'maintainer', 'owner', 'admin'],
  maintainers: ['maintainer', 'owner', 'admin'],
  administrators: ['admin'],
};

describe('decidePage', () => {
  for (const [audience, pages] of Object.entries(PAGES)) {
    for (const name of pages) {
      it(`opens ${name} to ${listed(WHO_MAY_OPEN[audience] ?? [])}`, () => {
        const project = audience === 'maintainers' ? aProject() : null;
        const mayOpen = [
          'anonymous',
          'outsider',
          'developer',
          'maintainer',
          'owner',
          'admin',
        ].filter((who) => decidePage(WHO[who] ?? ANONYMOUS, name, project) === null);

        expect(mayOpen).to.deep.equal(WHO_MAY_OPEN[audience]);
        expect(isOpenPage(name)).to.equal(audience === 'anybody');
      });
    }
  }

  it('opens the settings of no project to nobody', () => {
    expect(decidePage(anAdmin(), 'repository', null)).to.equal('no_project');
  });
});
