import { expect } from 'chai';
import {
  dayOf,
  defaultDeployTokenUsername,
  deployTokenStatus,
  isDeployTokenScope,
  isDeployTokenUsername,
  startOfDay,
} from '../../../src/access/deploy-token.js';
import { aDeployToken, LONG_AGO } from '../../support/build.js';

const MIDNIGHT = new Date('2030-06-15T00:00:00Z');
const BEFORE = new Date('2030-06-14T23:59:59Z');

describe('deployTokenStatus', () => {
  const cases = [
    ['active', 'without a date', {}, MIDNIGHT],
    ['active', 'before its date', { expiresAt: MIDNIGHT }, BEFORE],
    ['expired', 'on its date', { expiresAt: MIDNIGHT }, MIDNIGHT],
    ['revoked', 'that was revoked', { revokedAt: LONG_AGO }, BEFORE],
    ['revoked', 'revoked, then expired', { revokedAt: BEFORE, expiresAt: MIDNIGHT }, MIDNIGHT],
    ['revoked', 'whose revocation lies ahead of our clock', { revokedAt: MIDNIGHT }, BEFORE],
  ] as const;

  for (const [status, title, overrides, now] of cases) {
    it(`calls a token ${title} ${status}`, () => {
      expect(deployTokenStatus(aDeployToken(overrides), now)).to.equal(status);
    });
  }
});

describe('isDeployTokenUsername', () => {
  for (const text of [
    'a',
    '-',
    '.',
    'deploy-token-7',
    'gitlab+deploy-token-7',
    'CI_Bot',
    'a'.repeat(255),
  ]) {
    it(`takes ${text.slice(0, 40)}`, () => {
      expect(isDeployTokenUsername(text)).to.equal(true);
    });
  }

  for (const text of [
    '',
    'a b',
    'a:b',
    'deploy-token:7',
    'a@b',
    'a/b',
    'ä',
    'a\n',
    'a\0',
    'a'.repeat(256),
  ]) {
    it(`refuses ${JSON.stringify(text).slice(0, 40)}`, () => {
      expect(isDeployTokenUsername(text)).to.equal(false);
    });
  }

  it('takes the default, which is made of the id', () => {
    expect(defaultDeployTokenUsername(7)).to.equal('deploy-token-7');
    expect(isDeployTokenUsername(defaultDeployTokenUsername(7))).to.equal(true);
  });
});

describe('isDeployTokenScope', () => {
  for (const [text, expected] of [
    ['read_registry', true],
    ['read_repository', true],
    ['write_registry', false],
    ['api', false],
    ['READ_REGISTRY', false],
    ['', false],
  ] as const) {
    it(`says ${expected} to ${JSON.stringify(text)}`, () => {
      expect(isDeployTokenScope(text)).to.equal(expected);
    });
  }
});

describe('dayOf', () => {
  for (const [instant, day] of [
    ['1970-01-01T00:00:00.000Z', 0],
    ['1970-01-01T23:59:59.999Z', 0],
    ['1969-12-31T23:59:59.999Z', -1],
    ['2031-05-01T12:00:00.000Z', 22_400],
  ] as const) {
    it(`is ${day} at ${instant}, and begins at midnight UTC`, () => {
      expect(dayOf(Date.parse(instant))).to.equal(day);
      expect(startOfDay(day).toISOString()).to.equal(`${instant.slice(0, 10)}T00:00:00.000Z`);
    });
  }
});
