import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { newAdministrator } from '../api/api-client.js';
import { newMember, type NewUser } from '../doors/app-data.js';
import { definedWhere } from '../support/defined-where.js';
import { cloneUrl, newGitClient, type GitClient } from '../support/git-client.js';
import { run } from '../support/run.js';
import { startApp, type TestApp } from '../support/start-app.js';
import { send } from '../support/token-client.js';
import { projectWithCode, type StoredProject } from './git-data.js';
import { putOf } from './lfs-data.js';

const MEGABYTE = 1024 * 1024;
const DISK_MEGABYTES = 4;
const NO_ROOM = 'There is no room left for git repositories';

const WHAT = { tests: 'a full disk of git.root', need: 'the right to mount' };

definedWhere(canMount(), WHAT, () => {
  describe('a full disk of git.root', () => {
    let disk: string;
    let app: TestApp;
    let client: GitClient;
    let stored: StoredProject;
    let developer: NewUser;

    before(async () => {
      disk = await mkdtemp(join(tmpdir(), 'pullgate-disk-'));
      const tmpfs = ['-t', 'tmpfs', '-o', `size=${DISK_MEGABYTES}m`, 'pullgate-git', disk];
      expect((await run('mount', tmpfs)).code).to.equal(0);
      app = await startApp({ env: { PULLGATE_GIT_ROOT: join(disk, 'git') } });
      client = await newGitClient();
      stored = await projectWithCode(app);
      developer = await newMember(app, stored.project, 'developer');
      await client.git(['clone', '--quiet', '--no-local', `file://${stored.repository}`, 'copy']);
      await writeFile(join(client.folder, 'copy', 'file'), 'text');
      await client.git(['add', 'file'], { in: 'copy' });
      await client.git(['commit', '--quiet', '--message', 'one'], { in: 'copy' });
    });

    after(async () => {
      await client?.remove();
      await app?.stop();
      await run('umount', ['--lazy', disk]);
      await rm(disk, { recursive: true, force: true });
    });

    beforeEach(fill);
    afterEach(async () => await rm(join(disk, 'filler'), { force: true }));

    /** Until not a byte fits. */
    async function fill(): Promise<void> {
      const all = Buffer.alloc(DISK_MEGABYTES * MEGABYTE);
      await writeFile(join(disk, 'filler'), all).catch((error: unknown) => {
        expect(String(error)).to.contain('ENOSPC');
      });
    }

    async function push(): ReturnType<GitClient['run']> {
      const url = cloneUrl(app.origin, `${stored.project.path}.git`, developer.login);
      return await client.run(['push', url, 'HEAD:refs/heads/full'], { in: 'copy' });
    }

    it('is told to who makes a project, as 507 with a sentence, and leaves nothing behind', async () => {
      const admin = await newAdministrator(app);

      const full = await admin.post('/projects', { path: 'tanuki/full' });
      await rm(join(disk, 'filler'));
      const again = await admin.post('/projects', { path: 'tanuki/full' });

      expect(full.status).to.equal(507);
      expect(full.text).to.contain(NO_ROOM);
      expect(again.status).to.equal(201);
    });

    it('is told to who pushes, and the push succeeds once there is room', async () => {
      const full = await push();
      await rm(join(disk, 'filler'));
      const again = await push();

      expect(full.code).not.to.equal(0);
      expect(full.output).to.match(/No space left on device|no room left for git/);
      expect(again.code, again.output).to.equal(0);
    });

    it('is told to who sends a Git LFS object, as 507, and leaves nothing behind', async () => {
      const content = randomBytes(MEGABYTE);

      const full = await send(app.origin, putOf(stored, developer.login, content));
      await rm(join(disk, 'filler'));
      const left = await readdir(join(stored.repository, 'lfs', 'incoming')).catch(() => []);
      const again = await send(app.origin, putOf(stored, developer.login, content));

      expect(full.status).to.equal(507);
      expect(full.text).to.contain(NO_ROOM);
      expect(left).to.deep.equal([]);
      expect(again.status).to.equal(200);
    });
  });
});

function canMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'pullgate-mount-'));
  const { status } = spawnSync('mount', ['-t', 'tmpfs', 'pullgate-trial', folder]);
  if (status === 0) {
    spawnSync('umount', [folder]);
  }
  rmdirSync(folder);
  return status === 0;
}
