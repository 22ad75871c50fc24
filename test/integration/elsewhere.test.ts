import { chown, lstat, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { expect } from 'chai';
import { definedWhere, IS_ROOT } from '../support/defined-where.js';
import { pullgate } from '../support/pullgate-process.js';
import { temporaryFolder, type RunResult, type TemporaryFolder } from '../support/run.js';

/** A user of no name, for whom root makes something. */
const OWNER = { uid: 12_345, gid: 12_346 };

describe('the command line in a folder where nothing is', () => {
  let scratch: TemporaryFolder;

  beforeEach(async () => {
    scratch = await temporaryFolder('pullgate-elsewhere');
  });

  afterEach(async () => {
    await scratch.remove();
  });

  for (const args of [
    ['project', 'list'],
    ['project', 'create', 'tanuki/app'],
    ['deploy-token', 'revoke', '4'],
    ['audit', 'export'],
    ['keys', 'show'],
    ['keys', 'rotate'],
    ['registry-config'],
  ]) {
    it(`${args.join(' ')} fails, says what to do, and makes nothing`, async () => {
      const { code, stdout, stderr } = await pullgate(args, { cwd: scratch.path });

      expect(code).to.equal(1);
      expect(stdout).to.equal('');
      expect(stderr).to.match(/^pullgate: There is no .*\n$/);
      expect(stderr).to.include(scratch.path).and.to.include('PULLGATE_CONFIG');
      expect(await readdir(scratch.path)).to.deep.equal([]);
    });
  }

  it('finds what a configuration file says, from wherever it is run', async () => {
    const home = join(scratch.path, 'srv', 'pull gate');
    const elsewhere = join(scratch.path, 'elsewhere');
    const env = { PULLGATE_CONFIG: join(home, 'config', 'pullgate.yml') };
    await mkdir(join(home, 'config'), { recursive: true });
    await mkdir(elsewhere);
    await writeFile(env.PULLGATE_CONFIG, 'registry: { host: registry.example.com }\n');
    await done(pullgate(['migrate'], { cwd: home, env }));
    await done(pullgate(['keys', 'create'], { cwd: elsewhere, env }));
    await done(pullgate(['project', 'create', 'tanuki/app'], { cwd: elsewhere, env }));

    const list = await done(pullgate(['project', 'list'], { cwd: home, env }));

    expect(list).to.include('tanuki/app');
    expect(await readdir(home)).to.have.members(['config', 'certs', 'data']);
    expect(await readdir(elsewhere)).to.deep.equal([]);
    expect(await done(pullgate(['registry-config'], { cwd: elsewhere, env }))).to.include(
      `rootcertbundle: ${join(home, 'certs', 'ca.crt')}`,
    );
  });

  definedWhere(IS_ROOT, { tests: 'files that root leaves to others', need: 'root' }, () => {
    it('run by root, leaves every file to the owner of the folder around it', async () => {
      await chown(scratch.path, OWNER.uid, OWNER.gid);
      for (const args of [
        ['migrate'],
        ['keys', 'create'],
        ['keys', 'rotate'],
        ['project', 'create', 'tanuki/app'],
      ]) {
        await done(pullgate(args, { cwd: scratch.path }));
      }

      const made = await readdir(scratch.path, { recursive: true });

      expect(made).to.include.members(['certs/ca.key', 'data/git/1.git/HEAD', 'data/pullgate.db']);
      for (const path of made) {
        const { uid, gid } = await lstat(resolve(scratch.path, path));
        expect({ uid, gid }, path).to.deep.equal(OWNER);
      }
    });
  });
});

async function done(running: Promise<RunResult>): Promise<string> {
  const { code, stdout, output } = await running;
  expect(code, output).to.equal(0);
  return stdout;
}
