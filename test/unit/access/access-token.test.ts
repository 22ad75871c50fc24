import { expect } from 'chai';
import { isAccessTokenActive, isAccessTokenScope } from '../../../src/access/access-token.js';
import { anAccessToken, LONG_AGO } from '../../support/build.js';

const MIDNIGHT = new Date('2030-06-15T00:00:00Z');
const BEFORE = new Date('2030-06-14T23:59:59Z');

describe('isAccessTokenActive', () => {
  const cases = [
    [true, 'without a date', {}, MIDNIGHT],
    [true, 'before its date', { expiresAt: MIDNIGHT }, BEFORE],
    [false, 'on its date', { expiresAt: MIDNIGHT }, MIDNIGHT],
    [false, 'that was revoked', { revokedAt: LONG_AGO }, BEFORE],
    [false, 'revoked before its date', { revokedAt: LONG_AGO, expiresAt: MIDNIGHT }, BEFORE],
  ] as const;

  for (const [expected, title, overrides, now] of cases) {
    it(`says ${expected} of a token ${title}`, () => {
      expect(isAccessTokenActive(anAccessToken(overrides), now)).to.equal(expected);
    });
  }
});

describe('isAccessTokenScope', () => {
  for (const [text, expected] of [
    ['api', true],
    ['write_repository', true],
    ['sudo', false],
    ['API', false],
    ['', false],
  ] as const) {
    it(`says ${expected} to ${JSON.stringify(text)}`, () => {
      expect(isAccessTokenScope(text)).to.equal(expected);
    });
  }
});
