import { expect } from 'chai';
import type { AccessTokenScope } from '../../../src/access/access-token.js';
import { ANONYMOUS, OPERATOR, type Actor } from '../../../src/access/actor.js';
import { gitRefusal, type GitAction } from '../../../src/access/git-access.js';
import type { Project } from '../../../src/access/project.js';
import {
  aDeployToken,
  anAccessToken,
  anAdmin,
  aProject,
  LONG_AGO,
  tokenWith,
  userWho,
} from '../../support/build.js';

const PUBLIC = aProject({ visibility: 'public' });
const ARCHIVED = aProject({ archivedAt: LONG_AGO });
const ELSEWHERE: Actor = {
  kind: 'deploy-token',
  token: aDeployToken({ projectId: 2, scopes: ['read_repository'] }),
};

function developerWith(...scopes: AccessTokenScope[]): Actor {
  return userWho('developer', { accessToken: anAccessToken({ scopes }) });
}

/** The code of the refusal and the beginning of what the holder reads; `-` for none. */
function refusal(actor: Actor, action: GitAction, project: Project | null): string {
  const error = gitRefusal(actor, action, project);
  return error === null ? '-' : `${error.code}: ${error.message}`;
}

describe('gitRefusal', () => {
  const CASES: readonly (readonly [string, Actor, GitAction, Project, string])[] = [
    ['anonymous visitors', ANONYMOUS, 'fetch', PUBLIC, '-'],
    ['anonymous visitors', ANONYMOUS, 'fetch', aProject(), 'invalid_credentials: '],
    ['anonymous visitors', ANONYMOUS, 'push', PUBLIC, 'invalid_credentials: '],
    ['a deploy token', tokenWith('read_repository'), 'fetch', aProject(), '-'],
    ['a deploy token', tokenWith('read_repository'), 'fetch', ARCHIVED, '-'],
    [
      'a deploy token',
      tokenWith('read_repository'),
      'push',
      aProject(),
      'forbidden: A deploy token only reads',
    ],
    [
      'a deploy token for images',
      tokenWith('read_registry'),
      'fetch',
      aProject(),
      'forbidden: This deploy token has no read_repository scope',
    ],
    ['a deploy token of another project', ELSEWHERE, 'fetch', aProject(), 'not_found: '],
    ['a deploy token of another project', ELSEWHERE, 'push', aProject(), 'not_found: '],
    ['a deploy token of another project', ELSEWHERE, 'fetch', PUBLIC, '-'],
    ['an outsider', userWho(null), 'fetch', aProject(), 'not_found: '],
    ['an outsider', userWho(null), 'push', PUBLIC, 'forbidden: You are not allowed'],
    ['a guest', userWho('guest'), 'fetch', aProject(), 'not_found: '],
    ['a reporter', userWho('reporter'), 'fetch', aProject(), '-'],
    ['a reporter', userWho('reporter'), 'push', aProject(), 'forbidden: You are not allowed'],
    ['a developer', userWho('developer'), 'push', aProject(), '-'],
    ['a developer', userWho('developer'), 'push', ARCHIVED, 'forbidden: This project is archived'],
    [
      'a developer with read_repository',
      developerWith('read_repository'),
      'fetch',
      aProject(),
      '-',
    ],
    [
      'a developer with read_repository',
      developerWith('read_repository'),
      'push',
      aProject(),
      'forbidden: You are not allowed',
    ],
    [
      'a developer with write_repository',
      developerWith('write_repository'),
      'push',
      aProject(),
      '-',
    ],
    [
      'a developer with read_registry',
      developerWith('read_registry'),
      'fetch',
      aProject(),
      'forbidden: This personal access token has no read_repository scope',
    ],
    ['an administrator', anAdmin(), 'push', aProject(), '-'],
    ['the operator', OPERATOR, 'push', aProject(), '-'],
  ];

  for (const [who, actor, action, project, expected] of CASES) {
    const kind = project.archivedAt === null ? project.visibility : 'archived';

    it(`answers ${who} about a ${action} of a ${kind} project with: ${expected}`, () => {
      const answer = refusal(actor, action, project);

      expect(expected === '-' ? answer : answer.slice(0, expected.length)).to.equal(expected);
    });
  }

  // A private project and one that does not exist look the same, to whoever asks.
  for (const [who, actor] of [
    ['anonymous visitors', ANONYMOUS],
    ['an outsider', userWho(null)],
    ['a guest', userWho('guest')],
    ['a deploy token of another project', ELSEWHERE],
  ] as const) {
    for (const action of ['fetch', 'push'] as const) {
      it(`tells ${who} the same about a ${action} of a hidden project and of none`, () => {
        expect(refusal(actor, action, aProject())).to.equal(refusal(actor, action, null));
        expect(refusal(actor, action, null)).not.to.equal('-');
      });
    }
  }
});
