import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { ICONS } from '../../../src/web/parts/icons.js';

/** What names icons: the pages, and the gallery of what pages will show. */
const FOLDERS = ['src/web', 'test/gallery'];

describe('the icons of the pages', () => {
  it('are those that are used, and no others', () => {
    const text = FOLDERS.flatMap(sourcesIn).join('\n');

    const unused = Object.keys(ICONS).filter(
      (name) => !text.includes(`'${name}'`) && !text.includes(`"${name}"`),
    );

    expect(unused).to.deep.equal([]);
  });
});

function sourcesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name) && !name.endsWith('icons.ts'))
    .map((name) => readFileSync(join(folder, name), 'utf8'));
}
