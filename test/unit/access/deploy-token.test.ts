import { expect } from 'chai';
import {
  dayOf,
  defaultDeployTokenUsername,
  deployTokenStatus,
  isDeployTokenKind,
  isDeployTokenScope,
  isDeployTokenUsername,
  isSameOwner,
  looksGenerated,
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
    ['suspended', 'that was suspended', { suspendedAt: LONG_AGO }, BEFORE],
    ['expired', 'suspended, then expired', { suspendedAt: BEFORE, expiresAt: MIDNIGHT }, MIDNIGHT],
    ['revoked', 'suspended, then revoked', { suspendedAt: LONG_AGO, revokedAt: BEFORE }, BEFORE],
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

describe('isSameOwner', () => {
  const owners = [
    { kind: 'instance' },
    { kind: 'project', id: 1 },
    { kind: 'project', id: 2 },
    { kind: 'namespace', id: 1, path: 'tanuki' },
    { kind: 'namespace', id: 2, path: 'zoo' },
  ] as const;

  it('is true of an owner and itself alone', () => {
    for (const a of owners) {
      expect(owners.filter((b) => isSameOwner(a, b))).to.deep.equal([a]);
    }
  });
});

describe('looksGenerated', () => {
  it('is true of what Pullgate makes, in any case, and of nothing like it', () => {
    for (const username of [defaultDeployTokenUsername(7), 'Deploy-Token-123']) {
      expect(looksGenerated(username), username).to.equal(true);
    }
    for (const username of ['deploy-token-', 'deploy-token-7a', 'my-deploy-token-7', 'ci']) {
      expect(looksGenerated(username), username).to.equal(false);
    }
  });
});

describe('isDeployTokenKind', () => {
  it('knows those there are', () => {
    expect(['secret', 'federated', 'Secret', ''].filter(isDeployTokenKind)).to.deep.equal([
      'secret',
      'federated',
    ]);
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
