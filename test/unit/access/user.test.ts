import { expect } from 'chai';
import { isUsername, usernameKey } from '../../../src/access/user.js';

describe('isUsername', () => {
  for (const text of ['a', '0', 'ada', 'Ada.Lovelace', 'a_b-c.d', 'a'.repeat(255)]) {
    it(`takes ${text.slice(0, 40)}`, () => {
      expect(isUsername(text)).to.equal(true);
    });
  }

  for (const text of [
    '',
    '-a',
    '_a',
    '.a',
    'a b',
    'a:b',
    'deploy-token:7',
    'operator:',
    'a@b',
    'a+b',
    'a/b',
    'ä',
    'a\n',
    'a\0',
    'a'.repeat(256),
  ]) {
    it(`refuses ${JSON.stringify(text).slice(0, 40)}`, () => {
      expect(isUsername(text)).to.equal(false);
    });
  }
});

describe('usernameKey', () => {
  it('is the same for two spellings of one username', () => {
    expect([usernameKey('Ada'), usernameKey('aDA')]).to.deep.equal(['ada', 'ada']);
  });
});
