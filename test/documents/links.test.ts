import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { readDocuments } from '../support/documents.js';
import { withLie } from '../support/markdown.js';
import { decisionIndexDifferences, linkProblems, pathProblems } from './links.js';

const README = 'README.md';
const INDEX = 'docs/decisions/README.md';

describe('the documents', () => {
  let documents: ReadonlyMap<string, string>;
  let pictures: string[];

  before(async () => {
    documents = await readDocuments();
    const files = await readdir('docs', { recursive: true });
    pictures = files
      .filter((name) => /\.(?:png|svg|jpe?g|gif|webp)$/.test(name))
      .map((name) => join('docs', name));
  });

  it('show every picture that is kept, and link to what there is', () => {
    expect(pictures).to.have.length.above(2);
    expect(linkProblems(documents, pictures, existsSync)).to.deep.equal([]);
  });

  it('are caught keeping a picture that none shows, and linking to what is not there', () => {
    const page = documents.get(README) ?? '';
    const wrong = new Map([...documents, [README, `${page}\n[more](docs/more.md#end)\n`]]);

    expect(linkProblems(wrong, [...pictures, 'docs/new.png'], existsSync)).to.deep.equal([
      'no document shows docs/new.png',
      'README.md: there is no docs/more.md',
    ]);
  });

  it('name no file that is not there', () => {
    for (const [file, page] of documents) {
      expect(pathProblems(page, existsSync), file).to.deep.equal([]);
    }
    expect(pathProblems('`src/nothing.ts#find` and `src/main.ts`', existsSync)).to.deep.equal([
      'src/nothing.ts',
    ]);
  });

  it('list every decision with its title, in their order', () => {
    expect(decisionIndexDifferences(documents.get(INDEX) ?? '', documents)).to.deep.equal([]);
  });

  it('are caught listing a decision by another title, at another address, or not at all', () => {
    const index = documents.get(INDEX) ?? '';

    for (const wrong of [
      withLie(index, '2. `EntitySchema`, not decorators', '2. Decorators'),
      withLie(index, '0003-instants-as-milliseconds.md', '0003-instants.md'),
      index.replace(/^- \[4\. .*\n/m, ''),
      index.replace(/^(- \[5\. .*\n)(- .*\n)/m, '$2$1'),
    ]) {
      expect(decisionIndexDifferences(wrong, documents)).not.to.deep.equal([]);
    }
  });
});
