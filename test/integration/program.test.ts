import { cp, readFile, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { ownVersion } from '../../src/version.js';
import { run, temporaryFolder, type TemporaryFolder } from '../support/run.js';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const MAIN = join(ROOT, 'dist', 'src', 'main.js');

describe("the program's first line", () => {
  let interpreter: string;

  before(async () => {
    const [first = ''] = (await readFile(MAIN, 'utf8')).split('\n', 1);
    interpreter = first.replace(/^#!/, '');
  });

  it('runs it, with options that this node knows', async () => {
    // As the kernel does: all after the first blank is one argument.
    const [, env = '', options = ''] = /^(\S+) (.*)$/.exec(interpreter) ?? [];

    const result = await run(env, [options, MAIN, '--version']);

    expect(result).to.include({ code: 0, stderr: '', stdout: `${ownVersion()}\n` });
  });

  it('has the same options of node as the systemd unit', async () => {
    const unit = await readFile(join(ROOT, 'deploy', 'systemd', 'pullgate.service'), 'utf8');
    const command = /^ExecStart=(.*)$/m.exec(unit)?.[1] ?? '';

    expect(optionsIn(interpreter)).not.to.deep.equal([]);
    expect(optionsIn(command)).to.deep.equal(optionsIn(interpreter));
  });
});

describe('the image, which leaves the quickstart out', () => {
  let folder: TemporaryFolder;

  before(async () => {
    folder = await temporaryFolder('pullgate-image-');
    await cp(join(ROOT, 'dist', 'src'), join(folder.path, 'dist', 'src'), { recursive: true });
    await rm(join(folder.path, 'dist', 'src', 'quickstart'), { recursive: true });
    await cp(join(ROOT, 'package.json'), join(folder.path, 'package.json'));
    await symlink(join(ROOT, 'node_modules'), join(folder.path, 'node_modules'));
  });

  after(async () => {
    await folder.remove();
  });

  it('is built so', async () => {
    const dockerfile = await readFile(join(ROOT, 'Dockerfile'), 'utf8');

    expect(dockerfile).to.include('rm -r dist/src/quickstart');
  });

  it('has every module that `serve` imports', async () => {
    const imported = pathToFileURL(join(folder.path, 'dist', 'src', 'process', 'serve.js')).href;

    const result = await run(process.execPath, [
      '-e',
      `await import(${JSON.stringify(imported)})`,
      '--input-type=module',
    ]);

    expect(result).to.include({ code: 0, stderr: '' });
  });

  it('says where the quickstart is', async () => {
    const main = join(folder.path, 'dist', 'src', 'main.js');

    const { code, stderr } = await run(process.execPath, [main, 'quickstart']);

    expect(code).to.equal(1);
    expect(stderr).to.equal(
      'pullgate: quickstart runs from a checkout of the repository: `npm start` there.\n',
    );
  });
});

function optionsIn(command: string): string[] {
  return command.split(' ').filter((word) => word.startsWith('--'));
}
