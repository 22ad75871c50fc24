import { expect } from 'chai';
import {
  isRepositoryName,
  isRepositoryNameComponent,
  prefixesOf,
} from '../../../src/access/repository-name.js';

const COMPONENTS = ['a', '0', 'shop', 'a.b', 'a_b', 'a__b', 'a-b', 'a--b', 'a---b', 'a.b-c_d'];
const NO_COMPONENTS = [
  '',
  'A',
  '-a',
  'a-',
  '.a',
  'a.',
  '_a',
  'a_',
  'a..b',
  'a___b',
  'a._b',
  'a-.b',
  'a b',
  'a:b',
  'a@b',
  'a%2fb',
  'a\0b',
  'a\n',
  'ä',
  '\u212a',
  '..',
  '*',
];

describe('isRepositoryNameComponent', () => {
  for (const text of COMPONENTS) {
    it(`takes ${text}`, () => {
      expect(isRepositoryNameComponent(text)).to.equal(true);
    });
  }

  for (const text of [...NO_COMPONENTS, 'a/b']) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      expect(isRepositoryNameComponent(text)).to.equal(false);
    });
  }
});

describe('isRepositoryName', () => {
  for (const text of ['a', 'a/b', 'tanuki/awesome_project', 'a/b/c/d/e/f', 'a'.repeat(255)]) {
    it(`takes ${text.slice(0, 40)}`, () => {
      expect(isRepositoryName(text)).to.equal(true);
    });
  }

  for (const text of [
    ...NO_COMPONENTS,
    ...NO_COMPONENTS.map((component) => `a/${component}/b`),
    '/a',
    'a/',
    'localhost:5000/a',
    'a'.repeat(256),
  ]) {
    it(`refuses ${JSON.stringify(text).slice(0, 40)}`, () => {
      expect(isRepositoryName(text)).to.equal(false);
    });
  }
});

describe('prefixesOf', () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['a', ['a']],
    ['a/b', ['a', 'a/b']],
    ['a/b/c', ['a', 'a/b', 'a/b/c']],
    ['a/b-c/d', ['a', 'a/b-c', 'a/b-c/d']],
    ['a/B', []],
    ['a/b/', []],
    ['a/../b', []],
    ['host:5000/a/b', []],
    ['', []],
  ];

  for (const [name, expected] of cases) {
    it(`finds ${expected.join(' and ') || 'none'} for ${JSON.stringify(name)}`, () => {
      expect(prefixesOf(name)).to.deep.equal(expected);
    });
  }
});
