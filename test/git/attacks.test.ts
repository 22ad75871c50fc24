import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile, rename, symlink } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { OPERATOR } from '../../src/access/actor.js';
import { setVisibility } from '../../src/services/project-settings.js';
import { newMember, newProject } from '../doors/app-data.js';
import {
  cloneUrl,
  fetchRequest,
  history,
  newGitClient,
  packetLine,
  type GitClient,
} from '../support/git-client.js';
import { startOwnProcess } from '../../src/quickstart/own-process.js';
import { watchBuffers } from '../support/heap.js';
import { startApp, type TestApp } from '../support/start-app.js';
import {
  basic,
  parseAnswer,
  send,
  sendRaw,
  type Answer,
  type Login,
} from '../support/token-client.js';
import {
  codeToken,
  eventually,
  gitProcesses,
  gitProcessOf,
  groupGone,
  projectWithCode,
  type StoredProject,
} from './git-data.js';

const KILOBYTE = 1024;
const MEGABYTE = 1024 * KILOBYTE;
/** Enough for the service to start, and few enough to use them up. */
const HANDLES = 400;
/** In memory at once, while a gigabyte is unpacked. */
const BOMB_MEGABYTES = 200;
const ADVERTISEMENT = 'info/refs?service=git-upload-pack';
const UPLOAD_PACK = 'application/x-git-upload-pack-request';
const FETCH = `${packetLine('command=fetch')}0001`;
const LS_REFS = `${packetLine('command=ls-refs\n')}00010000`;

interface Post {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  readonly service?: 'git-upload-pack' | 'git-receive-pack';
  readonly as?: Login | null;
}

