import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { withLie } from '../support/markdown.js';
import { permissionsPageDifferences } from './permissions-page.js';

describe('docs/permissions.md', () => {
  let page: string;

  before(async () => {
    page = await readFile('docs/permissions.md', 'utf8');
  });

  it('says what the code does', () => {
    expect(permissionsPageDifferences(page)).to.deep.equal([]);
  });

  it('is caught at every cell that says something else', () => {
    const lines = page.split('\n');
    let lies = 0;
    for (const [number, line] of lines.entries()) {
      const cells = line.split('|');
      const isHeading = lines[number + 1]?.startsWith('| -') ?? false;
      if (!line.startsWith('| ') || line.startsWith('| -') || isHeading) {
        continue;
      }
      for (let index = 1; index < cells.length - 1; index += 1) {
        const lie = cells[index]?.trim() === 'yes' ? ' – ' : ' yes ';
        const wrong = lines.with(number, cells.with(index, lie).join('|')).join('\n');
        expect(permissionsPageDifferences(wrong), `${line}: ${index}`).not.to.deep.equal([]);
        lies += 1;
      }
    }
    expect(lies).to.equal(9 * 9 + 6 * 2 + 4 * 4);
  });

  it('is caught without a row, without a column and with one too many', () => {
    for (const wrong of [
      page.replace(/^\| delete images.*\n/m, ''),
      page.replace(/^\| `read_api`.*\n/m, ''),
      page.replace(/^- `archived`.*\n/m, ''),
      page.replace('| guest |', '| guest, visitor |'),
      withLie(page, '| clone, git push ', '| clone, git push, delete images '),
    ]) {
      expect(permissionsPageDifferences(wrong)).not.to.deep.equal([]);
    }
  });
});
