import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { OPERATOR } from '../../src/access/actor.js';
import type { AccessTokenScope } from '../../src/access/access-token.js';
import { setArchived } from '../../src/services/project-settings.js';
import { LONG_AGO } from '../support/build.js';
import { newAccessToken, newMember, newUser, type NewUser } from '../doors/app-data.js';
import { cloneUrl, newGitClient, packetLine, type GitClient } from '../support/git-client.js';
import { withApp } from '../support/with-app.js';
import { runOrThrow } from '../support/run.js';
import { basic, send, type Answer, type Login } from '../support/token-client.js';
import { codeToken, emptyProject, projectWithCode, type StoredProject } from './git-data.js';

const MEGABYTE = 1024 * 1024;
const LARGE = 30 * MEGABYTE;
const ONLY_READS = 'A deploy token only reads: it cannot push.';
const NOT_ALLOWED = 'You are not allowed to push to this project';

describe('git push', () => {
  const app = withApp();
  let client: GitClient;
  let stored: StoredProject;
  let developer: NewUser;

  beforeEach(async () => {
    client = await newGitClient();
    stored = await projectWithCode(app);
    developer = await newMember(app, stored.project, 'developer');
  });

  afterEach(async () => {
    await client.remove();
  });

  function addressOf({ project }: StoredProject, login: Login | null): string {
    return cloneUrl(app.origin, `${project.path}.git`, login);
  }

  /** A working copy, made without the service. */
  async function workingCopy({ repository }: StoredProject): Promise<void> {
    await client.git(['clone', '--quiet', '--no-local', `file://${repository}`, 'copy']);
  }

  async function commit(name: string, content: string | Uint8Array = name): Promise<string> {
    await writeFile(join(client.folder, 'copy', name), content);
    await client.git(['add', '--', name], { in: 'copy' });
    await client.git(['commit', '--quiet', '--message', name], { in: 'copy' });
    return await client.git(['rev-parse', 'HEAD'], { in: 'copy' });
  }

  async function push(login: Login | null, ...references: string[]): ReturnType<GitClient['run']> {
    return await client.run(['push', addressOf(stored, login), ...references], { in: 'copy' });
  }

  async function storedCommit(name: string): Promise<string> {
    const bare = ['--git-dir', stored.repository];
    const { stdout } = await runOrThrow('git', [
      ...bare,
      'for-each-ref',
      '--format=%(objectname)',
      name,
    ]);
    return stdout.trim();
  }

  /** What the refused client is told on both of the addresses that a push uses. */
  async function rawPush(login: Login | null): Promise<{ advertised: Answer; posted: Answer }> {
    const headers = login === null ? {} : { authorization: basic(login) };
    const path = `/${stored.project.path}.git`;
    return {
      advertised: await send(app.origin, {
        method: 'GET',
        target: `${path}/info/refs?service=git-receive-pack`,
        headers,
      }),
      posted: await send(app.origin, {
        method: 'POST',
        target: `${path}/git-receive-pack`,
        headers: { ...headers, 'content-type': 'application/x-git-receive-pack-request' },
        body: `${packetLine(`${await storedCommit('refs/heads/main')} ${'0'.repeat(40)} refs/heads/main\0 report-status delete-refs`)}0000`,
      }),
    };
  }

  async function expectRefused(login: Login | null, status: number, text: string): Promise<void> {
    const before = await storedCommit('refs/heads/main');
    await workingCopy(stored);
    await commit('refused.txt');

    const { code, output } = await push(login, 'HEAD:refs/heads/main');
    const { advertised, posted } = await rawPush(login);

    expect(code).not.to.equal(0);
    expect(output).to.contain(login === null ? 'could not read Username' : text);
    expect([advertised.status, posted.status]).to.deep.equal([status, status]);
    expect(advertised.text).to.contain(text);
    expect(posted.text).to.contain(text);
    expect(await storedCommit('refs/heads/main')).to.equal(before);
  }

  async function asPassword(): Promise<Login> {
    return await Promise.resolve(developer.login);
  }
  async function asAccessToken(): Promise<Login> {
    return await newAccessToken(app, developer.user, ['write_repository']);
  }
  async function asAdministrator(): Promise<Login> {
    return (await newUser(app, { isAdmin: true })).login;
  }
  async function asMaintainer(): Promise<Login> {
    return (await newMember(app, stored.project, 'maintainer')).login;
  }
  /** A program that leaves a file behind when it is run. */
  async function trap(name: string): Promise<string> {
    const program = join(stored.repository, `trap-${name}`);
    const mark = join(client.folder, 'marks', name);
    await writeFile(program, `#!/bin/sh\necho "$0 $*" >> '${mark}'\ncat\n`);
    await chmod(program, 0o755);
    return program;
  }

  async function marks(): Promise<string[]> {
    return await readdir(join(client.folder, 'marks'));
  }

  async function configure(settings: Readonly<Record<string, string>>): Promise<void> {
    const file = join(stored.repository, 'config');
    for (const [name, value] of Object.entries(settings)) {
      await runOrThrow('git', ['config', '--file', file, name, value]);
    }
  }

  describe('by somebody who may', () => {
    const who: Readonly<Record<string, () => Promise<Login>>> = {
      'a developer with a password': asPassword,
      'a developer with write_repository': asAccessToken,
      'a maintainer with a password': asMaintainer,
      'an administrator with a password': asAdministrator,
    };

    for (const [name, log] of Object.entries(who)) {
      it(`takes branches and tags, deletions and rewritten history from ${name}`, async () => {
        const login = await log();
        await workingCopy(stored);
        const tip = await commit('one.txt');
        await client.git(['tag', '--annotate', '--message', 'one', 'v1'], { in: 'copy' });

        const pushed = await push(login, 'HEAD:refs/heads/main', 'HEAD:refs/heads/topic', 'v1');

        expect(pushed.code, pushed.output).to.equal(0);
        expect(await storedCommit('refs/heads/main')).to.equal(tip);
        expect(await storedCommit('refs/heads/topic')).to.equal(tip);
        expect(await storedCommit('refs/tags/v1')).to.match(/^[0-9a-f]{40}$/);

        const deleted = await push(login, ':refs/heads/topic', ':refs/tags/v1');

        expect(deleted.code, deleted.output).to.equal(0);
        expect(await storedCommit('refs/heads/topic')).to.equal('');
        expect(await storedCommit('refs/tags/v1')).to.equal('');

        await client.git(['reset', '--quiet', '--hard', 'HEAD~2'], { in: 'copy' });
        const other = await commit('two.txt');
        const refused = await push(login, 'HEAD:refs/heads/main');
        const forced = await push(login, '--force', 'HEAD:refs/heads/main');

        expect(refused.code).to.equal(1);
        expect(refused.output).to.contain('non-fast-forward');
        expect(forced.code, forced.output).to.equal(0);
        expect(await storedCommit('refs/heads/main')).to.equal(other);
      });
    }

    it('takes the first commits of an empty repository', async () => {
      const empty = await emptyProject(app);
      const { login } = await newMember(app, empty.project, 'developer');
      await workingCopy(stored);

      const { code, output } = await client.run(
        ['push', addressOf(empty, login), 'HEAD:refs/heads/main'],
        { in: 'copy' },
      );

      expect(code, output).to.equal(0);
      await client.git(['clone', '--quiet', addressOf(empty, login), 'again']);
      expect(await client.git(['rev-list', '--count', 'HEAD'], { in: 'again' })).to.equal('3');
    });

    it('takes a push that is too large to be sent with a length', async () => {
      const content = randomBytes(LARGE);
      await workingCopy(stored);
      const tip = await commit('large.bin', content);

      const { code, output } = await client.run(
        ['push', addressOf(stored, developer.login), 'HEAD:refs/heads/main'],
        { in: 'copy', env: { GIT_TRACE_CURL: '1', GIT_TRACE_CURL_NO_DATA: '1' } },
      );

      expect(code, output).to.equal(0);
      expect(output).to.match(/Send header: Transfer-Encoding: chunked/i);
      expect(await storedCommit('refs/heads/main')).to.equal(tip);
      const bare = ['--git-dir', stored.repository];
      expect(await client.git([...bare, 'rev-parse', 'main:large.bin'])).to.equal(
        await client.git(['hash-object', '--stdin'], { input: content }),
      );
      await client.git([...bare, 'fsck', '--full', '--strict']);
    });

    it('refuses a damaged object, and tells why, however much comes after it', async () => {
      await workingCopy(stored);
      const tree = await client.git(['rev-parse', 'HEAD^{tree}'], { in: 'copy' });
      const parent = await commit('large.bin', randomBytes(LARGE));
      const damaged = await client.git(
        ['hash-object', '-t', 'commit', '-w', '--stdin', '--literally'],
        {
          in: 'copy',
          input: `tree ${tree}\nparent ${parent}\nauthor nobody\ncommitter nobody\n\nbad\n`,
        },
      );

      const { code, output } = await push(developer.login, `${damaged}:refs/heads/main`);

      expect(code).to.equal(1);
      expect(output).to.match(/remote: fatal: fsck error in packed object/);
      expect(output).to.match(/remote rejected.*unpacker error/);
      expect(await storedCommit('refs/heads/main')).not.to.equal(damaged);
    });
  });

  describe('by somebody who may not', () => {
    it('is refused to a reporter', async () => {
      const { login } = await newMember(app, stored.project, 'reporter');

      await expectRefused(login, 403, NOT_ALLOWED);
    });

    for (const scope of [
      'read_repository',
      'read_registry',
      'read_api',
    ] satisfies AccessTokenScope[]) {
      it(`is refused to a developer's personal access token with ${scope}`, async () => {
        const login = await newAccessToken(app, developer.user, [scope]);

        await expectRefused(
          login,
          403,
          scope === 'read_repository' ? NOT_ALLOWED : 'has no write_repository scope.',
        );
      });
    }

    it('is refused to the deploy token of the project', async () => {
      await expectRefused(
        await codeToken(app, stored.project, ['read_repository', 'read_registry']),
        403,
        ONLY_READS,
      );
    });

    it('is refused to the deploy token of a public project', async () => {
      stored = await projectWithCode(app, { visibility: 'public' });

      await expectRefused(await codeToken(app, stored.project), 403, ONLY_READS);
    });

    it('is refused to a deploy token in a public project of others', async () => {
      const own = await projectWithCode(app);
      stored = await projectWithCode(app, { visibility: 'public' });

      await expectRefused(await codeToken(app, own.project), 403, ONLY_READS);
    });

    it('is refused to a deploy token in a hidden project of others, as if it were missing', async () => {
      const own = await projectWithCode(app);

      await expectRefused(
        await codeToken(app, own.project),
        404,
        'The project you were looking for could not be found',
      );
    });

    it('is refused to a signed-in user in a public project, who may only read it', async () => {
      stored = await projectWithCode(app, { visibility: 'public' });
      const { login } = await newUser(app);

      await expectRefused(login, 403, NOT_ALLOWED);
    });

    it('asks anonymous callers to log in, in a public project too', async () => {
      stored = await projectWithCode(app, { visibility: 'public' });

      await expectRefused(null, 401, 'A username and a token are needed');
    });

    it('is refused to everybody in an archived project, which can still be cloned', async () => {
      const { login } = await newMember(app, stored.project, 'owner');
      const deps = { store: app.service.store, now: () => LONG_AGO };
      await setArchived(deps, OPERATOR, stored.project, 'archived');

      await expectRefused(login, 403, 'This project is archived: nobody can push to it.');
      await client.git(['clone', '--quiet', addressOf(stored, login), 'again']);
    });
  });

  describe('where the stored repository was tampered with', () => {
    const HOOKS = [
      'pre-receive',
      'update',
      'post-receive',
      'post-update',
      'reference-transaction',
      'proc-receive',
      'push-to-checkout',
      'fsmonitor-watchman',
      'pre-auto-gc',
      'post-rewrite',
    ];

    beforeEach(async () => {
      await mkdir(join(client.folder, 'marks'));
    });

    // The attack: whoever once could write to a repository on disk, or had theirs adopted, leaves a
    // program in its hooks folder. Every later push and fetch would run it with the rights of the
    // service, which can read the signing keys and everybody's code.
    it('runs no hook on a clone or a push', async () => {
      await mkdir(join(stored.repository, 'hooks'), { recursive: true });
      for (const name of HOOKS) {
        const program = join(stored.repository, 'hooks', name);
        await writeFile(program, `#!/bin/sh\ntouch '${join(client.folder, 'marks', name)}'\n`);
        await chmod(program, 0o755);
      }
      await configure({
        'core.hooksPath': join(stored.repository, 'hooks'),
        'receive.procReceiveRefs': 'refs/for',
      });

      await client.git(['clone', '--quiet', addressOf(stored, developer.login), 'copy']);
      const tip = await commit('one.txt');
      const pushed = await push(developer.login, 'HEAD:refs/heads/main', 'HEAD:refs/heads/new');
      const reviewed = await push(developer.login, 'HEAD:refs/for/main');

      expect(pushed.code, pushed.output).to.equal(0);
      expect(await storedCommit('refs/heads/new')).to.equal(tip);
      expect(reviewed.code).not.to.equal(0);
      expect(await marks()).to.deep.equal([]);
    });

    // The attack: git reads the configuration file of the repository that it serves, and a dozen
    // settings in it are the names of programs. One line there is as good as a hook.
    it('runs no program that its configuration names', async () => {
      const program = await trap('program');
      const included = join(stored.repository, 'included');
      await writeFile(
        included,
        `[uploadpack]\npackObjectsHook = ${program}\n[core]\nfsmonitor = ${program}\n`,
      );
      await mkdir(join(stored.repository, 'objects', 'info'), { recursive: true });
      const other = await projectWithCode(app);
      await writeFile(
        join(stored.repository, 'objects', 'info', 'alternates'),
        `${join(other.repository, 'objects')}\n`,
      );
      await writeFile(join(stored.repository, 'info-attributes'), '* filter=evil diff=evil\n');
      await configure({
        'uploadpack.packObjectsHook': program,
        'core.fsmonitor': program,
        'core.sshCommand': program,
        'core.gitProxy': program,
        'core.alternateRefsCommand': program,
        'core.editor': program,
        'core.pager': program,
        'core.askPass': program,
        'core.attributesFile': join(stored.repository, 'info-attributes'),
        'credential.helper': program,
        'include.path': included,
        'filter.evil.clean': program,
        'filter.evil.smudge': program,
        'filter.evil.process': program,
        'diff.evil.command': program,
        'diff.evil.textconv': program,
        'diff.external': program,
        'alias.upload-pack': `!${program}`,
        'alias.receive-pack': `!${program}`,
        'alias.pack-objects': `!${program}`,
        'alias.index-pack': `!${program}`,
        'gc.auto': '1',
        'gc.autoPackLimit': '1',
        'gc.recentObjectsHook': program,
        'receive.autogc': 'true',
        'maintenance.auto': 'true',
        'gpg.program': program,
        'trace2.normalTarget': join(client.folder, 'marks', 'trace2'),
        'trace2.eventTarget': join(client.folder, 'marks', 'trace2'),
      });

      await client.git(['clone', '--quiet', addressOf(stored, developer.login), 'copy']);
      const tip = await commit('one.txt');
      const pushed = await push(developer.login, 'HEAD:refs/heads/main', 'HEAD:refs/heads/new');

      expect(pushed.code, pushed.output).to.equal(0);
      expect(await storedCommit('refs/heads/new')).to.equal(tip);
      expect(await marks()).to.deep.equal([]);
    });

    // The attack: the repository says that it is a partial clone, and that what it misses comes from
    // a remote that is a command. Asked for a missing object, git would run the command to get it.
    it('fetches no missing object from a remote that its configuration names', async () => {
      const program = await trap('remote');
      const bare = ['--git-dir', stored.repository];
      const blob = await client.git([...bare, 'rev-parse', 'main:folder/file-2.txt']);
      await rm(join(stored.repository, 'objects', blob.slice(0, 2), blob.slice(2)));
      await configure({
        'core.repositoryFormatVersion': '1',
        'extensions.partialClone': 'evil',
        'remote.evil.promisor': 'true',
        'remote.evil.url': `ext::${program}`,
        'remote.evil.uploadpack': program,
        'protocol.ext.allow': 'always',
        'protocol.allow': 'always',
      });

      const cloned = await client.run(['clone', addressOf(stored, developer.login), 'whole']);
      await client.git(['init', '--quiet', 'copy']);
      await commit('one.txt');
      await push(developer.login, 'HEAD:refs/heads/new');

      expect(cloned.code).not.to.equal(0);
      expect(await marks()).to.deep.equal([]);
    });

    // The attack: the repository says that it has a working tree, outside of the repository, and that
    // pushes update it. A developer's push then writes files there, through filters that are programs.
    it('writes no working tree that its configuration names', async () => {
      stored = await emptyProject(app);
      const { login } = await newMember(app, stored.project, 'developer');
      const program = await trap('filter');
      await configure({
        'filter.evil.smudge': program,
        'filter.evil.clean': program,
        'receive.denyCurrentBranch': 'updateInstead',
        'core.bare': 'false',
        'core.worktree': join(client.folder, 'marks'),
      });
      await client.git(['init', '--quiet', 'copy']);
      await commit('.gitattributes', '* filter=evil\n');
      await commit('one.txt');

      await push(login, 'HEAD:refs/heads/main');

      expect(await marks()).to.deep.equal([]);
    });
  });
});
