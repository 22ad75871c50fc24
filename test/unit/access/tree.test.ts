import { expect } from 'chai';
import { liesAtOrBelow, parentOf, pathsAbove } from '../../../src/access/tree.js';

describe('liesAtOrBelow', () => {
  const cases = [
    ['a/b', 'a/b', true],
    ['a/b/c', 'a/b', true],
    ['a/b-evil', 'a/b', false],
    ['a/bc', 'a/b', false],
    ['a', 'a/b', false],
    ['b/a/b', 'a/b', false],
  ] as const;

  for (const [path, above, expected] of cases) {
    it(`says ${expected ? 'yes' : 'no'} of ${path} and ${above}`, () => {
      expect(liesAtOrBelow(path, above)).to.equal(expected);
    });
  }
});

describe('pathsAbove', () => {
  it('are all of them, the top-level one first', () => {
    expect(pathsAbove('a/b/c')).to.deep.equal(['a', 'a/b']);
    expect(pathsAbove('a')).to.deep.equal([]);
  });
});

describe('parentOf', () => {
  it('is the path right above, null at the top', () => {
    expect(parentOf('a/b/c')).to.equal('a/b');
    expect(parentOf('a')).to.equal(null);
  });
});
