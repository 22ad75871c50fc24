import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import type { AccessTokenScope } from '../../src/access/access-token.js';
import { VISIBILITIES } from '../../src/access/project.js';
import { giveRole, newAccessToken, newMember, newUser } from '../doors/app-data.js';
import {
  annotatedTag,
  cloneUrl,
  history,
  importInto,
  newGitClient,
  references,
  type GitClient,
} from '../support/git-client.js';
import { withApp } from '../support/with-app.js';
import type { Login } from '../support/token-client.js';
import { codeToken, emptyProject, projectWithCode, type StoredProject } from './git-data.js';

const COMMITS = 20;

describe('git clone and fetch', () => {
  const app = withApp();
  let client: GitClient;
  let stored: StoredProject;
  let login: Login;
  let url: string;

  before(async () => {
    stored = await projectWithCode(app, { stream: codeWithTags() });
    login = await codeToken(app, stored.project);
    url = cloneUrl(app.origin, `${stored.project.path}.git`, login);
  });

  beforeEach(async () => {
    client = await newGitClient();
  });

  afterEach(async () => {
    await client.remove();
  });

  async function missingObjects(folder: string): Promise<number> {
    const listed = await client.git(['rev-list', '--objects', '--all', '--missing=print'], {
      in: folder,
    });
    return listed.split('\n').filter((line) => line.startsWith('?')).length;
  }

  async function expectIntact(folder: string): Promise<void> {
    const { code, output } = await client.run(['fsck', '--full', '--strict'], { in: folder });
    expect(code, output).to.equal(0);
  }

  async function countCommits(folder: string, ...revisions: string[]): Promise<number> {
    return Number(await client.git(['rev-list', '--count', ...revisions], { in: folder }));
  }

  describe('with a deploy token', () => {
    for (const version of [0, 1, 2]) {
      for (const suffix of ['.git', '', '.git/', '/']) {
        it(`clones ${suffix === '' ? 'without' : 'with'} ${suffix || 'a suffix'} over protocol v${version}`, async () => {
          const address = cloneUrl(app.origin, stored.project.path + suffix, login);

          const { code, output } = await client.run(
            ['-c', `protocol.version=${version}`, 'clone', address, 'copy'],
            { env: { GIT_TRACE_PACKET: '1' } },
          );

          expect(code, output).to.equal(0);
          expect(output.includes('< version 1')).to.equal(version === 1);
          expect(output.includes('< version 2')).to.equal(version === 2);
          expect(await countCommits('copy', 'HEAD')).to.equal(COMMITS);
          await expectIntact('copy');
        });
      }
    }

    it('brings branches, annotated and lightweight tags', async () => {
      await client.git(['clone', '--quiet', url, 'copy']);

      const refs = await client.git(['for-each-ref', '--format=%(refname) %(objecttype)'], {
        in: 'copy',
      });
      expect(refs.split('\n')).to.include.members([
        'refs/remotes/origin/main commit',
        'refs/remotes/origin/other commit',
        'refs/tags/light commit',
        'refs/tags/v1.0.0 tag',
      ]);
    });

    it('takes a username in the address and the token from a credential helper', async () => {
      const helper = `!f() { echo username=${login.username}; echo password=${login.secret}; }; f`;
      const address = cloneUrl(app.origin, `${stored.project.path}.git`);

      const { code, output } = await client.run([
        'clone',
        '--config',
        `credential.helper=${helper}`,
        address,
        'copy',
      ]);

      expect(code, output).to.equal(0);
    });

    it('finds the project whatever the case of its path', async () => {
      const address = cloneUrl(app.origin, `${stored.project.path.toUpperCase()}.git`, login);

      const { code, output } = await client.run(['ls-remote', address]);

      expect(code, output).to.equal(0);
    });

    for (const version of [0, 2]) {
      it(`clones one commit deep over protocol v${version}, and fetches the rest later`, async () => {
        const protocol = ['-c', `protocol.version=${version}`];

        await client.git([...protocol, 'clone', '--quiet', '--depth', '1', url, 'copy']);
        const shallow = await countCommits('copy', 'HEAD');
        await client.git([...protocol, 'fetch', '--quiet', '--unshallow'], { in: 'copy' });

        expect(shallow).to.equal(1);
        expect(await countCommits('copy', 'HEAD')).to.equal(COMMITS);
        await expectIntact('copy');
      });

      it(`clones without files over protocol v${version}, and fetches them when they are needed`, async () => {
        const protocol = ['-c', `protocol.version=${version}`];

        const { code, output } = await client.run([
          ...protocol,
          'clone',
          '--no-checkout',
          '--filter=blob:none',
          url,
          'copy',
        ]);
        const missing = await missingObjects('copy');
        await client.git([...protocol, 'checkout', '--quiet', 'main'], { in: 'copy' });

        expect(code, output).to.equal(0);
        expect(output).not.to.contain('filtering not recognized');
        expect(missing).to.be.greaterThan(COMMITS);
        expect(await missingObjects('copy')).to.be.lessThan(missing);
        expect((await readFile(join(client.folder, 'copy', 'large.bin'))).length).to.equal(200_000);
      });
    }

    it('clones a single branch', async () => {
      await client.git(['clone', '--quiet', '--single-branch', '--branch', 'other', url, 'copy']);

      const branches = await client.git(['branch', '--remotes', '--format=%(refname:short)'], {
        in: 'copy',
      });
      expect(branches).to.equal('origin/other');
      expect(await countCommits('copy', 'HEAD')).to.equal(2);
    });

    it('clones a mirror', async () => {
      await client.git(['clone', '--quiet', '--mirror', url, 'mirror.git']);

      const refs = await client.git(['for-each-ref', '--format=%(refname)'], { in: 'mirror.git' });
      expect(refs.split('\n')).to.include.members(['refs/heads/main', 'refs/tags/v1.0.0']);
      await expectIntact('mirror.git');
    });

    it('lists the references, the symbolic HEAD among them', async () => {
      const listed = await client.git(['ls-remote', '--symref', url]);

      expect(listed).to.match(/^ref: refs\/heads\/main\tHEAD$/m);
      expect(listed).to.match(/^[0-9a-f]{40}\trefs\/tags\/v1\.0\.0\^\{\}$/m);
    });

    it('fetches commits that were pushed after the clone', async () => {
      const { project, repository } = await projectWithCode(app);
      const address = cloneUrl(app.origin, `${project.path}.git`, await codeToken(app, project));
      await client.git(['clone', '--quiet', address, 'copy']);
      await importInto(repository, history({ commits: 7 }));

      await client.git(['fetch', '--quiet'], { in: 'copy' });

      expect(await countCommits('copy', 'origin/main')).to.equal(7);
      await expectIntact('copy');
    });

    for (const version of [0, 2]) {
      it(`fetches a bare commit that is reachable over protocol v${version}, as submodules do`, async () => {
        const bare = ['--git-dir', stored.repository];
        const commit = await client.git([...bare, 'rev-parse', 'main~5']);
        await client.git(['init', '--quiet', 'module']);

        await client.git(
          ['-c', `protocol.version=${version}`, 'fetch', '--quiet', '--depth=1', url, commit],
          { in: 'module' },
        );

        expect(await client.git(['rev-parse', 'FETCH_HEAD'], { in: 'module' })).to.equal(commit);
      });
    }

    it('updates a submodule that has the project as its address', async () => {
      await client.git(['init', '--quiet', 'outer']);

      await client.git(['submodule', '--quiet', 'add', url, 'inner'], { in: 'outer' });

      expect(await readdir(join(client.folder, 'outer', 'inner'))).to.include('large.bin');
    });

    it('unpacks the compressed request of a client that has many references', async () => {
      const { project, repository } = await projectWithCode(app, {
        stream: Buffer.concat([
          ...Array.from({ length: 70 }, (_, index) =>
            history({ branch: `branch-${index}`, commits: 1 }),
          ),
          history({ commits: 2 }),
        ]),
      });
      const address = cloneUrl(app.origin, `${project.path}.git`, await codeToken(app, project));

      const { code, output } = await client.run(['clone', address, 'copy'], {
        env: { GIT_TRACE_CURL: '1', GIT_TRACE_CURL_NO_DATA: '1' },
      });

      expect(code, output).to.equal(0);
      expect(output).to.match(/Send header: Content-Encoding: gzip/i);
      const refs = await client.git(['branch', '--remotes', '--list', 'origin/branch-*'], {
        in: 'copy',
      });
      const kept = await client.git(['--git-dir', repository, 'rev-parse', 'branch-69']);
      expect(refs.split('\n')).to.have.length(70);
      expect(await client.git(['rev-parse', 'origin/branch-69'], { in: 'copy' })).to.equal(kept);
      await expectIntact('copy');
    });

    it('clones an empty repository, as nothing on main', async () => {
      const { project } = await emptyProject(app);
      const address = cloneUrl(app.origin, `${project.path}.git`, await codeToken(app, project));

      const { code, output } = await client.run(['clone', address, 'copy']);

      expect(code, output).to.equal(0);
      expect(output).to.contain('cloned an empty repository');
      expect(await client.git(['symbolic-ref', 'HEAD'], { in: 'copy' })).to.equal(
        'refs/heads/main',
      );
    });

    for (const path of ['deep/objects', 'deeper/objects/info', 'deepest/info/refs']) {
      for (const suffix of ['', '.git']) {
        it(`clones a project whose path reads like git's own files: ${path}${suffix}`, async () => {
          const known = await app.service.store.projects.findByPath(path);
          const { project } =
            known === null ? await projectWithCode(app, { path }) : { project: known };
          const address = cloneUrl(app.origin, path + suffix, await codeToken(app, project));

          const { code, output } = await client.run(['clone', address, 'copy']);

          expect(code, output).to.equal(0);
        });
      }
    }
  });

  describe('by who asks', () => {
    // What git makes of the answer. The rows follow the table of permissions in the documentation.
    const SEEN: Readonly<Record<string, RegExp>> = {
      ok: /\trefs\/heads\/main\n/,
      login: /could not read Username/,
      forbidden: /remote: .* has no read_repository scope\.[^]*error: 403/,
      missing: /remote: The project you were looking for could not be found[^]*not found/,
    };
    const TABLE: Readonly<Record<string, readonly [string, string, string]>> = {
      //                                       private      internal     public
      'nobody in particular': ['login', 'login', 'ok'],
      'a non-member with a password': ['missing', 'ok', 'ok'],
      'a guest with a password': ['missing', 'ok', 'ok'],
      'a reporter with a password': ['ok', 'ok', 'ok'],
      'a developer with a password': ['ok', 'ok', 'ok'],
      'an administrator with a password': ['ok', 'ok', 'ok'],
      'a reporter with read_repository': ['ok', 'ok', 'ok'],
      'a reporter with write_repository': ['ok', 'ok', 'ok'],
      'a reporter with api': ['ok', 'ok', 'ok'],
      // git sends no credentials as long as nobody asks for them.
      'a reporter with read_api': ['forbidden', 'forbidden', 'ok'],
      'a reporter with read_registry': ['forbidden', 'forbidden', 'ok'],
      'a non-member with read_repository': ['missing', 'ok', 'ok'],
      'a deploy token with read_repository': ['ok', 'ok', 'ok'],
      'a deploy token with read_registry': ['forbidden', 'forbidden', 'ok'],
      'a deploy token of another project': ['missing', 'missing', 'ok'],
    };
    const SCOPES = ['read_repository', 'write_repository', 'api', 'read_api', 'read_registry'];

    for (const [index, visibility] of VISIBILITIES.entries()) {
      describe(`a ${visibility} project`, () => {
        let path: string;
        let logins: ReadonlyMap<string, Login | null>;

        before(async () => {
          const { project } = await projectWithCode(app, { visibility });
          const { project: other } = await projectWithCode(app);
          const outsider = await newUser(app);
          const reporter = await newMember(app, project, 'reporter');
          await giveRole(app, other, outsider.user, 'owner');
          path = `${project.path}.git`;
          logins = new Map<string, Login | null>([
            ['nobody in particular', null],
            ['a non-member with a password', outsider.login],
            ['a guest with a password', (await newMember(app, project, 'guest')).login],
            ['a reporter with a password', reporter.login],
            ['a developer with a password', (await newMember(app, project, 'developer')).login],
            ['an administrator with a password', (await newUser(app, { isAdmin: true })).login],
            ...(await Promise.all(
              SCOPES.filter(isScope).map(
                async (scope) =>
                  [
                    `a reporter with ${scope}`,
                    await newAccessToken(app, reporter.user, [scope]),
                  ] as const,
              ),
            )),
            [
              'a non-member with read_repository',
              await newAccessToken(app, outsider.user, ['read_repository']),
            ],
            ['a deploy token with read_repository', await codeToken(app, project)],
            ['a deploy token with read_registry', await codeToken(app, project, ['read_registry'])],
            ['a deploy token of another project', await codeToken(app, other)],
          ]);
        });

        for (const [who, outcomes] of Object.entries(TABLE)) {
          const outcome = outcomes[index] ?? '';
          it(`answers ${who}: ${outcome}`, async () => {
            const address = cloneUrl(app.origin, path, logins.get(who) ?? null);

            const { code, output } = await client.run(['ls-remote', address]);

            expect(logins.has(who)).to.equal(true);
            expect(output).to.match(SEEN[outcome] ?? /^$/);
            expect(code).to.equal(outcome === 'ok' ? 0 : 128);
          });
        }
      });
    }

    function isScope(text: string): text is AccessTokenScope {
      return SCOPES.includes(text);
    }
  });
});

function codeWithTags(): Buffer {
  const files = { 'large.bin': randomBytes(200_000) };
  return Buffer.concat([
    history({ commits: COMMITS, files }),
    history({ branch: 'other', commits: 2 }),
    Buffer.from(annotatedTag('v1.0.0') + references(['refs/tags/light'])),
  ]);
}
