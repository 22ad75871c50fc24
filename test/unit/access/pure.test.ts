import { readdir } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { resolve } from 'node:path';
import { expect } from 'chai';

const FOLDER = 'dist/src/access';

describe('src/access', () => {
  // Not least, so that a file without any test counts when the coverage of this folder is measured.
  it('holds functions and data that do not change, and nothing else', async () => {
    const files = (await readdir(FOLDER)).filter((name) => name.endsWith('.js'));

    expect(files).to.include('permissions.js');
    for (const file of files) {
      const exports: unknown = await import(pathToFileURL(resolve(FOLDER, file)).href);
      for (const [name, value] of Object.entries(exports ?? {})) {
        const isPlain = ['function', 'string', 'number'].includes(typeof value);
        expect(isPlain || /^[A-Z_]+$/.test(name), `${file}: ${name}`).to.equal(true);
      }
    }
  });
});
