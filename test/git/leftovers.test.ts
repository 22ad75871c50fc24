import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { gitMemory } from '../../src/repositories/git-memory.js';
import { collectGarbage } from '../../src/repositories/collect-garbage.js';
import { sweepLeftovers } from '../../src/repositories/sweep.js';
import { newMember } from '../doors/app-data.js';
import { history, importInto, newGitClient, type GitClient } from '../support/git-client.js';
import { startApp } from '../support/start-app.js';
import { withApp } from '../support/with-app.js';
import { basic, type Login } from '../support/token-client.js';
import { emptyProject, eventually, gitProcessOf, groupGone, projectWithCode } from './git-data.js';

const MEGABYTE = 1024 * 1024;
const PUSH_SECONDS = 3600;
const LONG_AGO = new Date('2020-01-01T00:00:00Z');

describe('what is left of git', () => {
  const app = withApp();
  let client: GitClient;

  before(async () => {
    client = await newGitClient();
  });

  after(async () => {
    await client.remove();
  });

  // Each push that its client gives up left what it had sent so far in the repository, for good: up to
  // two gigabytes, and as many of them as somebody who may push likes. git removes it when its input
  // ends, and not when it is sent a signal, which was the first thing that it got.
  it('of a push whose client hangs up is nothing', async () => {
    const { project, repository } = await emptyProject(app);
    const { login } = await newMember(app, project, 'developer');
    const pack = await packOf(20 * MEGABYTE);
    const { hostname, port } = new URL(app.origin);
    const socket = connect(Number(port), hostname).on('error', () => undefined);
    socket.write(headOf(project.path, login, pack.length + 10));
    socket.write(pack);
    const group = await gitProcessOf(repository);
    await eventually(async () => ((await incoming(repository)).length > 0 ? 'begun' : null));

    socket.destroy();
    await groupGone(group);

    expect(await incoming(repository)).to.deep.equal([]);
  });

  /** What git sends of a push, its last bytes left out. */
  async function packOf(bytes: number): Promise<Buffer> {
    const bare = join(client.folder, 'large.git');
    await client.git(['init', '--quiet', '--bare', '--initial-branch=main', bare]);
    await importInto(bare, history({ commits: 1, files: { large: randomBytes(bytes) } }));
    const packs = join(bare, 'objects', 'pack');
    await client.git(['--git-dir', bare, 'repack', '-q', '-a', '-d']);
    const name = (await readdir(packs)).find((file) => file.endsWith('.pack')) ?? '';
    const id = await client.git(['--git-dir', bare, 'rev-parse', 'main']);
    const line = `${'0'.repeat(40)} ${id} refs/heads/main\0 report-status`;
    const command = `${(line.length + 4).toString(16).padStart(4, '0')}${line}0000`;
    return Buffer.concat([
      Buffer.from(command),
      (await readFile(join(packs, name))).subarray(0, -MEGABYTE),
    ]);
  }

  it('and of drafts is swept when it is older than any push, and nothing else', async () => {
    const { repository } = await emptyProject(app);
    const root = join(app.folder, 'git');
    const lfs = join(repository, 'lfs', 'incoming');
    await mkdir(lfs, { recursive: true });
    const objects = join(repository, 'objects');
    const old = [
      join(root, 'draft-old'),
      join(objects, 'tmp_objdir-incoming-old'),
      join(lfs, 'old'),
    ];
    const young = [
      join(root, 'draft-new'),
      join(objects, 'tmp_objdir-incoming-new'),
      join(lfs, 'new'),
    ];
    for (const folder of [...old, ...young]) {
      await mkdir(folder);
      await writeFile(join(folder, 'pack'), '');
    }
    for (const folder of [...old, repository]) {
      await utimes(folder, LONG_AGO, LONG_AGO);
    }

    await sweepLeftovers(root, PUSH_SECONDS);

    expect(await readdir(root))
      .to.include('draft-new')
      .and.not.include('draft-old');
    expect(await incoming(repository)).to.deep.equal(['tmp_objdir-incoming-new']);
    expect(await readdir(repository)).to.include('HEAD');
  });

  it('is swept by itself when the service starts', async () => {
    const root = join(app.folder, 'git');
    const draft = join(root, 'draft-killed');
    await mkdir(draft, { recursive: true });
    await utimes(draft, LONG_AGO, LONG_AGO);

    const second = await startApp({ env: { PULLGATE_GIT_ROOT: root } });

    await eventually(async () => ((await readdir(root)).includes('draft-killed') ? null : 'gone'));
    await second.stop();
  });

  // Nobody ran git gc: each push adds a pack, and after thousands of them a clone takes all of the CPU
  // to look through them, and files enough for the disk to have no more.
  it('is packed into one where pushes have left many', async () => {
    const { repository } = await projectWithCode(app);
    for (let push = 0; push < 60; push += 1) {
      const pack = join(repository, 'objects', 'pack', 'pack');
      const id = await client.git(['--git-dir', repository, 'hash-object', '-w', '--stdin'], {
        input: `file ${push}`,
      });
      await client.git(['--git-dir', repository, 'update-ref', `refs/tags/t${push}`, id]);
      await client.git(['--git-dir', repository, 'pack-objects', '-q', pack], { input: `${id}\n` });
    }
    const failures: string[] = [];
    const path = process.env['PATH'] ?? '';

    await collectGarbage({
      root: join(app.folder, 'git'),
      path,
      memory: gitMemory(1024 * MEGABYTE, path),
      stopping: new AbortController().signal,
      failed: (name, reason) => failures.push(`${name}: ${reason}`),
    });

    const packs = (await readdir(join(repository, 'objects', 'pack'))).filter((name) =>
      name.endsWith('.pack'),
    );
    expect(failures).to.deep.equal([]);
    expect(packs).to.have.lengthOf(1);
    await client.git(['--git-dir', repository, 'fsck', '--strict']);
  });
}).timeout(60_000);

async function incoming(repository: string): Promise<string[]> {
  return (await readdir(join(repository, 'objects'))).filter((name) => name.includes('incoming'));
}

function headOf(path: string, login: Login, length: number): string {
  return [
    `POST /${path}.git/git-receive-pack HTTP/1.1`,
    'Host: localhost',
    `Authorization: ${basic(login)}`,
    'Content-Type: application/x-git-receive-pack-request',
    `Content-Length: ${length}`,
    '\r\n',
  ].join('\r\n');
}
