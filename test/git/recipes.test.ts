import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { Secret } from 'kubernetes-models/v1/Secret';
import { parse } from 'yaml';
import { z } from 'zod';
import { giveNamespace, newDeployToken, newUser } from '../doors/app-data.js';
import { history, references } from '../support/git-client.js';
import { codeBlocks } from '../support/markdown.js';
import { run } from '../support/run.js';
import type { Login } from '../support/token-client.js';
import { projectWithCode } from './git-data.js';
import { HOST, startNamedApp, type NamedApp } from './named-app.js';

const PAGE = 'docs/git.md';
const PROJECT = 'tanuki/awesome_project';
const LIBRARY = {
  'package.json': '{ "name": "library", "version": "1.0.0" }',
  'setup.py': 'from setuptools import setup\nsetup(name="library", py_modules=["library"])\n',
  'library.py': 'ANSWER = 42\n',
};
const DEBIANS_PIP = '#!/bin/sh\nexec /usr/bin/python3 -m pip "$@"\n';

const Texts = z.record(z.string(), z.string());
const SecretManifest = z.strictObject({
  apiVersion: z.literal('v1'),
  kind: z.literal('Secret'),
  metadata: z.strictObject({
    name: z.string(),
    namespace: z.string(),
    labels: Texts.default({}),
  }),
  stringData: Texts,
});

