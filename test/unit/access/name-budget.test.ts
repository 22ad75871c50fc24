import { expect } from 'chai';
import { withinBudget } from '../../../src/access/name-budget.js';
import { parseScopes, type AccessEntry } from '../../../src/access/scope.js';

/** As many repositories as there is room for in a scope, and a few more. */
function named(count: number, components: number): AccessEntry[] {
  const above = 'a/'.repeat(components - 1);
  return parseScopes(
    Array.from({ length: count }, (_, i) => `repository:${above}${i.toString(36)}:pull`),
  );
}

describe('what is looked up for one request', () => {
  // 8 kB of scope hold 30 repositories of 126 components: 3 780 names to ask the database for, 22 ms of
  // CPU or sixty queries, by whoever may connect. Eight of these at once made each pull take half a
  // second. A project has twenty components at most, and nobody needs hundreds of names at a time.
  it('is a few hundred names, whatever is asked for', () => {
    const { prefixes, deepPrefixes, over } = withinBudget(named(30, 126));

    expect(prefixes.length + deepPrefixes.length).to.be.at.most(640);
    expect(prefixes).to.have.lengthOf(5 * 20);
    expect(over.size).to.equal(25);
  });

  it('is all that a mirror lists: 200 repositories of three components', () => {
    const { prefixes, deepPrefixes, over } = withinBudget(named(200, 3));

    expect(prefixes).to.have.lengthOf(600);
    expect(deepPrefixes).to.deep.equal([]);
    expect(over.size).to.equal(0);
  });

  it('has what lies deeper than new projects may by itself', () => {
    const { prefixes, deepPrefixes } = withinBudget(named(1, 22));

    expect(prefixes.at(-1)).to.equal(`${'a/'.repeat(19)}a`);
    expect(deepPrefixes).to.deep.equal([`${'a/'.repeat(20)}a`, `${'a/'.repeat(21)}0`]);
  });
});
