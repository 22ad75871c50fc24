import { join } from 'node:path';
import { expect } from 'chai';
import { run, temporaryFolder } from '../support/run.js';

const MAIN = join(import.meta.dirname, '..', '..', 'src', 'main.js');
const NAMES = ['one', 'two', 'three', 'four'];
const ROUNDS = 3;

describe('processes that start together in an empty folder', () => {
  it('make one database and one CA between them, and all do their work', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const folder = await temporaryFolder('pullgate-first-start-');
      const options = {
        cwd: folder.path,
        env: { PATH: process.env['PATH'] ?? '', HOME: folder.path },
      };

      const migrated = await Promise.all(
        NAMES.map(async () => await run(process.execPath, [MAIN, 'migrate'], options)),
      );
      const created = await Promise.all(
        NAMES.map(
          async (name) =>
            await run(process.execPath, [MAIN, 'project', 'create', `tanuki/${name}`], options),
        ),
      );
      const keys = await Promise.all(
        NAMES.map(
          async () => await run(process.execPath, [MAIN, 'keys', 'create', '--json'], options),
        ),
      );
      const list = await run(process.execPath, [MAIN, 'project', 'list'], options);
      await folder.remove();

      expect(migrated.map(({ code, stderr }) => `${code} ${stderr}`)).to.deep.equal(
        NAMES.map(() => '0 '),
      );
      expect(created.map(({ code, stderr }) => `${code} ${stderr}`)).to.deep.equal(
        NAMES.map(() => '0 '),
      );
      expect(keys.map(({ code, stderr }) => `${code} ${stderr}`)).to.deep.equal(
        NAMES.map(() => '0 '),
      );
      for (const name of NAMES) {
        expect(list.stdout).to.include(`tanuki/${name}`);
      }
    }
  });
});