describe('attacks on the git door', () => {
  let app: TestApp;
  let client: GitClient;
  let stored: StoredProject;
  let login: Login;
  let developer: Login;

  async function startWith(env: NodeJS.ProcessEnv): Promise<void> {
    app = await startApp({ env });
    client = await newGitClient();
    stored = await projectWithCode(app, {
      stream: history({ commits: 3, files: { 'large.bin': randomBytes(20 * MEGABYTE) } }),
    });
    login = await codeToken(app, stored.project);
    developer = (await newMember(app, stored.project, 'developer')).login;
  }

  async function stop(): Promise<void> {
    await client.remove();
    await app.stop();
  }

  function addressOf({ project }: StoredProject, as: Login | null = login): string {
    return cloneUrl(app.origin, `${project.path}.git`, as);
  }

  async function get(
    target: string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const authorization = basic(login);
    return await send(app.origin, {
      method: 'GET',
      target,
      headers: { authorization, ...headers },
    });
  }

  async function post({
    headers,
    body = LS_REFS,
    service = 'git-upload-pack',
  }: Post): Promise<Answer> {
    return await send(app.origin, {
      method: 'POST',
      target: `/${stored.project.path}.git/${service}`,
      headers: {
        authorization: basic(login),
        'content-type': `application/x-${service}-request`,
        'git-protocol': 'version=2',
        ...headers,
      },
      body,
    });
  }

  /** The head of a POST whose body is written, or not, by the test. */
  function headOf({ headers = {}, service = 'git-upload-pack', as = login }: Post): string {
    return [
      `POST /${stored.project.path}.git/${service} HTTP/1.1`,
      'Host: localhost',
      ...(as === null ? [] : [`Authorization: ${basic(as)}`]),
      `Content-Type: application/x-${service}-request`,
      ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
      '\r\n',
    ].join('\r\n');
  }

  interface HeldPost {
    readonly socket: Socket;
    /** Of the git that waits for the rest of the body. */
    readonly pid: number;
    /** All that was answered, once the connection is closed. */
    readonly answer: Promise<Answer>;
  }

  /** Begins a push, whose git program waits for the rest of it. */
  async function holdPost({ body = '0014comm', ...more }: Post = {}): Promise<HeldPost> {
    const options = { service: 'git-receive-pack', as: developer, ...more } as const;
    const { socket, answer } = sendPart({ body, ...options });
    return { socket, answer, pid: await gitProcessOf(stored.repository) };
  }

  /** Begins a request, and sends no more of its body than this. */
  function sendPart({ body = '0014comm', ...options }: Post): Omit<HeldPost, 'pid'> {
    const { hostname, port } = new URL(app.origin);
    const socket = connect(Number(port), hostname);
    let received = '';
    socket.setEncoding('utf8').on('data', (text) => (received += String(text)));
    socket.on('error', () => undefined);
    const answer = once(socket, 'close').then(() => parseAnswer(received));
    const headers = { 'Content-Length': '100000', 'Git-Protocol': 'version=2', ...options.headers };
    socket.write(Buffer.concat([Buffer.from(headOf({ ...options, headers })), Buffer.from(body)]));
    return { socket, answer };
  }

  async function expectService(): Promise<void> {
    const { code, output } = await client.run(['ls-remote', addressOf(stored)]);
    expect(code, output).to.equal(0);
  }

  /** The answer, or null where the connection was cut before there was one. */
  async function answerTo(options: Post): Promise<Answer | null> {
    return await post(options).catch(() => null);
  }

  /** Wants of a commit that there is, which git takes for as long as they come. */
  async function wants(bytes: number): Promise<Buffer> {
    const commit = await client.git(['--git-dir', stored.repository, 'rev-parse', 'main']);
    const line = packetLine(`want ${commit}\n`);
    return Buffer.from(line.repeat(Math.ceil(bytes / line.length)));
  }

  async function expectNoGit(): Promise<void> {
    await eventually(async () =>
      (await gitProcesses(stored.repository)).length === 0 ? 'gone' : null,
    );
    await expectService();
  }

  describe('through the address', () => {
    before(async () => {
      await startWith({});
    });
    after(stop);

    // The attack: a path that climbs out of the folder of repositories, or into that of another
    // project, as it is, escaped once or twice, or with what another layer takes for a slash.
    // Nothing of an address may ever become part of a path on disk.
    const paths = [
      '/../../etc',
      '/tanuki/../tanuki/PROJECT',
      '/tanuki/./PROJECT',
      '/tanuki/%2e%2e/tanuki/PROJECT',
      '/tanuki/%2E%2E%2Ftanuki%2FPROJECT',
      '/tanuki/%252e%252e/tanuki/PROJECT',
      '/tanuki%2fPROJECT',
      '/tanuki/PROJECT//',
      '/tanuki\\PROJECT',
      '/tanuki/..\\PROJECT',
      '/tanuki/PROJECT%00',
      '/tanuki/PROJECT%00.git',
      '/tanuki/PROJECT%0a',
      '/tanuki/PROJECT%20',
      '/tanuki/PROJECT;x',
      '/tanuki/--upload-pack=touch',
      '/-/PROJECT',
      '/ID',
      '/git/ID',
      '/FOLDER/git/ID',
      '/tanuki/%F0%9F%A6%9D',
      '/tanuki/%ff%fe',
      '/tanuki/PROJECT.git',
    ];
    for (const path of paths) {
      it(`finds nothing at ${path}.git`, async () => {
        const [namespace = '', name = ''] = stored.project.path.split('/');
        const target = path
          .replaceAll('PROJECT', name)
          .replaceAll('tanuki', namespace)
          .replaceAll('ID', String(stored.project.id))
          .replaceAll('FOLDER', app.folder);

        const answer = await get(`${target}.git/${ADVERTISEMENT}`);

        expect(answer.status).to.equal(404);
        expect(answer.text).not.to.contain(app.folder);
      });
    }

    it('finds nothing at a path with a raw NUL or line break', async () => {
      for (const character of ['\0', '\n', '\r']) {
        const answer = await sendRaw(
          app.origin,
          `GET /${stored.project.path}${character}.git/${ADVERTISEMENT} HTTP/1.1\r\n`,
          `Host: localhost\r\nConnection: close\r\nAuthorization: ${basic(login)}\r\n\r\n`,
        );

        expect(answer.status).to.equal(400);
      }
      await expectService();
    });

    // The attack: a path so long, or so repetitive, that reading it takes seconds or memory.
    for (const [what, path] of Object.entries({
      'long component': 'a'.repeat(10_000),
      'many components': 'a/'.repeat(5000),
      'many endings': 'a.git/'.repeat(1500),
      'many files': 'info/refs/'.repeat(1000),
      'many objects': 'x/objects/'.repeat(1000),
    })) {
      it(`finds nothing at a path of ${what}`, async () => {
        const answer = await get(`/${path}b/${ADVERTISEMENT}`);

        expect(answer.status).to.be.oneOf([403, 404]);
      });
    }

    it('refuses an address that is larger than any header may be', async () => {
      const answer = await get(`/${'a'.repeat(100_000)}.git/${ADVERTISEMENT}`);

      expect(answer.status).to.equal(413);
      await expectService();
    });

    it('finds nothing at an address in absolute form', async () => {
      const answer = await get(`http://elsewhere/${stored.project.path}.git/${ADVERTISEMENT}`);

      expect(answer.status).to.be.oneOf([400, 404]);
    });

    // The attack: somebody who may write to the folder of repositories, a backup script for example,
    // replaces one by a symbolic link to a repository that the token's holder may not read.
    // Somebody who can write below the git root puts a symbolic link there, to a repository
    // elsewhere on the host. A service that follows it serves what its own account can read. A
    // repository is a folder; a link is none.
    it('follows no symbolic link in the place of a repository', async () => {
      const secret = await projectWithCode(app);
      const linked = await projectWithCode(app);
      await rename(linked.repository, `${linked.repository}.away`);
      await symlink(secret.repository, linked.repository);

      const { code, output } = await client.run([
        'ls-remote',
        addressOf(linked, await codeToken(app, linked.project)),
      ]);

      expect(code).to.equal(128);
      expect(output).to.contain('remote: A repository for this project does not exist.');
    });
  });

  describe('through headers', () => {
    before(async () => {
      await startWith({});
    });
    after(stop);

    // The attack: `Git-Protocol` becomes an environment variable of a program. What git itself never
    // sends there, such as more keys, other characters or a second header, must not get that far.
    for (const value of [
      'version=2:evil',
      'version=2:object-format=sha256',
      'version=2,version=1',
      'version=3',
      'version=',
      'version=2 ',
      'VERSION=2',
      'x; touch /tmp/x',
      '$(touch /tmp/x)',
      'a'.repeat(4000),
    ]) {
      // The header Git-Protocol becomes an environment variable of the git program. Whatever git
      // reads out of it, today or in a later version, an attacker would write: settings, other
      // programs, paths. Only the three versions that git itself sends get through.
      it(`hands git no protocol but one that it knows: ${value.slice(0, 40)}`, async () => {
        const held = await holdPost({ headers: { 'Git-Protocol': value } });

        const environment = await environmentOf(held.pid);

        held.socket.destroy();
        await groupGone(held.pid);
        const expected = value.trim() === 'version=2' ? 'version=2' : undefined;
        expect(environment.get('GIT_PROTOCOL')).to.equal(expected);
      });
    }

    for (const line of [
      'Git-Protocol: version=2\0',
      'Git-Protocol: version=2\nGIT_DIR=/etc',
      'Git-Protocol: version=2\r\n GIT_DIR=/etc',
      'Git-Protocol: version=2\rX: y',
    ]) {
      it(`refuses a header with a control character in it: ${JSON.stringify(line)}`, async () => {
        const answer = await sendRaw(
          app.origin,
          `GET /${stored.project.path}.git/${ADVERTISEMENT} HTTP/1.1\r\nHost: localhost\r\n`,
          `Authorization: ${basic(login)}\r\nConnection: close\r\n${line}\r\n\r\n`,
        );

        expect(answer.status).to.equal(400);
        await expectService();
      });
    }

    // The attack: CGI turns every header into a variable, and some servers do so without a prefix.
    // With GIT_DIR or GIT_CONFIG_… a caller would choose the repository and its settings.
    it('hands git nothing but what it needs, whatever the request says', async () => {
      const held = await holdPost({
        headers: {
          GIT_DIR: '/etc',
          'GIT-DIR': '/etc',
          'Git-Config-Count': '1',
          GIT_SSH_COMMAND: 'touch /tmp/x',
          'X-Path': '/tmp',
          Path: '/tmp',
          Remote_User: 'root',
          Proxy: 'http://evil',
        },
      });

      const environment = await environmentOf(held.pid);

      held.socket.destroy();
      await groupGone(held.pid);
      expect(environment.get('PATH')).to.equal(process.env['PATH']);
      expect([...environment.keys()].toSorted()).to.deep.equal([
        'GIT_ALLOC_LIMIT',
        'GIT_CONFIG_GLOBAL',
        'GIT_CONFIG_NOSYSTEM',
        'GIT_NO_LAZY_FETCH',
        'GIT_PROTOCOL',
        'GIT_TERMINAL_PROMPT',
        'HOME',
        'LC_ALL',
        'PATH',
      ]);
    });

    // The attack: not the caller's but the operator's own variables, left over in the shell that
    // started the service. They would change which repository is read, or run a program.
    it('hands git nothing of the environment of the service', async () => {
      const trace = join(client.folder, 'trace');
      const hostile: Readonly<Record<string, string>> = {
        GIT_DIR: '/nonexistent',
        GIT_OBJECT_DIRECTORY: '/nonexistent',
        GIT_NAMESPACE: 'other',
        GIT_SSH_COMMAND: `touch ${trace}`,
        GIT_EXTERNAL_DIFF: `touch ${trace}`,
        GIT_CONFIG_GLOBAL: join(client.folder, 'hostile'),
        GIT_CONFIG_COUNT: '1',
        GIT_CONFIG_KEY_0: 'uploadpack.packObjectsHook',
        GIT_CONFIG_VALUE_0: `touch ${trace}`,
        GIT_TRACE: trace,
        GIT_TRACE2: trace,
        HOME: client.folder,
        LANG: 'de_DE.UTF-8',
      };
      const before = Object.keys(hostile).map((name) => [name, process.env[name]] as const);
      Object.assign(process.env, hostile);
      try {
        await client.git(['clone', '--quiet', addressOf(stored), 'copy']);
        const made = await projectWithCode(app);
        const address = addressOf(made, await codeToken(app, made.project));
        await client.git(['clone', '--quiet', address, 'other']);
      } finally {
        for (const [name, value] of before) {
          if (value === undefined) {
            delete process.env[name];
          } else {
            process.env[name] = value;
          }
        }
      }

      const traced = await readFile(trace, 'utf8').catch(() => 'nothing');
      expect(traced).to.equal('nothing');
    });

    for (const type of [
      'application/x-www-form-urlencoded',
      'text/plain',
      'application/x-git-receive-pack-request',
      `${UPLOAD_PACK}; charset=utf-8`,
      UPLOAD_PACK.toUpperCase(),
    ]) {
      it(`refuses a body that is declared as ${type}`, async () => {
        const answer = await post({ headers: { 'content-type': type } });

        expect(answer.status).to.be.oneOf([400, 415]);
        expect(await gitProcesses(stored.repository)).to.deep.equal([]);
      });
    }

    it('refuses a body that is not declared as anything', async () => {
      const head = headOf({ headers: { 'Content-Length': '4', Connection: 'close' } });

      const answer = await sendRaw(app.origin, head.replace(/Content-Type: .*\r\n/, ''), '0000');

      expect(answer.status).to.be.oneOf([400, 415]);
    });

    for (const encoding of ['br', 'deflate', 'zstd', 'gzip, gzip', 'identity, gzip', 'evil']) {
      it(`refuses a body that is encoded as ${encoding}`, async () => {
        const answer = await post({ headers: { 'content-encoding': encoding } });

        expect(answer.status).to.be.oneOf([400, 415]);
      });
    }
  });

  describe('through the body', () => {
    before(async () => {
      await startWith({});
    });
    after(stop);

    // The attack: one megabyte that unpacks to a gigabyte. A server that unpacks it into memory, or
    // hands it on to git, which keeps what is wanted in memory, has none left after a few of these.
    // A few kilobytes of gzip unpack to gigabytes of zeros. If only what comes over the wire is
    // counted, one small request fills the memory of the service or of its git. What counts is the
    // size after unpacking, and unpacking stops there.
    it('unpacks no gzip bomb for a fetch', async () => {
      const member = gzipSync(await wants(MEGABYTE), { level: 9 });
      const bomb = [gzipSync(FETCH), ...Array.from({ length: KILOBYTE }, () => member)];
      const request = {
        body: Buffer.concat(bomb),
        headers: { 'content-encoding': 'gzip' },
      };

      const { result: answer, megabytes } = await watchBuffers(async () => await answerTo(request));

      expect(answer?.status ?? 413).to.equal(413);
      expect(megabytes).to.be.lessThan(BOMB_MEGABYTES);
      await expectNoGit();
    });

    it('unpacks no gzip bomb for a push', async () => {
      const member = gzipSync(Buffer.alloc(MEGABYTE, '0'), { level: 9 });
      const bomb = Array.from({ length: KILOBYTE }, () => member);
      const request = {
        service: 'git-receive-pack' as const,
        body: Buffer.concat(bomb),
        headers: { 'content-encoding': 'gzip', authorization: basic(developer) },
      };

      const { result: answer, megabytes } = await watchBuffers(async () => await answerTo(request));

      // What git makes of the junk may come first; what counts is that it ends, and stays small.
      expect(answer?.status ?? 413).to.be.oneOf([200, 400, 413, 503]);
      expect(megabytes).to.be.lessThan(BOMB_MEGABYTES);
      await expectNoGit();
    });

    // The attack: wants without an end, all of which git keeps in memory.
    for (const framing of ['a length', 'chunks']) {
      it(`takes no larger request for a fetch than is configured, sent with ${framing}`, async () => {
        const body = Buffer.concat([Buffer.from(FETCH), await wants(30 * MEGABYTE)]);
        const headers = framing === 'chunks' ? { 'transfer-encoding': 'chunked' } : {};

        const answer = await answerTo({ body, headers });

        expect(answer?.status ?? 413).to.equal(413);
        await expectNoGit();
      });
    }

    for (const encoding of ['identity', 'gzip']) {
      it(`tells a client that it sent too much, instead of hanging up: ${encoding}`, async () => {
        const plain = Buffer.concat([Buffer.from(FETCH), await wants(30 * MEGABYTE)]);
        // Without compression, so that there is more to come when the limit is reached.
        const body = encoding === 'gzip' ? gzipSync(plain, { level: 0 }) : plain;

        const answer = await post({ body, headers: { 'content-encoding': encoding } });

        expect(answer.status).to.equal(413);
        expect(answer.text).to.equal(`The request body has more than ${10 * MEGABYTE} bytes.\n`);
      });
    }

    for (const [what, body] of Object.entries({
      'no gzip': Buffer.from(LS_REFS),
      'half of it': gzipSync(LS_REFS).subarray(0, 20),
      'random bytes': randomBytes(2000),
      nothing: Buffer.alloc(0),
    })) {
      it(`refuses a body that is declared as gzip and is ${what}, each time with an answer`, async () => {
        const message = {
          body,
          headers: { 'content-encoding': 'gzip', 'git-protocol': 'version=2' },
        };

        const answers = await Promise.all(
          Array.from({ length: 8 }, async () => await post(message)),
        );

        expect(answers.map(({ status }) => status)).to.deep.equal(answers.map(() => 400));
        await expectService();
      });
    }

    it('survives a body whose checksum is wrong, which shows when git has read it', async () => {
      const body = Buffer.concat([gzipSync(LS_REFS).subarray(0, -8), Buffer.alloc(8)]);

      const answer = await answerTo({ body, headers: { 'content-encoding': 'gzip' } });

      expect(answer?.status ?? 400).to.be.oneOf([200, 400]);
      await expectService();
    });

    for (const body of [
      '',
      '0000',
      'zzzz',
      '0001',
      '0003',
      'fff1',
      '\0'.repeat(100),
      'GET / HTTP/1.1\r\n\r\n',
    ]) {
      it(`survives a body that is not git's: ${JSON.stringify(body.slice(0, 20))}`, async () => {
        await answerTo({ body });
        await answerTo({ body, headers: { 'git-protocol': 'version=0' } });

        await eventually(async () =>
          (await gitProcesses(stored.repository)).length === 0 ? 'gone' : null,
        );
        await expectService();
      });
    }

    // The attack: a commit whose number somebody knows, but that no branch or tag leads to (any more),
    // such as one with a password in it that was rewritten.
    it('gives no unreachable commit to a client that guesses its number', async () => {
      const bare = ['--git-dir', stored.repository];
      const tree = await client.git([...bare, 'rev-parse', 'main^{tree}']);
      const lost = await client.git([...bare, 'commit-tree', '-m', 'lost', tree]);
      await client.git(['init', '--quiet', 'guess']);

      const { code } = await client.run(
        ['-c', 'protocol.version=0', 'fetch', addressOf(stored), lost],
        { in: 'guess' },
      );

      expect(code).not.to.equal(0);
    });
  });

  describe('by taking its time', () => {
    before(async () => {
      await startWith({ PULLGATE_GIT_IDLE_SECONDS: '1' });
    });
    after(stop);

    // The attack: slow-loris. A few bytes of a request, then nothing, over as many connections as one
    // likes; each holds a git program and a place in the queue for as long as the server is patient.
    it('ends a fetch whose body stops in the middle, and starts no git for it', async () => {
      const { answer } = sendPart({});

      expect((await answer).status).to.equal(400);
      expect(await gitProcesses(stored.repository)).to.deep.equal([]);
      await expectService();
    });

    it('ends a push whose body stops in the middle, and its git', async () => {
      const held = await holdPost();

      await held.answer;

      await groupGone(held.pid);
      await expectService();
    });

    it('ends a compressed request that stops in the middle, and its git', async () => {
      const body = gzipSync(LS_REFS).subarray(0, 15);
      const held = await holdPost({ body, headers: { 'Content-Encoding': 'gzip' } });

      await held.answer;

      await groupGone(held.pid);
      await expectService();
    });

    // The attack: the other way round. Ask for everything, and then do not read it.
    it('ends an answer that nobody reads, and its git', async () => {
      const commit = await client.git(['--git-dir', stored.repository, 'rev-parse', 'main']);
      const body = fetchRequest(commit);
      const { hostname, port } = new URL(app.origin);
      const socket = connect(Number(port), hostname);
      socket.on('error', () => undefined);
      socket.write(
        headOf({
          headers: {
            'Content-Length': String(body.length),
            'Git-Protocol': 'version=2',
            Connection: 'close',
          },
        }) + body,
      );
      const pid = await gitProcessOf(stored.repository);

      await groupGone(pid);

      let end = Buffer.alloc(0);
      socket.on('data', (chunk) => (end = Buffer.concat([end, chunk]).subarray(-5)));
      await once(socket, 'close');
      // The last chunk of HTTP would say that this was all.
      expect(end.toString('latin1')).not.to.equal('0\r\n\r\n');
      await expectService();
    });
  });

  describe('by leaving', () => {
    before(async () => {
      await startWith({});
    });
    after(stop);

    // The attack, or the accident: clients that are killed in mid-clone, by an impatient CI for
    // example. Each would leave two programs behind that hold memory and wait for ever.
    it('leaves no git behind when a client is killed in mid-clone', async () => {
      const proxy = await stallingProxy(app.origin, 5 * MEGABYTE);
      const address = cloneUrl(proxy.origin, stored.project.path, login);
      const clone = spawn('git', ['clone', '--quiet', address, join(client.folder, 'killed')], {
        env: { PATH: process.env['PATH'], HOME: client.folder },
        detached: true,
        stdio: 'ignore',
      });
      await proxy.stalled;
      const processes = await gitProcesses(stored.repository);
      const group = await gitProcessOf(stored.repository);

      process.kill(-(clone.pid ?? 0), 'SIGKILL');
      await once(clone, 'close');

      expect(processes).not.to.deep.equal([]);
      await groupGone(group);
      await proxy.close();
      await expectService();
    });

    it('leaves no git behind when a connection is cut in mid-push', async () => {
      const held = await holdPost();

      held.socket.destroy();

      await groupGone(held.pid);
      await expectService();
    });

    it('leaves no git behind when a connection is reset', async () => {
      const held = await holdPost();

      held.socket.resetAndDestroy();

      await groupGone(held.pid);
      await expectService();
    });
  });

  describe('in great numbers', () => {
    afterEach(stop);

    // The attack: more requests than the machine can run programs for.
    // Each clone is a git program of its own, with its memory. A thousand clones at once, by one
    // pipeline gone wrong, are a thousand programs, and the host dies with all that runs on it.
    // There are so many places, a queue, and then a 503 that says when to come again.
    it('answers 503 and a time to wait when every place is taken', async () => {
      await startWith({ PULLGATE_GIT_MAX_PROCESSES: '1', PULLGATE_GIT_MAX_QUEUE: '0' });
      const held = await holdPost();

      const refused = await get(`/${stored.project.path}.git/${ADVERTISEMENT}`);
      held.socket.destroy();
      await groupGone(held.pid);

      expect(refused.status).to.equal(503);
      expect(refused.headers['retry-after']).to.match(/^\d+$/);
      expect(refused.headers['content-type']).to.equal('text/plain; charset=utf-8');
      expect(refused.text).to.equal('Too many clones are running. Try again in a moment.\n');
      await eventually(async () => {
        const { status } = await get(`/${stored.project.path}.git/${ADVERTISEMENT}`);
        return status === 200 ? 'served' : null;
      });
    });

    // Eight connections of a stranger, to a public project, each with a fetch whose body comes byte by
    // byte: each had a git program and a place for an hour, for 48 bytes a round, and every other clone
    // got 503. A fetch has a place once all of it is there.
    it('keeps places for others while eight strangers trickle the bodies of fetches', async () => {
      await startWith({ PULLGATE_GIT_MAX_PROCESSES: '8', PULLGATE_GIT_MAX_QUEUE: '0' });
      const { store } = app.service;
      const deps = { store, now: () => new Date() };
      await setVisibility(deps, OPERATOR, stored.project, 'public');
      const trickling = Array.from({ length: 8 }, () => sendPart({ as: null }).socket);
      await Promise.all(trickling.map(async (socket) => void (await once(socket, 'connect'))));
      for (let round = 0; round < 3; round += 1) {
        trickling.forEach((socket) => socket.write('a'));
        await client.git(['ls-remote', addressOf(stored, null)]);
      }

      expect(await gitProcesses(stored.repository)).to.deep.equal([]);
      trickling.forEach((socket) => socket.destroy());
    });

    // Two hundred new projects at once were two hundred `git init`: as many programs as the most eager
    // account has requests under way, and no limit counted them. They take places like everybody.
    it('takes a place for the repository of a new project', async () => {
      await startWith({ PULLGATE_GIT_MAX_PROCESSES: '1', PULLGATE_GIT_MAX_QUEUE: '0' });
      const held = await holdPost();

      const meanwhile = await newProject(app).catch((error: unknown) => error);
      held.socket.destroy();
      await groupGone(held.pid);

      expect(meanwhile).to.include({ code: 'unavailable' });
      await eventually(async () => await newProject(app).catch(() => null));
    });

    it('answers those in the queue when a place is free', async () => {
      await startWith({ PULLGATE_GIT_MAX_PROCESSES: '1', PULLGATE_GIT_MAX_QUEUE: '1' });
      const held = await holdPost();
      const target = `/${stored.project.path}.git/${ADVERTISEMENT}`;

      // One of the two finds room in the queue; which one, nobody can say.
      const answers = [get(target), get(target)];
      const first = await Promise.race(answers);
      held.socket.destroy();
      const statuses = (await Promise.all(answers)).map(({ status }) => status);

      expect(first.status).to.equal(503);
      expect(statuses).to.have.members([200, 503]);
    });

    it('answers 503 to those who wait in the queue for too long', async () => {
      await startWith({ PULLGATE_GIT_MAX_PROCESSES: '1', PULLGATE_GIT_QUEUE_SECONDS: '1' });
      const held = await holdPost();

      const refused = await get(`/${stored.project.path}.git/${ADVERTISEMENT}`);
      held.socket.destroy();

      expect(refused.status).to.equal(503);
      expect(refused.headers['retry-after']).to.match(/^\d+$/);
    });

    it('keeps no place for a client that left the queue', async () => {
      await startWith({ PULLGATE_GIT_MAX_PROCESSES: '1', PULLGATE_GIT_MAX_QUEUE: '1' });
      const held = await holdPost();
      const { hostname, port } = new URL(app.origin);
      const waiting = connect(Number(port), hostname);
      const target = `/${stored.project.path}.git/${ADVERTISEMENT}`;
      waiting.write(`GET ${target} HTTP/1.1\r\nHost: x\r\nAuthorization: ${basic(login)}\r\n\r\n`);
      await eventually(async () => ((await get(target)).status === 503 ? 'full' : null));
      waiting.destroy();
      await eventually(async () => (app.log().includes('"status":499') ? 'left' : null));

      const next = get(target);
      held.socket.destroy();

      expect((await next).status).to.equal(200);
    });

    // The attack: open as many connections as the service may have file handles, and say nothing. Then
    // there is none left for the pipes of a git program, and whatever fails to expect that falls over.
    it('survives that there is no file handle left for a git program', async () => {
      await startWith({});
      const { path } = (await projectWithCode(app, { visibility: 'public' })).project;
      const limited = await startLimited(app.folder);
      try {
        const target = `/${path}.git/${ADVERTISEMENT}`;
        const first = connect(limited.port, '127.0.0.1');
        const statuses: string[] = [];
        first.setEncoding('latin1').on('data', (text) => {
          statuses.push(...(String(text).match(/^HTTP\/1\.1 \d+/gm) ?? []));
        });
        const request = `GET ${target} HTTP/1.1\r\nHost: x\r\n\r\n`;
        first.write(request);
        await eventually(async () => await Promise.resolve(statuses[0] ?? null));
        const idle = Array.from({ length: HANDLES + 20 }, () =>
          connect(limited.port, '127.0.0.1').on('error', () => undefined),
        );
        await eventually(async () =>
          (await readdir(`/proc/${limited.pid}/fd`)).length >= HANDLES - 2 ? 'full' : null,
        );

        first.write(request);
        await eventually(async () => await Promise.resolve(statuses[1] ?? null));
        idle.forEach((socket) => socket.destroy());
        first.destroy();

        const after = await eventually(async () => {
          const origin = `http://127.0.0.1:${limited.port}`;
          const answer = await send(origin, { method: 'GET', target });
          return answer.status === 200 ? answer : null;
        });
        expect(statuses).to.deep.equal(['HTTP/1.1 200', 'HTTP/1.1 503']);
        expect(after.headers['content-type']).to.equal(
          'application/x-git-upload-pack-advertisement',
        );
      } finally {
        await limited.stop();
      }
    });

    it('counts neither those who are refused nor those who ask for something else', async () => {
      await startWith({ PULLGATE_GIT_MAX_PROCESSES: '1', PULLGATE_GIT_MAX_QUEUE: '0' });
      const held = await holdPost();

      const anonymous = await send(app.origin, {
        method: 'GET',
        target: `/${stored.project.path}.git/${ADVERTISEMENT}`,
      });
      const health = await get('/-/health');
      held.socket.destroy();

      expect(anonymous.status).to.equal(401);
      expect(health.status).to.equal(200);
    });
  });
});

