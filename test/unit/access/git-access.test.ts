import { expect } from 'chai';
import { ANONYMOUS, OPERATOR, type Actor } from '../../../src/access/actor.js';
import type { AccessTokenScope } from '../../../src/access/access-token.js';
import { gitRefusal, type GitAction } from '../../../src/access/git-access.js';
import type { Project } from '../../../src/access/project.js';
import type { Reason } from '../../../src/access/reason.js';
import type { Role } from '../../../src/access/role.js';
import {
  aDeployToken,
  byAccessToken,
  anAdmin,
  aProject,
  LONG_AGO,
  tokenWith,
  userWho,
} from '../../support/build.js';

const OTHER_PROJECT = 2;

function withAccessToken(role: Role | null, ...scopes: AccessTokenScope[]): Actor {
  return userWho(role, { credential: byAccessToken({ scopes }) });
}

const WHO: Readonly<Record<string, Actor>> = {
  anonymous: ANONYMOUS,
  outsider: userWho(null),
  guest: userWho('guest'),
  reporter: userWho('reporter'),
  developer: userWho('developer'),
  maintainer: userWho('maintainer'),
  owner: userWho('owner'),
  admin: anAdmin(),
  operator: OPERATOR,
  dev_api: withAccessToken('developer', 'api'),
  dev_read_api: withAccessToken('developer', 'read_api'),
  dev_read: withAccessToken('developer', 'read_repository'),
  dev_write: withAccessToken('developer', 'write_repository'),
  dev_images: withAccessToken('developer', 'read_registry', 'write_registry'),
  rep_write: withAccessToken('reporter', 'write_repository'),
  out_write: withAccessToken(null, 'write_repository'),
  t_code: tokenWith('read_repository'),
  t_images: tokenWith('read_registry'),
  t_both: tokenWith('read_registry', 'read_repository'),
  t_other: {
    kind: 'deploy-token',
    token: aDeployToken({
      owner: { kind: 'project', id: OTHER_PROJECT },
      scopes: ['read_repository'],
    }),
  },
};

const PROJECTS: Readonly<Record<string, Project | null>> = {
  private: aProject(),
  internal: aProject({ visibility: 'internal' }),
  public: aProject({ visibility: 'public' }),
  'archived private': aProject({ archivedAt: LONG_AGO }),
  'archived public': aProject({ visibility: 'public', archivedAt: LONG_AGO }),
  missing: null,
};

// The status that each code becomes: 401 invalid_credentials, 403 forbidden, 404 not_found. t_… are
// deploy tokens; dev_, rep_ and out_ are personal access tokens of a developer, a reporter and a
// non-member, named after their scope.
const TABLE = `
                    private   |  internal  |   public   | archived private | archived public |  missing
                  fetch push  | fetch push | fetch push |   fetch push     |   fetch push    | fetch push
    anonymous       401  401     401  401      -   401       401  401            -   401        401  401
    outsider        404  404      -   403      -   403       404  404            -   403        404  404
    guest           404  404      -   403      -   403       404  404            -   403        404  404
    reporter         -   403      -   403      -   403        -   403            -   403        404  404
    developer        -    -       -    -       -    -         -   403            -   403        404  404
    maintainer       -    -       -    -       -    -         -   403            -   403        404  404
    owner            -    -       -    -       -    -         -   403            -   403        404  404
    admin            -    -       -    -       -    -         -   403            -   403        404  404
    operator         -    -       -    -       -    -         -   403            -   403        404  404
    dev_api          -    -       -    -       -    -         -   403            -   403        404  404
    dev_read_api    403  403     403  403     403  403       403  403           403  403        403  403
    dev_read         -   403      -   403      -   403        -   403            -   403        404  404
    dev_write        -    -       -    -       -    -         -   403            -   403        404  404
    dev_images      403  403     403  403     403  403       403  403           403  403        403  403
    rep_write        -   403      -   403      -   403        -   403            -   403        404  404
    out_write       404  404      -   403      -   403       404  404            -   403        404  404
    t_code           -   403      -   403      -   403        -   403            -   403        404  404
    t_images        403  403     403  403     403  403       403  403           403  403        403  403
    t_both           -   403      -   403      -   403        -   403            -   403        404  404
    t_other         404  404     404  404      -   403       404  404            -   403        404  404
`;

