import { expect } from 'chai';
import * as fc from 'fast-check';
import { formatScope, parseScopes, type AccessEntry } from '../../src/access/scope.js';
import { codePoints, repositoryName, scopeParameters } from './arbitraries.js';

/** Any entry that can be written down: the name may hold anything but white space. */
const entry: fc.Arbitrary<AccessEntry> = fc.record({
  type: fc.stringMatching(/^[a-z0-9]{1,12}$/),
  name: fc.oneof(
    repositoryName,
    repositoryName.map((name) => `registry.example.com:5000/${name}`),
    codePoints({ minLength: 1 }).filter((text) => !/\s/.test(text)),
  ),
  actions: fc.uniqueArray(fc.oneof(fc.constant('*'), fc.stringMatching(/^[a-z]{1,8}$/)), {
    minLength: 1,
    maxLength: 5,
  }),
});

const entries = fc.uniqueArray(entry, {
  selector: ({ type, name }) => `${type}:${name}`,
  maxLength: 5,
});

describe('parseScopes', () => {
  it('reads back every scope that formatScope writes', () => {
    fc.assert(
      fc.property(entries, (all) => {
        expect(parseScopes(all.map(formatScope))).to.deep.equal(all);
        expect(parseScopes([all.map(formatScope).join(' ')])).to.deep.equal(all);
      }),
    );
  });

  it('merges into one entry for each resource, with each action once', () => {
    fc.assert(
      fc.property(scopeParameters, (values) => {
        const parsed = parseScopes(values);
        const resources = parsed.map(({ type, name }) => `${type}:${name}`);

        expect(new Set(resources).size).to.equal(resources.length);
        for (const { actions } of parsed) {
          expect(new Set(actions).size).to.equal(actions.length);
          expect(actions).not.to.deep.equal([]);
        }
      }),
    );
  });

  it('makes up no name and no action', () => {
    fc.assert(
      fc.property(scopeParameters, (values) => {
        const text = values.join(' ');

        for (const { type, name, actions } of parseScopes(values)) {
          expect(text).to.include(`:${name}:`);
          for (const part of [type, ...actions]) {
            expect(text).to.include(part);
          }
        }
      }),
    );
  });

  it('finds nothing new in what it has read', () => {
    fc.assert(
      fc.property(scopeParameters, (values) => {
        const parsed = parseScopes(values);

        expect(parseScopes(parsed.map(formatScope))).to.deep.equal(parsed);
      }),
    );
  });
});
