import { expect } from 'chai';
import { ANONYMOUS, type Actor } from '../../../src/access/actor.js';
import { mayFreePath } from '../../../src/access/path-return.js';
import { aProject, anAdmin, byAccessToken, tokenWith, userWho } from '../../support/build.js';

describe('mayFreePath', () => {
  const CASES: readonly (readonly [string, Actor, ReturnType<typeof mayFreePath>])[] = [
    ['nobody', ANONYMOUS, null],
    ['a deploy token', tokenWith('read_registry'), null],
    ['a maintainer', userWho('maintainer'), null],
    ['an owner', userWho('owner'), 'if_empty'],
    [
      'an owner who shows read_api',
      userWho('owner', { credential: byAccessToken({ scopes: ['read_api'] }) }),
      null,
    ],
    ['an administrator', anAdmin(), 'at_once'],
  ];
  for (const [who, actor, expected] of CASES) {
    it(`lets ${who} give a path back: ${expected}`, () => {
      expect(mayFreePath(actor, aProject())).to.equal(expected);
    });
  }
});
