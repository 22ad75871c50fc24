import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { withLie } from '../support/markdown.js';
import { cliPageDifferences } from './cli-page.js';

describe('docs/cli.md', () => {
  let page: string;

  before(async () => {
    page = await readFile('docs/cli.md', 'utf8');
  });

  it('lists the commands of the program with their arguments and options', () => {
    expect(cliPageDifferences(page)).to.deep.equal([]);
  });

  for (const [what, truth, lie] of [
    ['a command that there is not', ' | unarchive PATH', ' | thaw PATH'],
    ['a command too few', ' | rotate', ''],
    ['a command twice', 'pullgate health', 'pullgate health\npullgate health'],
    ['an argument too many', 'list PATH | remove PATH USER', 'list PATH USER | remove PATH USER'],
    ['an argument too few', 'set PATH [--visibility LEVEL]', 'set [--visibility LEVEL]'],
    ['an option that there is not', ' [--display-name TEXT]', ' [--full-name TEXT]'],
    ['an option too few', ' [--rootcertbundle PATH]', ''],
    ['a value too few', '[--project PATH]', '[--project]'],
    ['a flag with a value', '[--migrate]', '[--migrate VERSION]'],
    ['a choice that there is not', 'private|internal|public', 'private|secret|public'],
    ['a needed option as one to leave', 'PATH --from DIR', 'PATH [--from DIR]'],
    ['an option to leave as a needed one', 'list [PATH] [--all]', 'list [PATH] --all'],
  ] as const) {
    it(`is caught telling of ${what}`, () => {
      expect(cliPageDifferences(withLie(page, truth, lie))).not.to.deep.equal([]);
    });
  }
});
