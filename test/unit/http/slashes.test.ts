import { expect } from 'chai';
import { collapseSlashes } from '../../../src/http/slashes.js';

describe('the slashes of an address', () => {
  const cases = [
    ['/a/b', '/a/b'],
    ['//a//b///c', '/a/b/c'],
    ['/a.git//info/refs?service=x', '/a.git/info/refs?service=x'],
    ['/token?scope=https://a//b', '/token?scope=https://a//b'],
    ['//?q=//', '/?q=//'],
    ['/a%2F%2Fb//c', '/a%2F%2Fb/c'],
    ['http://host//a', 'http://host//a'],
    ['*', '*'],
    ['', ''],
  ] as const;
  for (const [target, expected] of cases) {
    it(`of ${JSON.stringify(target)} are those of ${JSON.stringify(expected)}`, () => {
      expect(collapseSlashes(target)).to.equal(expected);
    });
  }
});