/** Each recipe of the document as it stands there, pasted into a shell. */
describe('the recipes of docs/git.md', () => {
  let named: NamedApp;
  let page: string;
  let home: string;
  let token: Login;

  before(async () => {
    page = await readFile(PAGE, 'utf8');
    named = await startNamedApp();
    const { app } = named;
    const { user } = await newUser(app);
    const namespace = await giveNamespace(app, 'tanuki', user, 'owner');
    token = (await newDeployToken(app, namespace, { scopes: ['read_repository'] })).login;
    const module = { 'go.mod': Buffer.from(`module ${HOST}/${PROJECT}\n\ngo 1.19\n`) };
    await projectWithCode(app, {
      path: PROJECT,
      stream: history({ commits: 1, files: { ...module, 'code.go': Buffer.from('package x\n') } }),
    });
    const files = Object.fromEntries(
      Object.entries(LIBRARY).map(([name, text]) => [name, Buffer.from(text)]),
    );
    const stream = Buffer.concat([
      history({ commits: 1, files }),
      Buffer.from(references(['refs/tags/v1.0'])),
    ]);
    await projectWithCode(app, { path: 'tanuki/library', stream });
  });

  after(async () => {
    await named.stop();
  });

  beforeEach(async () => {
    home = join(named.folder, 'home');
    await mkdir(home);
  });

  afterEach(async () => {
    await rm(home, { recursive: true });
  });

  function env(): NodeJS.ProcessEnv {
    return {
      ...named.env,
      HOME: home,
      PULLGATE_USER: token.username,
      PULLGATE_TOKEN: token.secret,
      GOPATH: join(home, 'go'),
      GOFLAGS: '-modcacherw',
      GOTOOLCHAIN: 'local',
      PIP_TARGET: join(home, 'pip'),
      PIP_NO_BUILD_ISOLATION: 'off',
      PIP_NO_INDEX: 'on',
    };
  }

  async function shell(script: string, folder = home): Promise<string> {
    const { code, output } = await run('bash', ['-ec', script], {
      cwd: folder,
      env: env(),
      timeoutMs: 110_000,
    });
    expect(code, output).to.equal(0);
    return output;
  }

  async function paste(heading: string, block = 0): Promise<string> {
    const script = codeBlocks(page, heading)[block];
    if (script === undefined) {
      throw new Error(`no such recipe: ${heading}`);
    }
    return await shell(script);
  }

  for (const heading of [
    'A machine, by `.netrc`',
    'A job, by its environment',
    'A person, by a credential helper',
    'A token for each project',
  ]) {
    it(`clone: ${heading}`, async () => {
      await paste(heading);

      expect(await readFile(join(home, 'awesome_project', 'go.mod'), 'utf8')).to.contain(PROJECT);
    });
  }

  it('leave no secret on the disk of a job', async () => {
    await paste('A job, by its environment');

    const { stdout } = await run('grep', ['-r', '--files-with-matches', token.secret, home]);
    expect(stdout).to.equal('');
  });

  it('give each project its own token', async () => {
    await paste('A token for each project');

    const { code } = await run('git', ['ls-remote', `https://${HOST}/tanuki/library.git`], {
      cwd: home,
      env: env(),
    });
    expect(code).to.equal(128);
  });

  it('turn addresses by SSH into ones by HTTP', async () => {
    await loginByNetrc();
    await paste('Addresses by SSH');

    for (const start of [`git@${HOST}:`, `ssh://git@${HOST}/`]) {
      expect(await shell(`git ls-remote ${start}${PROJECT}.git`)).to.contain('refs/heads/main');
    }
  });

  it('clone submodules with the login of the repository', async () => {
    const { app } = named;
    const { user, login } = await newUser(app);
    const path = 'tanuki/awesome_project';
    await giveNamespace(app, 'tanuki', user, 'developer');
    const address = `https://${login.username}:${encodeURIComponent(login.secret)}@${HOST}/${path}.git`;
    await shell(`git clone --quiet '${address}' work`);
    await shell(codeBlocks(page, 'Submodules')[0] ?? '', join(home, 'work'));
    const author = '-c user.name=Ada -c user.email=ada@example.com';
    await shell(`cd work && git ${author} commit --quiet -m library && git push --quiet`);

    await paste('Submodules', 1);

    const text = await readFile(join(home, 'awesome_project', 'library', 'library.py'), 'utf8');
    expect(text).to.equal(LIBRARY['library.py']);
  });

  it('get a Go module', async () => {
    await writeFile(join(home, 'go.mod'), 'module consumer\n\ngo 1.19\n');

    await paste('Go');

    expect(await readFile(join(home, 'go.mod'), 'utf8')).to.contain(`${HOST}/${PROJECT} v0.0.0-`);
  });

  it('install a library with pip', async () => {
    await loginByNetrc();
    const bin = join(home, 'bin');
    await mkdir(bin);
    await writeFile(join(bin, 'pip'), DEBIANS_PIP, { mode: 0o755 });

    await shell(`PATH=${bin}:$PATH\n${codeBlocks(page, 'pip, uv')[0]}`);

    expect(await readFile(join(home, 'pip', 'library.py'), 'utf8')).to.equal(LIBRARY['library.py']);
  });

  it('install a library with pip by requirements without a secret', async () => {
    await writeFile(join(home, 'requirements.txt'), codeBlocks(page, 'pip, uv')[1] ?? '');

    await shell('/usr/bin/python3 -m pip install --quiet -r requirements.txt');

    expect(await readFile(join(home, 'pip', 'library.py'), 'utf8')).to.equal(LIBRARY['library.py']);
  });

  it('install a library with npm', async () => {
    await loginByNetrc();
    await writeFile(join(home, 'package.json'), '{}');

    await paste('npm, cargo');

    const installed = join(home, 'node_modules', 'library', 'library.py');
    expect(await readFile(installed, 'utf8')).to.equal(LIBRARY['library.py']);
  });

  for (const heading of ['Argo CD', 'Flux']) {
    it(`are manifests that Kubernetes takes: ${heading}`, () => {
      const [yaml = ''] = codeBlocks(page, heading);

      const [document = ''] = yaml.split(/^---$/m);
      const manifest = SecretManifest.parse(parse(document));

      expect(() => {
        new Secret(manifest).validate();
      }).not.to.throw();
      expect(manifest.stringData).to.include({ username: 'deploy-token-1', password: 'gldt-…' });
    });
  }

  async function loginByNetrc(): Promise<void> {
    const line = `machine ${HOST} login ${token.username} password ${token.secret}\n`;
    await writeFile(join(home, '.netrc'), line, { mode: 0o600 });
  }
});
