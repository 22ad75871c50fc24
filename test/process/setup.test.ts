import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { run, temporaryFolder, type TemporaryFolder } from '../support/run.js';

const SCRIPTS = join(import.meta.dirname, '..', '..', '..', 'scripts');
/** Stands for the compiler, and says where it was started. */
const COMPILER = "require('node:fs').writeFileSync('compiled', process.cwd());";

describe('scripts/setup.mjs', () => {
  let scratch: TemporaryFolder;

  before(async () => {
    scratch = await temporaryFolder('pullgate-setup');
  });

  after(async () => {
    await scratch.remove();
  });

  for (const name of ['plain', 'a b', "it's 100%25 #1 ü"]) {
    it(`compiles a checkout in a folder called ${name}`, async () => {
      const checkout = await checkoutIn(join(scratch.path, name));
      const script = "import('./scripts/setup.mjs').then(({ setUpToStart }) => setUpToStart())";

      const { code, output } = await run(process.execPath, ['-e', script], { cwd: checkout });

      expect(code, output).to.equal(0);
      expect(await readFile(join(checkout, 'compiled'), 'utf8')).to.equal(checkout);
    });
  }
});

/** With the scripts alone, and every package installed that its lock file names: none. */
async function checkoutIn(folder: string): Promise<string> {
  const compiler = join(folder, 'node_modules', 'typescript', 'bin');
  await mkdir(compiler, { recursive: true });
  await cp(SCRIPTS, join(folder, 'scripts'), { recursive: true });
  await writeFile(join(folder, 'package-lock.json'), '{"packages":{}}');
  await writeFile(join(folder, 'node_modules', '.package-lock.json'), '{"packages":{}}');
  await writeFile(join(compiler, 'tsc'), COMPILER);
  return folder;
}