const STATUS: Readonly<Record<string, string>> = {
  invalid_credentials: '401',
  forbidden: '403',
  not_found: '404',
};
const ACTIONS: readonly GitAction[] = ['fetch', 'push'];

const rows = TABLE.trim()
  .split('\n')
  .slice(2)
  .map((line) => line.trim().split(/\s+/));

describe('gitRefusal', () => {
  it('has a row for everybody', () => {
    expect(rows.map(([who]) => who)).to.deep.equal(Object.keys(WHO));
  });

  for (const [who = '', ...cells] of rows) {
    for (const [index, [kind, project]] of Object.entries(PROJECTS).entries()) {
      for (const [offset, action] of ACTIONS.entries()) {
        const expected = cells[2 * index + offset] ?? '';

        it(`${who}, ${action}, ${kind}: ${expected === '-' ? 'allowed' : expected}`, () => {
          const refusal = gitRefusal(WHO[who] ?? ANONYMOUS, action, project);

          expect(refusal === null ? '-' : STATUS[refusal.error.code]).to.equal(expected);
        });
      }
    }
  }

  it('tells no difference between a missing and a hidden project', () => {
    for (const actor of Object.values(WHO)) {
      for (const action of ACTIONS) {
        const hidden = gitRefusal(actor, action, aProject())?.error;
        const missing = gitRefusal(actor, action, null)?.error;

        if (hidden !== undefined && hidden.code !== 'forbidden') {
          expect(missing?.code).to.equal(hidden.code);
          expect(missing?.message).to.equal(hidden.message);
        }
      }
    }
  });

  const REASONS: readonly (readonly [string, Actor, GitAction, Project | null, Reason])[] = [
    ['nobody who is signed in', ANONYMOUS, 'fetch', aProject(), 'not_signed_in'],
    ['a project that is not there', userWho('owner'), 'fetch', null, 'no_project'],
    ['a stranger', userWho(null), 'fetch', aProject(), 'not_a_member'],
    ['a guest', userWho('guest'), 'fetch', aProject(), 'role_too_low'],
    ['a reporter who pushes', userWho('reporter'), 'push', aProject(), 'role_too_low'],
    ['a deploy token for images', tokenWith('read_registry'), 'fetch', aProject(), 'scope_missing'],
    [
      'a deploy token of elsewhere',
      tokenWith('read_repository'),
      'fetch',
      aProject({ id: 9 }),
      'other_project',
    ],
    [
      'a deploy token that pushes',
      tokenWith('read_repository'),
      'push',
      aProject(),
      'not_for_deploy_tokens',
    ],
    [
      'an archived project',
      userWho('owner'),
      'push',
      aProject({ archivedAt: LONG_AGO }),
      'archived',
    ],
  ];
  for (const [what, actor, action, project, reason] of REASONS) {
    it(`has ${reason} as the reason, for the log, of ${what}`, () => {
      expect(gitRefusal(actor, action, project)?.reason).to.equal(reason);
    });
  }

  it('does not tell from an archived project that it is hidden', () => {
    const hidden = gitRefusal(userWho(null), 'push', aProject({ archivedAt: LONG_AGO }));
    const missing = gitRefusal(userWho(null), 'push', null);

    expect(hidden?.error.message).to.equal(missing?.error.message);
  });

  const SENTENCES: readonly (readonly [string, Actor, Project, string])[] = [
    [
      'a deploy token that pushes',
      tokenWith('read_repository'),
      aProject(),
      'A deploy token only reads',
    ],
    [
      'a deploy token without the scope',
      tokenWith('read_registry'),
      aProject(),
      'This deploy token has no read_repository scope.',
    ],
    [
      'an access token without the scope',
      withAccessToken('owner', 'read_api'),
      aProject(),
      'This personal access token has no write_repository scope.',
    ],
    ['a reporter', userWho('reporter'), aProject(), 'takes the role developer'],
    [
      'a push to an archived project',
      userWho('owner'),
      aProject({ archivedAt: LONG_AGO }),
      'This project is archived',
    ],
    [
      'somebody who is not logged in',
      ANONYMOUS,
      aProject({ visibility: 'public' }),
      'A username and a token are needed',
    ],
  ];
  for (const [who, actor, project, text] of SENTENCES) {
    it(`says why to ${who}`, () => {
      const refusal = gitRefusal(actor, 'push', project);

      expect(refusal?.error.message).to.contain(text);
    });
  }
});
