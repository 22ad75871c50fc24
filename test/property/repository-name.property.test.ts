import { expect } from 'chai';
import * as fc from 'fast-check';
import { namespaceOf, projectPathProblem } from '../../src/access/project.js';
import { isRepositoryName, liesIn, prefixesOf } from '../../src/access/repository-name.js';
import { repositoryName, resourceName } from './arbitraries.js';

describe('prefixesOf', () => {
  it('gives exactly the beginnings of a name that end at a slash, and the name', () => {
    fc.assert(
      fc.property(repositoryName, (name) => {
        const beginnings = Array.from(name.matchAll(/\/|$/g), ({ index }) => name.slice(0, index));

        expect(prefixesOf(name)).to.deep.equal(beginnings);
      }),
    );
  });

  it('gives nothing for what is no repository name', () => {
    fc.assert(
      fc.property(resourceName, (name) => {
        fc.pre(!isRepositoryName(name));

        expect(prefixesOf(name)).to.deep.equal([]);
      }),
    );
  });

  it('agrees with the rule as it is written: the path itself, or the path, a slash and more', () => {
    const below = fc
      .tuple(repositoryName, fc.constantFrom('', '/', '-', '_', '.', '--'), repositoryName)
      .map(([path, between, more]) => ({ path, name: `${path}${between}${more}` }));
    const apart = fc.record({ path: repositoryName, name: repositoryName });

    fc.assert(
      fc.property(fc.oneof(below, apart), ({ path, name }) => {
        const isCovered = name === path || name.startsWith(`${path}/`);

        expect(prefixesOf(name).includes(path)).to.equal(isCovered);
        expect(liesIn(name, path)).to.equal(isCovered);
      }),
    );
  });
});

describe('liesIn', () => {
  it('is true of exactly the prefixes of a name, whatever is taken for one', () => {
    const anything = fc.oneof(repositoryName, resourceName);
    const ofTheName = anything.chain((name) =>
      fc.nat(name.length).map((end) => ({ name, namespace: name.slice(0, end) })),
    );
    const apart = fc.record({ name: anything, namespace: anything });

    fc.assert(
      fc.property(fc.oneof(ofTheName, apart), ({ name, namespace }) => {
        expect(liesIn(name, namespace)).to.equal(prefixesOf(name).includes(namespace));
      }),
    );
  });
});

describe('projectPathProblem', () => {
  it('finds nothing wrong only with paths whose namespace is a repository name', () => {
    fc.assert(
      fc.property(resourceName, (path) => {
        fc.pre(projectPathProblem(path) === null);
        const namespace = namespaceOf(path);

        expect(isRepositoryName(namespace)).to.equal(true);
        expect(prefixesOf(namespace)).to.include(namespace);
      }),
    );
  });

  it('judges a path without regard to case', () => {
    fc.assert(
      fc.property(repositoryName, (path) => {
        expect(projectPathProblem(path.toUpperCase())).to.equal(projectPathProblem(path));
      }),
    );
  });
});
