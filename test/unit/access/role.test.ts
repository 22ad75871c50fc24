import { expect } from 'chai';
import { parseRole, ROLE_LEVELS, roleOfLevel, ROLES } from '../../../src/access/role.js';

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

describe('roleOfLevel', () => {
  it('is the role of each level', () => {
    expect(ROLES.map((role) => roleOfLevel(ROLE_LEVELS[role]))).to.deep.equal(ROLES);
  });

  // GitLab has more: 5 is minimal access, 60 an administrator of the instance.
  for (const level of [0, 5, 15, 60, -10, 10.5, Number.NaN]) {
    it(`is null for ${level}`, () => {
      expect(roleOfLevel(level)).to.equal(null);
    });
  }
});
