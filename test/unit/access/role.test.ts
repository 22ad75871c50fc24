import { expect } from 'chai';
import { parseRole, ROLE_LEVELS, ROLES } from '../../../src/access/role.js';

describe('parseRole', () => {
  const cases = [
    ['guest', 'guest'],
    ['reporter', 'reporter'],
    ['developer', 'developer'],
    ['maintainer', 'maintainer'],
    ['owner', 'owner'],
    ['Maintainer', 'maintainer'],
    ['OWNER', 'owner'],
    ['master', 'maintainer'],
    ['Master', 'maintainer'],
    ['', null],
    ['admin', null],
    ['40', null],
    [' guest', null],
    ['constructor', null],
  ] as const;

  for (const [text, expected] of cases) {
    it(`reads ${JSON.stringify(text)} as ${expected ?? 'no role'}`, () => {
      expect(parseRole(text)).to.equal(expected);
    });
  }
});

describe('ROLE_LEVELS', () => {
  it("are GitLab's access levels, from least to most", () => {
    expect(ROLES.map((role) => ROLE_LEVELS[role])).to.deep.equal([10, 20, 30, 40, 50]);
  });
});
