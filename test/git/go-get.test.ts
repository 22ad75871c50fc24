import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Visibility } from '../../src/access/project.js';
import { newAccessToken, newMember } from '../doors/app-data.js';
import { history } from '../support/git-client.js';
import { run, type RunResult } from '../support/run.js';
import type { TestApp } from '../support/start-app.js';
import { basic, send, type Login } from '../support/token-client.js';
import { withApp } from '../support/with-app.js';
import { codeToken, emptyProject, projectWithCode, type StoredProject } from './git-data.js';
import { HOST, startNamedApp, type NamedApp } from './named-app.js';

/** The real toolchain, by `https://git.example.com` and with credentials from `.netrc` alone. */
describe('go get', () => {
  let app: TestApp;
  let named: NamedApp;

  before(async () => {
    named = await startNamedApp();
    ({ app } = named);
  });

  after(async () => {
    await named.stop();
  });

  function file(name: string): string {
    return join(named.folder, name);
  }

  async function moduleAt(path: string, visibility: Visibility): Promise<StoredProject> {
    const files = {
      'go.mod': Buffer.from(`module ${HOST}/${path}\n\ngo 1.19\n`),
      'sub/lib.go': Buffer.from('package sub\n\nconst Answer = 42\n'),
    };
    return await projectWithCode(app, {
      path,
      visibility,
      stream: history({ commits: 1, files }),
    });
  }

  /** In a module of its own, with an empty cache. */
  async function goGet(name: string, wanted: string, login: Login | null): Promise<RunResult> {
    const home = file(name);
    await mkdir(home);
    await writeFile(join(home, 'go.mod'), 'module consumer\n\ngo 1.19\n');
    if (login !== null) {
      const { username, secret } = login;
      const line = `machine ${HOST} login ${username} password ${secret}\n`;
      await writeFile(join(home, '.netrc'), line, { mode: 0o600 });
    }
    return await run('go', ['get', `${HOST}/${wanted}`], {
      cwd: home,
      env: {
        ...named.env,
        HOME: home,
        GOPATH: join(home, 'go'),
        GOFLAGS: '-modcacherw',
        GOTOOLCHAIN: 'local',
        GOPRIVATE: HOST,
      },
      timeoutMs: 110_000,
    });
  }

  async function required(name: string): Promise<string> {
    return await readFile(join(file(name), 'go.mod'), 'utf8');
  }

  it('finds a public module without credentials', async () => {
    await moduleAt('open/module', 'public');

    const { code, output } = await goGet('anonymous', 'open/module/sub', null);

    expect(code, output).to.equal(0);
    expect(await required('anonymous')).to.contain(`${HOST}/open/module v0.0.0-`);
  });

  it('finds a private module below a group, with a deploy token', async () => {
    const { project } = await moduleAt('tanuki/backend/module', 'private');

    const { code, output } = await goGet(
      'token',
      'tanuki/backend/module/sub',
      await codeToken(app, project),
    );

    expect(code, output).to.equal(0);
    expect(await required('token')).to.contain(`${HOST}/tanuki/backend/module v0.0.0-`);
  });

  it('finds it with a personal access token under any username', async () => {
    const { project } = await moduleAt('tanuki/frontend/module', 'private');
    const { user } = await newMember(app, project, 'reporter');
    const { secret } = await newAccessToken(app, user, ['read_repository']);

    const login = { username: 'oauth2', secret };
    const { code, output } = await goGet('oauth2', 'tanuki/frontend/module', login);

    expect(code, output).to.equal(0);
  });

  it('tells readably that a token is wrong', async () => {
    const login = { username: 'nobody', secret: 'gldt-wrong' };

    const { code, output } = await goGet('wrong', 'tanuki/backend/module', login);

    expect(code).to.equal(1);
    expect(output).to.contain('401 Unauthorized');
  });
});

describe('the go-import tag', () => {
  const app = withApp();

  async function asked(path: string, login: Login | null = null): Promise<string> {
    const target = `${path}?go-get=1`;
    const headers = login === null ? {} : { authorization: basic(login) };
    const { status, text } = await send(app.origin, { method: 'GET', target, headers });
    return /name="go-import" content="([^"]*)"/.exec(text)?.[1] ?? String(status);
  }

  it('is the same for a module that is hidden and one that is not there', async () => {
    await emptyProject(app, { path: 'hidden/group/module' });

    expect(await asked('/hidden/group/module/sub')).to.equal(tag('hidden/group'));
    expect(await asked('/hidden/nothing/module/sub')).to.equal(tag('hidden/nothing'));
  });

  it('names the project that the credentials may clone, as it was typed', async () => {
    const { project } = await emptyProject(app, { path: 'seen/group/module' });
    const other = await emptyProject(app);
    const login = await codeToken(app, project);

    expect(await asked('/Seen/group/Module/v2/sub', login)).to.equal(tag('Seen/group/Module'));
    expect(await asked('/seen/group/module', await codeToken(app, other.project))).to.equal(
      tag('seen/group'),
    );
  });

  for (const path of ['/one', '/users/sign_in', '/a/b"><script>', '/a/b/%2e%2e', '/-/health']) {
    it(`is not what ${path} answers with`, async () => {
      expect(await asked(path)).to.match(/^\d{3}$/);
    });
  }
});

function tag(root: string): string {
  return `localhost:5080/${root} git http://localhost:5080/${root}.git`;
}
