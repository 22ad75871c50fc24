import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { repairHeads } from '../../src/repositories/head.js';
import { newMember } from '../doors/app-data.js';
import {
  cloneUrl,
  history,
  importInto,
  newGitClient,
  type GitClient,
} from '../support/git-client.js';
import { withApp } from '../support/with-app.js';
import type { Login } from '../support/token-client.js';
import { codeToken, emptyProject, type StoredProject } from './git-data.js';

const A_FILE = join('folder', 'file-1.txt');

/** The fault: HEAD stayed at `main`, and a clone of anything else came out empty, with exit code 0. */
describe('the branch that a clone checks out', () => {
  const app = withApp();
  let client: GitClient;
  let stored: StoredProject;
  let developer: Login;
  let token: Login;

  beforeEach(async () => {
    client = await newGitClient();
    stored = await emptyProject(app);
    developer = (await newMember(app, stored.project, 'developer')).login;
    token = await codeToken(app, stored.project);
  });

  afterEach(async () => {
    await client.remove();
  });

  function address(login: Login): string {
    return cloneUrl(app.origin, `${stored.project.path}.git`, login);
  }

  /** A bare repository with these branches. */
  async function old(...branches: readonly string[]): Promise<void> {
    await client.git(['init', '--quiet', '--bare', 'old.git']);
    const streams = branches.map((branch) => history({ branch, commits: 1 }));
    await importInto(join(client.folder, 'old.git'), Buffer.concat(streams));
  }

  async function push(...references: readonly string[]): Promise<void> {
    await client.git(['push', '--quiet', address(developer), ...references], { in: 'old.git' });
  }

  async function clonedBranch(): Promise<string> {
    await client.git(['clone', '--quiet', address(token), 'clone']);
    expect(existsSync(join(client.folder, 'clone', A_FILE))).to.equal(true);
    return await client.git(['branch', '--show-current'], { in: 'clone' });
  }

  async function head(): Promise<string> {
    return await readFile(join(stored.repository, 'HEAD'), 'utf8');
  }

  const cases: readonly (readonly [string, readonly string[], readonly string[], string])[] = [
    ['master, pushed into a new project', ['master'], ['master'], 'master'],
    ['master, of a mirrored repository', ['dev', 'master', 'x'], ['--mirror'], 'master'],
    ['main before master', ['main', 'master'], ['--all'], 'main'],
    ['the first that was pushed', ['alpha', 'zeta'], ['zeta', 'alpha'], 'zeta'],
  ];
  for (const [title, branches, references, expected] of cases) {
    it(`is ${title}`, async () => {
      await old(...branches);

      await push(...references);

      expect(await clonedBranch()).to.equal(expected);
    });
  }

  it('stays as it is when others are pushed, and follows when its own is pushed later', async () => {
    await old('main', 'master');
    await push('master');
    await push('main');

    expect(await head()).to.equal('ref: refs/heads/master\n');
  });

  it('is found when what was pushed before was no branch', async () => {
    await old('dev');
    await push('dev:refs/tags/v1');
    expect(await head()).to.equal('ref: refs/heads/main\n');

    await push('dev');

    expect(await clonedBranch()).to.equal('dev');
  });

  it('is found at the next start in repositories that were pushed to before', async () => {
    await importInto(stored.repository, history({ branch: 'trunk', commits: 1 }));

    await repairHeads(join(app.folder, 'git'), process.env['PATH'] ?? '');

    expect(await clonedBranch()).to.equal('trunk');
  });
});
