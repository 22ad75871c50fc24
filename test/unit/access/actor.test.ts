import { expect } from 'chai';
import {
  ANONYMOUS,
  credentialsExpireAt,
  credentialsOf,
  OPERATOR,
  operatorWho,
  subjectOf,
  type Actor,
} from '../../../src/access/actor.js';
import { isUsername } from '../../../src/access/user.js';
import { aDeployToken, byAccessToken, aUser, userWho } from '../../support/build.js';

const MIDNIGHT = new Date('2030-06-15T00:00:00Z');

describe('subjectOf', () => {
  const cases: readonly (readonly [string, Actor])[] = [
    ['', ANONYMOUS],
    ['operator:', OPERATOR],
    ['operator:ada', operatorWho('ada')],
    ['deploy-token:7', { kind: 'deploy-token', token: aDeployToken({ id: 7 }) }],
    ['ada', userWho(null)],
    ['ada', userWho(null, { credential: byAccessToken() })],
  ];

  for (const [expected, actor] of cases) {
    it(`names an actor that is ${actor.kind} ${JSON.stringify(expected)}`, () => {
      expect(subjectOf(actor)).to.equal(expected);
    });
  }

  // A maintainer calls a deploy token `root`, or like the deploy token of somebody else, so that
  // whoever reads the JWT or the log takes it for that one.
  for (const username of ['root', 'deploy-token-8', 'deploy-token:8', 'operator:', '']) {
    it(`names a deploy token by its id when its username is ${JSON.stringify(username)}`, () => {
      const subject = subjectOf({
        kind: 'deploy-token',
        token: aDeployToken({ id: 7, username }),
      });

      expect(subject).to.equal('deploy-token:7');
      expect(isUsername(subject)).to.equal(false);
    });
  }

  it('names a user who is called like a deploy token otherwise than the token', () => {
    const user = userWho(null, { user: aUser({ username: 'deploy-token-7' }) });

    expect(subjectOf(user)).not.to.equal(
      subjectOf({ kind: 'deploy-token', token: aDeployToken({ id: 7 }) }),
    );
  });

  it('names the operator as no user can be called', () => {
    expect(isUsername(subjectOf(OPERATOR))).to.equal(false);
    expect(isUsername(subjectOf(operatorWho('ada')))).to.equal(false);
  });

  for (const account of [
    undefined,
    '',
    '-rf',
    'two words',
    'line\nbreak',
    '\u202eada',
    'x'.repeat(65),
  ]) {
    it(`takes no account of the host from ${JSON.stringify(account)}`, () => {
      expect(operatorWho(account)).to.equal(OPERATOR);
    });
  }
});

describe('credentialsExpireAt', () => {
  const cases: readonly (readonly [string, Date | null, Actor])[] = [
    ['nobody in particular', null, ANONYMOUS],
    ['the operator', null, OPERATOR],
    ['a password', null, userWho('owner')],
    ['a deploy token without a date', null, { kind: 'deploy-token', token: aDeployToken() }],
    [
      'a deploy token with a date',
      MIDNIGHT,
      { kind: 'deploy-token', token: aDeployToken({ expiresAt: MIDNIGHT }) },
    ],
    [
      'a personal access token without a date',
      null,
      userWho('owner', { credential: byAccessToken() }),
    ],
    [
      'a personal access token with a date',
      MIDNIGHT,
      userWho('owner', { credential: byAccessToken({ expiresAt: MIDNIGHT }) }),
    ],
  ];

  for (const [title, expected, actor] of cases) {
    it(`is ${expected === null ? 'never' : 'that date'} for ${title}`, () => {
      expect(credentialsExpireAt(actor)).to.deep.equal(expected);
    });
  }
});

describe('credentialsOf', () => {
  const cases: readonly (readonly [string, Actor])[] = [
    ['This request', ANONYMOUS],
    ['This request', OPERATOR],
    ['This deploy token', { kind: 'deploy-token', token: aDeployToken() }],
    ['This account', userWho(null)],
    ['This personal access token', userWho(null, { credential: byAccessToken() })],
  ];

  for (const [expected, actor] of cases) {
    it(`calls what an actor that is ${actor.kind} shows: ${expected}`, () => {
      expect(credentialsOf(actor)).to.equal(expected);
    });
  }
});
