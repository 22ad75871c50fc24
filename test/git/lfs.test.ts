import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import { expect } from 'chai';
import { OPERATOR } from '../../src/access/actor.js';
import { removeProject } from '../../src/services/project-removal.js';
import { tidyLfs } from '../../src/services/lfs.js';
import { openLfsObjects } from '../../src/repositories/lfs-objects.js';
import { linesOf, newAccessToken, newMember, type NewUser } from '../doors/app-data.js';
import { cloneUrl, type GitClient } from '../support/git-client.js';
import type { RunResult } from '../support/run.js';
import type { TestApp } from '../support/start-app.js';
import { watchBuffers } from '../support/heap.js';
import { basic, type Login } from '../support/token-client.js';
import { codeToken, emptyProject, type StoredProject } from './git-data.js';
import { fileOf, isStored, newLfsClient, oidOf, startLfsApp } from './lfs-data.js';

const MEGABYTE = 1024 * 1024;
const LARGE_MEGABYTES = 96;

/** The real git-lfs. Before, a clone failed with "batch response: 404", and a push too. */
describe('git-lfs', () => {
  let app: TestApp;
  let client: GitClient;
  let stored: StoredProject;
  let developer: NewUser;
  let token: Login;

  before(async () => {
    app = await startLfsApp();
  });

  after(async () => {
    await app.stop();
  });

  beforeEach(async () => {
    client = await newLfsClient();
    stored = await emptyProject(app);
    developer = await newMember(app, stored.project, 'developer');
    token = await codeToken(app, stored.project);
  });

  afterEach(async () => {
    await client.remove();
  });

  function address(login: Login | null): string {
    return cloneUrl(app.origin, `${stored.project.path}.git`, login);
  }

  /** A working copy whose `*.bin` are tracked, with these files committed. */
  async function workingCopy(files: Readonly<Record<string, Buffer>>): Promise<void> {
    await client.git(['init', '--quiet', '--initial-branch=main', 'work']);
    await client.git(['lfs', 'track', '*.bin'], { in: 'work' });
    await commit(files);
  }

  async function commit(files: Readonly<Record<string, Buffer>>): Promise<void> {
    for (const [name, content] of Object.entries(files)) {
      await writeFile(join(client.folder, 'work', name), content);
    }
    await client.git(['add', '--all'], { in: 'work' });
    await client.git(['commit', '--quiet', '--message', 'files'], { in: 'work' });
  }

  async function push(login: Login, reference = 'main'): Promise<RunResult> {
    return await client.run(['push', address(login), reference], { in: 'work' });
  }

  async function clonedFile(name: string, login: Login | null = token): Promise<Buffer> {
    await client.git(['clone', '--quiet', address(login), 'clone']);
    return await readFile(join(client.folder, 'clone', name));
  }

  /** Of requests for objects, those without credentials left out: `PUT 200`, `GET 206`. */
  function transfers(): string[] {
    return linesOf(app)
      .filter(({ path, actor }) => actor !== undefined && /\/[0-9a-f]{64}$/.test(String(path)))
      .filter(({ path }) => String(path).startsWith(`/${stored.project.path}.git`))
      .map(({ method, status }) => `${String(method)} ${String(status)}`);
  }

  it('pushes as a developer, and clones with a deploy token', async () => {
    const files = { 'large.bin': randomBytes(3 * MEGABYTE), 'small.bin': Buffer.from('small') };
    await workingCopy(files);

    const { code, output } = await push(developer.login);

    expect(code, output).to.equal(0);
    expect(await clonedFile('large.bin')).to.deep.equal(files['large.bin']);
    expect(await readFile(join(client.folder, 'clone', 'small.bin'))).to.deep.equal(
      files['small.bin'],
    );
  });

  it('pushes with a personal access token under another username', async () => {
    await workingCopy({ 'one.bin': Buffer.from('one') });
    const { secret } = await newAccessToken(app, developer.user, ['write_repository']);

    const { code, output } = await push({ username: 'oauth2', secret });

    expect(code, output).to.equal(0);
  });

  it('fetches what was pushed since, and sends nothing twice', async () => {
    await workingCopy({ 'one.bin': Buffer.from('one') });
    await push(developer.login);
    await clonedFile('one.bin');
    await commit({ 'two.bin': Buffer.from('two') });

    await push(developer.login);
    await client.git(['pull', '--quiet'], { in: 'clone' });

    expect(await readFile(join(client.folder, 'clone', 'two.bin'), 'utf8')).to.equal('two');
    expect(transfers()).to.deep.equal(['PUT 200', 'GET 200', 'PUT 200', 'GET 200']);
  });

  it('goes on with an object whose download was cut off', async () => {
    const content = randomBytes(2 * MEGABYTE);
    const oid = oidOf(content);
    await workingCopy({ 'large.bin': content });
    await push(developer.login);
    const env = { GIT_LFS_SKIP_SMUDGE: '1' };
    await client.git(['clone', '--quiet', address(token), 'clone'], { env });
    const incomplete = join(client.folder, 'clone', '.git', 'lfs', 'incomplete');
    await mkdir(incomplete, { recursive: true });
    await writeFile(join(incomplete, `${oid}.part`), content.subarray(0, MEGABYTE));

    await client.git(['lfs', 'pull'], { in: 'clone' });

    expect(await readFile(join(client.folder, 'clone', 'large.bin'))).to.deep.equal(content);
    expect(transfers()).to.include('GET 206');
  });

  it('is told by a push with a deploy token that it only reads', async () => {
    await workingCopy({ 'one.bin': Buffer.from('one') });

    const { code, output } = await push(token);

    expect(code).not.to.equal(0);
    expect(output).to.contain('A deploy token only reads: it cannot push.');
  });

  it('pushes without locks, and is told that there are none', async () => {
    await workingCopy({ 'one.bin': Buffer.from('one') });
    await client.git(['remote', 'add', 'origin', address(developer.login)], { in: 'work' });

    const pushed = await client.run(['push', 'origin', 'main'], { in: 'work' });
    const locked = await client.run(['lfs', 'lock', 'one.bin'], { in: 'work' });

    expect(pushed.code, pushed.output).to.equal(0);
    expect(pushed.output).not.to.match(/locking|locks/i);
    expect(locked.code).not.to.equal(0);
    expect(locked.output).to.contain('Pullgate has no locks for Git LFS files.');
  });

  it('clones a public project without credentials', async () => {
    stored = await emptyProject(app, { visibility: 'public' });
    developer = await newMember(app, stored.project, 'developer');
    await workingCopy({ 'one.bin': Buffer.from('one') });
    await push(developer.login);

    expect((await clonedFile('one.bin', null)).toString()).to.equal('one');
  });

  it('finds nothing of a project that is removed', async () => {
    const content = Buffer.from('one');
    await workingCopy({ 'one.bin': content });
    await push(developer.login);
    const { store } = app.service;
    const deps = { store, now: () => new Date(), longestSeconds: 60 };

    await removeProject(deps, OPERATOR, stored.project);
    await tidyLfs(deps, openLfsObjects(join(app.folder, 'git')));

    expect(isStored(stored, oidOf(content))).to.equal(false);
    expect(await store.lfs.storedBytes(stored.project.id)).to.equal(0);
  });

  it('costs no memory that grows with an object', async () => {
    const chunk = randomBytes(MEGABYTE);
    const hash = createHash('sha256');
    for (let sent = 0; sent < LARGE_MEGABYTES; sent += 1) {
      hash.update(chunk);
    }
    const oid = hash.digest('hex');
    const path = `/${stored.project.path}.git/info/lfs/objects/${oid}`;

    const { megabytes } = await watchBuffers(async () => {
      await passed('PUT', path, Readable.from(Array(LARGE_MEGABYTES).fill(chunk)));
      await passed('GET', path, Readable.from([]));
    });

    expect(await app.service.store.lfs.storedBytes(stored.project.id)).to.equal(
      LARGE_MEGABYTES * MEGABYTE,
    );
    // Who kept it would hold all of it.
    expect(megabytes).to.be.below(LARGE_MEGABYTES / 2);
  });

  async function passed(method: string, path: string, body: Readable): Promise<void> {
    const { hostname, port } = new URL(app.origin);
    const headers = { authorization: basic(developer.login) };
    const request = httpRequest({ host: hostname, port, method, path, headers, agent: false });
    const answered = new Promise<IncomingMessage>((resolve) => request.once('response', resolve));
    await pipeline(body, request);
    await finished((await answered).resume());
  }

  it('counts what it stores', async () => {
    const content = randomBytes(2 * MEGABYTE);
    await workingCopy({ 'one.bin': content, 'two.bin': Buffer.from('two') });
    await push(developer.login);

    expect(await readFile(fileOf(stored, oidOf(content)))).to.deep.equal(content);
    expect(await app.service.store.lfs.storedBytes(stored.project.id)).to.equal(content.length + 3);
  });

  it('tries again where all places are taken, until it has everything', async () => {
    const small = await startLfsApp({
      PULLGATE_GIT_MAX_LFS_TRANSFERS: '2',
      PULLGATE_GIT_MAX_QUEUE: '0',
    });
    stored = await emptyProject(small);
    developer = await newMember(small, stored.project, 'developer');
    const names = ['a.bin', 'b.bin', 'c.bin', 'd.bin'];
    await workingCopy(Object.fromEntries(names.map((name) => [name, randomBytes(MEGABYTE)])));
    const url = cloneUrl(small.origin, stored.project.path, developer.login);

    const { code, output } = await client.run(['push', url, 'main'], { in: 'work' });

    const bytes = await small.service.store.lfs.storedBytes(stored.project.id);
    const log = small.log();
    await small.stop();
    expect(code, output).to.equal(0);
    expect(bytes).to.equal(names.length * MEGABYTE);
    expect(log).to.contain('Too many Git LFS objects are on their way.');
  });
});
