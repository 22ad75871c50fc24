import { readdir, readFile } from 'node:fs/promises';
import { expect } from 'chai';

const FOLDER = new URL('../../../../src/store/migrations/', import.meta.url);
const IMPORT = /(?:from |import |import\()'(?<source>[^'\n]+)'/g;

// What they import from elsewhere would change, some day, what a merged migration does.
describe('migrations', () => {
  it('import nothing but TypeORM and each other', async () => {
    const files = await readdir(FOLDER);
    const imports = await Promise.all(
      files.map(async (file) => {
        const text = await readFile(new URL(file, FOLDER), 'utf8');
        return Array.from(text.matchAll(IMPORT), ({ groups }) => `${file}: ${groups?.['source']}`);
      }),
    );

    const others = imports.flat().filter((each) => !/: (?:typeorm|\.\/[\w-]+\.js)$/.test(each));

    expect(imports.flat()).to.include('0001-initial.ts: typeorm');
    expect(others).to.deep.equal([]);
  });
});