async function environmentOf(pid: number): Promise<ReadonlyMap<string, string>> {
  const text = await readFile(`/proc/${pid}/environ`, 'utf8');
  const pairs = text.split('\0').filter((pair) => pair !== '');
  return new Map(
    pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
  );
}

interface StallingProxy {
  readonly origin: string;
  /** The limit is reached, and nothing more goes through. */
  readonly stalled: Promise<unknown>;
  readonly close: () => Promise<void>;
}

/** Passes on so many bytes of what the server sends, and then none; hangs up with its client. */
async function stallingProxy(origin: string, limit: number): Promise<StallingProxy> {
  const { hostname, port } = new URL(origin);
  let passed = 0;
  const server: Server = createServer((downstream) => {
    const upstream = connect(Number(port), hostname);
    downstream.on('error', () => undefined).on('close', () => upstream.destroy());
    upstream.on('error', () => undefined).on('close', () => downstream.destroy());
    downstream.pipe(upstream);
    upstream.on('data', (chunk: Buffer) => {
      passed += chunk.length;
      downstream.write(chunk);
      if (passed > limit) {
        upstream.pause();
        server.emit('stalled');
      }
    });
  }).listen(0, '127.0.0.1');
  const stalled = once(server, 'stalled');
  await once(server, 'listening');
  const address = server.address();
  const proxyPort = typeof address === 'object' ? address?.port : undefined;
  return {
    origin: `http://127.0.0.1:${proxyPort}`,
    stalled,
    async close() {
      server.close();
      await once(server, 'close');
    },
  };
}

