import { expect } from 'chai';
import {
  isPath,
  isVisibility,
  namespaceOf,
  projectPathProblem,
} from '../../../src/access/project.js';

describe('projectPathProblem', () => {
  for (const path of [
    'tanuki/awesome_project',
    'Tanuki/Awesome_Project',
    'group/sub/app',
    '1/2',
    'a.b/c-d/e__f',
    'tanuki/api',
    'tanuki/token/users',
    'tokens/app',
    'my-api/app',
    `a/${'b'.repeat(253)}`,
  ]) {
    it(`finds nothing wrong with ${path.slice(0, 40)}`, () => {
      expect(projectPathProblem(path)).to.equal(null);
    });
  }

  const WRONG = [
    ['', 'two components'],
    ['tanuki', 'two components'],
    ['tanuki/', 'letters and digits'],
    ['/tanuki', 'letters and digits'],
    ['tanuki//app', 'letters and digits'],
    ['tanuki/app/', 'letters and digits'],
    ['tanuki/../app', 'letters and digits'],
    ['tanuki/./app', 'letters and digits'],
    ['tanuki/-/app', 'letters and digits'],
    ['-tanuki/app', 'letters and digits'],
    ['.tanuki/app', 'letters and digits'],
    ['tanuki/app-', 'letters and digits'],
    ['tanuki/a..b', 'letters and digits'],
    ['tanuki/a b', 'letters and digits'],
    ['tanuki/app\n', 'letters and digits'],
    ['tanuki/a:b', 'letters and digits'],
    ['tanuki/äpp', 'letters and digits'],
    // The Kelvin sign, whose lower case is an ASCII k.
    ['tanu\u212ai/app', 'letters and digits'],
    ['tanuki%2fapp/web', 'letters and digits'],
    ['tanuki/app.git', '.git'],
    ['tanuki/APP.GIT', '.git'],
    ['tanuki/app.git/web', '.git'],
    [`a/${'b'.repeat(254)}`, '255 characters'],
  ] as const;

  for (const [path, expected] of WRONG) {
    it(`says of ${JSON.stringify(path).slice(0, 40)} something about ${expected}`, () => {
      expect(projectPathProblem(path)).to.contain(expected);
    });
  }

  for (const first of ['api', 'users', 'admin', 'token', 'jwt', 'assets', 'v1', 'v2', 'health']) {
    it(`keeps ${first}/ for Pullgate itself, in whatever case`, () => {
      expect(projectPathProblem(`${first}/app`)).to.contain(`start with ${first}/`);
      expect(projectPathProblem(`${first.toUpperCase()}/app`)).to.contain(`start with ${first}/`);
    });
  }
});

describe('isPath', () => {
  it('takes what was allowed before, reserved or deep', () => {
    for (const path of ['tanuki', 'admin/app', Array(30).fill('a').join('/')]) {
      expect(isPath(path), path).to.equal(true);
    }
  });

  it('refuses what never was a path', () => {
    for (const path of ['', 'a//b', '/a', 'a b/c', 'ä/b']) {
      expect(isPath(path), path).to.equal(false);
    }
  });
});

describe('namespaceOf', () => {
  it('is the path in lower case', () => {
    expect(namespaceOf('Tanuki/Awesome_Project')).to.equal('tanuki/awesome_project');
  });
});

describe('isVisibility', () => {
  for (const [text, expected] of [
    ['private', true],
    ['internal', true],
    ['public', true],
    ['Public', false],
    ['secret', false],
    ['', false],
  ] as const) {
    it(`says ${expected} to ${JSON.stringify(text)}`, () => {
      expect(isVisibility(text)).to.equal(expected);
    });
  }
});
