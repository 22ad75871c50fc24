import { expect } from 'chai';
import { branchNameProblem } from '../../../src/access/branch-name.js';

describe('the name of a branch', () => {
  for (const name of ['main', 'release/1.2', 'käse', 'a@b', 'x'.repeat(255)]) {
    it(`may be ${name.slice(0, 20)}`, () => {
      expect(branchNameProblem(name)).to.equal(null);
    });
  }

  const refused = ['', '@', 'HEAD', '-x', 'a.', 'a..b', 'a@{1}', 'a b', 'a\nb', 'a~1', 'a:b', 'a*'];
  const components = ['/a', 'a/', 'a//b', '.a', 'a/.b', 'a.lock', 'a.lock/b', '../../etc/passwd'];
  for (const name of [...refused, ...components]) {
    it(`is not ${JSON.stringify(name)}`, () => {
      expect(branchNameProblem(name)).to.equal('A branch cannot have this name.');
    });
  }

  it('has an end', () => {
    expect(branchNameProblem('x'.repeat(256))).to.contain('255');
  });
});