interface LimitedService {
  readonly port: number;
  readonly pid: number | undefined;
  readonly stop: () => Promise<void>;
}

/** A second service on the same data, that may open only so many files. */
async function startLimited(folder: string): Promise<LimitedService> {
  const main = fileURLToPath(new URL('../../src/main.js', import.meta.url));
  const limited = startOwnProcess(
    'sh',
    [
      '-c',
      'ulimit -n "$1" && shift && exec "$@"',
      'sh',
      String(HANDLES),
      process.execPath,
      main,
      'serve',
    ],
    {
      cwd: folder,
      env: {
        PATH: process.env['PATH'],
        PULLGATE_HTTP_LISTEN: '127.0.0.1:0',
        PULLGATE_DATABASE_URL: `sqlite:${join(folder, 'pullgate.db')}`,
        PULLGATE_CERTS_DIR: join(folder, 'certs'),
        PULLGATE_GIT_ROOT: join(folder, 'git'),
      },
    },
  );
  const port = await eventually(
    async () => await Promise.resolve(/"listen":"[^"]*:(\d+)"/.exec(limited.stdout())?.[1] ?? null),
  );
  return {
    port: Number(port),
    pid: limited.pid,
    async stop() {
      limited.signal('SIGKILL');
      await limited.exited;
    },
  };
}
