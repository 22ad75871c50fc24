import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { z } from 'zod';
import { readDocuments } from '../support/documents.js';
import { withLie } from '../support/markdown.js';
import { commandLines, usageProblem } from './command-lines.js';

/** Has a test of its own. */
const CLI_PAGE = 'docs/cli.md';

describe('the command lines in the documents', () => {
  let documents: ReadonlyMap<string, string>;

  before(async () => {
    documents = new Map([...(await readDocuments()), [CLI_PAGE, '']]);
  });

  it('are taken by the program', () => {
    const read = Array.from(documents, ([file, page]) => ({ file, lines: commandLines(page) }));

    expect(read.flatMap(({ lines }) => lines)).to.have.length.greaterThan(40);
    expect(read.find(({ file }) => file === 'README.md')?.lines).to.have.length.greaterThan(8);
    for (const { file, lines } of read) {
      for (const words of lines) {
        expect(usageProblem(words), `${file}: ${words.join(' ')}`).to.equal(null);
      }
    }
  });

  it('name npm scripts that there are', async () => {
    const { scripts } = z
      .object({ scripts: z.record(z.string(), z.string()) })
      .parse(JSON.parse(await readFile('package.json', 'utf8')));

    for (const [file, page] of documents) {
      for (const [, name = ''] of page.matchAll(/npm run (?:-\S+ )*([\w:]+)/g)) {
        expect(scripts, file).to.have.property(name);
      }
    }
  });

  for (const [file, truth, lie] of [
    ['README.md', '--name production --scopes', '--name production --scope'],
    ['README.md', 'ada --role developer', 'ada --role reader'],
    ['README.md', 'npm start -- --check', 'npm start -- --try'],
    ['docs/kubernetes.md', 'pullgate deploy-token revoke 1', 'pullgate deploy-token revoke web'],
    ['docs/kubernetes.md', '-- pullgate project list', '-- pullgate projects list'],
    ['docs/compose.md', 'pullgate pullgate project create', 'pullgate pullgate project make'],
    ['docs/git.md', 'adopt PATH --from DIR', 'adopt PATH --of DIR'],
    ['docs/registry.md', 'project free PATH', 'project free'],
  ] as const) {
    it(`are caught in ${file} with "${lie}"`, () => {
      const wrong = withLie(documents.get(file) ?? '', truth, lie);

      const problems = commandLines(wrong).map(usageProblem);

      expect(problems.filter((problem) => problem !== null)).to.have.length(1);
    });
  }
});
