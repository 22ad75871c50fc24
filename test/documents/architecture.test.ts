import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { expect } from 'chai';

const ROOT = join(import.meta.dirname, '..', '..', '..');
/** The line for what every folder may import, and the one for what imports nothing. */
const EVERYBODY = 'every folder may import';
const NOTHING = 'nothing of these';

describe('the picture in ARCHITECTURE.md', () => {
  it('has an arrow for each import between folders, and none for an import that there is not', async () => {
    const { arrows, shared } = readPicture(await readFile(join(ROOT, 'ARCHITECTURE.md'), 'utf8'));

    const imports = await importsBetweenParts();

    const expected = imports
      .filter(([, to]) => !shared.has(to))
      .map(([from, to]) => `${from} ► ${to}`);
    expect(arrows.toSorted()).to.deep.equal([...new Set(expected)].toSorted());
  });

  it('says so when an arrow is missing or drawn in vain', () => {
    const { arrows, shared } = readPicture(
      '```\na ──► b, c\nb, c ► nothing of these\n\nevery folder may import ► d\n```',
    );

    expect(arrows).to.deep.equal(['a ► b', 'a ► c']);
    expect([...shared]).to.deep.equal(['d']);
  });
});

function readPicture(page: string): { readonly arrows: string[]; readonly shared: Set<string> } {
  const picture = /```\n(?<lines>[^`]*►[^`]*)```/.exec(page)?.groups?.['lines'] ?? '';
  const rows = picture
    .split('\n')
    .filter((line) => line.includes('►'))
    .map((line) => line.split(/\s*─*►\s*/))
    .map(([from = '', to = '']) => ({ from: from.trim(), to: to.split(', ') }));
  return {
    arrows: rows
      .filter(({ from, to }) => from !== EVERYBODY && !to.includes(NOTHING) && from !== 'access')
      .flatMap(({ from, to }) => to.map((name) => `${from} ► ${name}`)),
    shared: new Set(rows.find(({ from }) => from === EVERYBODY)?.to),
  };
}

/** From and to: a folder of src, or a file that lies beside them. */
async function importsBetweenParts(): Promise<[string, string][]> {
  const imports: [string, string][] = [];
  const files = await readdir(join(ROOT, 'src'), { recursive: true });
  for (const file of files.filter((name) => /\.tsx?$/.test(name))) {
    const text = await readFile(join(ROOT, 'src', file), 'utf8');
    for (const [, path = ''] of text.matchAll(/(?:from|import\() ?'(\.[^']+)'/g)) {
      const [from, to] = [partOf(file), partOf(normalize(join(dirname(file), path)))];
      if (from !== to) {
        imports.push([from, to]);
      }
    }
  }
  return imports;
}

function partOf(file: string): string {
  const [first = ''] = file.split('/');
  return first.replace(/\.[jt]sx?$/, '');
}
