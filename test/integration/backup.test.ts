import { createHash } from 'node:crypto';
import { copyFile, mkdir, open, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { pullgate, startPullgate } from '../support/pullgate-process.js';
import { saysListening, startInstallation, type Installation } from '../support/installation.js';
import { run, runOrThrow, temporaryFolder } from '../support/run.js';
import { askByGet, type Login } from '../support/token-client.js';

const PROJECT = 'tanuki/awesome_project';
const PARTS = ['backup.json', 'certs', 'git', 'pullgate.db'];

describe('backup and restore', () => {
  let installation: Installation;
  let backup: string;

  beforeEach(async () => {
    installation = await startInstallation();
    backup = join(installation.folder, 'backup');
    await installation.addProject(PROJECT);
  });

  afterEach(async () => {
    await installation.stop();
  });

  async function statusOf(login: Login): Promise<number> {
    return (await askByGet(installation.origin, { login })).status;
  }

  it('keep tokens, keys and history, and what was there before the restore', async () => {
    const { folder, origin } = installation;
    const developer = await installation.addMemberWithToken('ada', PROJECT, 'developer');
    const writer = await installation.addAccessToken(
      { ...developer, username: 'ada' },
      'write_repository',
    );
    const token = await installation.addDeployToken(PROJECT, {
      scopes: ['read_registry', 'read_repository'],
    });
    await push(`${origin}/${PROJECT}.git`, writer.secret, folder);
    const lfsObject = await storeLfsObject(join(folder, 'data', 'git', '1.git'), 'a large file');
    await installation.done('backup', backup);
    const kid = await installation.done('keys', 'show', '--json');
    await installation.done('project', 'create', 'tanuki/later');
    await installation.done('deploy-token', 'revoke', String(token.id));
    await installation.done('keys', 'rotate');
    await installation.service().stop();

    const restored = await installation.done('restore', backup);
    await installation.restartService();

    expect(restored).to.match(/^kept_as: +before-restore-/m);
    expect(await statusOf(token)).to.equal(200);
    expect(await installation.done('keys', 'show', '--json')).to.equal(kid);
    expect(await installation.done('project', 'list')).not.to.include('tanuki/later');
    const address = `${origin.replace('//', `//${token.username}:${token.secret}@`)}/${PROJECT}.git`;
    await runOrThrow('git', ['clone', '--quiet', address, join(folder, 'clone')]);
    expect(await readdir(join(folder, 'clone'))).to.include('hello.txt');
    expect(await readFile(lfsObject, 'utf8')).to.equal('a large file');
    expect((await readdir(join(folder, 'data'))).join()).to.match(/pullgate\.db\.before-restore-/);
    expect((await readdir(join(folder, 'data', 'git'))).join()).to.match(/before-restore-/);
  });

  it('made again into the same folder, replaces the earlier one and lies in no folder of it', async () => {
    await installation.done('backup', backup);
    await installation.addProject('tanuki/second');

    await installation.done('backup', backup);

    expect((await readdir(backup)).toSorted()).to.deep.equal(PARTS);
    expect((await readdir(join(backup, 'git'))).toSorted()).to.deep.equal(['1.git', '2.git']);
    expect(await readdir(join(backup, 'certs'))).to.include.members(['ca.crt', 'ca.key']);
  });

  // The journal of a process that was killed is written into whatever file has its database's name.
  it('leave out what a crash has left beside the database', async () => {
    await installation.done('backup', backup);
    const later = await installation.addDeployToken(PROJECT);
    const service = installation.service();
    service.signal('SIGKILL');
    await service.exited;
    expect(await readdir(join(installation.folder, 'data'))).to.include('pullgate.db-wal');

    await installation.done('restore', backup);
    await installation.restartService();

    expect(await statusOf(later)).to.equal(401);
  });

  it('tell which tokens were revoked since the backup, and are active again', async () => {
    const token = await installation.addDeployToken(PROJECT);
    await installation.done('backup', backup);
    await installation.done('deploy-token', 'revoke', String(token.id));
    await installation.service().stop();

    const { code, stderr } = await installation.cli(['restore', backup]);

    expect(code, stderr).to.equal(0);
    expect(stderr).to.match(/^warning: the database is now behind 20/);
    expect(stderr).to.include(
      `deploy token ${token.id} (cluster) was revoked, and is active again`,
    );
    await installation.restartService();
  });

  it('put back by hand, are noticed at the start', async () => {
    const token = await installation.addDeployToken(PROJECT);
    await installation.done('backup', backup);
    await installation.done('deploy-token', 'revoke', String(token.id));
    await installation.service().stop();
    await copyFile(join(backup, 'pullgate.db'), join(installation.folder, 'data', 'pullgate.db'));

    await installation.restartService();

    const warning = await installation
      .service()
      .line((line) => line.includes('the database is from an earlier time'));
    expect(warning).to.include('"level":"warn"').and.to.include(`"id":${token.id}`);
    await installation.restartService();
    expect(installation.service().stdout()).not.to.include('from an earlier time');
  });

  it('do nothing while the service runs', async () => {
    await installation.done('backup', backup);
    const later = await installation.addDeployToken(PROJECT);

    const { code, stderr } = await installation.cli(['restore', backup]);

    expect(code).to.equal(1);
    expect(stderr).to.match(/is in use\. Stop the service first\.\n$/);
    expect(await statusOf(later)).to.equal(200);
  });

  it('check what they restore before they move anything', async () => {
    await installation.done('backup', backup);
    await installation.service().stop();
    await damage(join(backup, 'pullgate.db'));
    const before = await readdir(join(installation.folder, 'data'));

    const { code, stderr } = await installation.cli(['restore', backup]);

    expect(code).to.equal(1);
    expect(stderr).to.match(/is damaged/);
    expect(await readdir(join(installation.folder, 'data'))).to.deep.equal(before);
    await installation.restartService();
  });

  it('touch no folder that holds other things', async () => {
    await mkdir(backup);
    await writeFile(join(backup, 'letters'), '');

    const made = await installation.cli(['backup', backup]);
    const restored = await installation.cli(['restore', backup]);

    expect([made.code, restored.code]).to.deep.equal([1, 1]);
    expect(made.stderr).to.include('holds other things than a backup');
    expect(restored.stderr).to.include('is not a whole backup');
    expect(await readdir(backup)).to.deep.equal(['letters']);
  });

  it('say how a database on a server is dumped, and copy the rest', async () => {
    const env = { PULLGATE_DATABASE_URL: 'mysql://pullgate:x@db.example.com/pullgate' };

    const refused = await installation.cli(['backup', backup], { env });
    const rest = await installation.cli(['backup', backup, '--without-database'], { env });

    expect(refused.code).to.equal(1);
    expect(refused.stderr).to.include('mysqldump').and.to.include('--without-database');
    expect(rest.code, rest.output).to.equal(0);
    expect((await readdir(backup)).toSorted()).to.deep.equal(['backup.json', 'certs', 'git']);
  });
});

describe('serve, after a crash', () => {
  it('refuses a database that is damaged', async () => {
    const folder = await temporaryFolder('pullgate-crash');
    const file = join(folder.path, 'data', 'pullgate.db');
    await pullgate(['migrate'], { cwd: folder.path });
    await damage(file);
    await writeFile(`${file}-wal`, '');

    const env = { PULLGATE_HTTP_LISTEN: '127.0.0.1:0' };
    const started = startPullgate(['serve'], { cwd: folder.path, env });
    const code = await started.exited;

    await folder.remove();
    expect(code).to.equal(1);
    expect(started.stderr()).to.include('is damaged').and.to.include('pullgate restore DIR');
    expect(started.lines().filter(saysListening)).to.deep.equal([]);
  });
});

/** Overwrites pages in the middle, not the first one, which says what the file is. */
async function damage(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  await handle.write(Buffer.alloc(16_384, 0xa5), 0, 16_384, 8192);
  await handle.close();
}

async function push(address: string, secret: string, folder: string): Promise<void> {
  const work = join(folder, 'work');
  await mkdir(work);
  await writeFile(join(work, 'hello.txt'), 'Hello.\n');
  const names = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com'];
  for (const args of [
    ['init', '--quiet', '--initial-branch=main'],
    ['add', 'hello.txt'],
    [...names, 'commit', '--quiet', '--message=Hello'],
    ['push', '--quiet', address.replace('//', `//ada:${secret}@`), 'main'],
  ]) {
    const { code, output } = await run('git', args, { cwd: work });
    expect(code, output).to.equal(0);
  }
}

async function storeLfsObject(repository: string, content: string): Promise<string> {
  const oid = createHash('sha256').update(content).digest('hex');
  const place = join(repository, 'lfs', 'objects', oid.slice(0, 2), oid.slice(2, 4));
  await mkdir(place, { recursive: true });
  await writeFile(join(place, oid), content);
  return join(place, oid);
}
