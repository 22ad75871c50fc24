import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Image } from '../../src/quickstart/demo-image.js';
import { imageLayout } from '../support/image.js';
import { describeWithEachRegistry } from '../support/each-registry.js';
import { startInstallation, type Installation } from '../support/installation.js';
import type { RunResult } from '../support/run.js';
import { credsOf, skopeo } from '../support/skopeo.js';
import type { Login } from '../support/token-client.js';

const PROJECT = 'tanuki/awesome_project';
const NESTED = [PROJECT, `${PROJECT}/api`, `${PROJECT}/api/v2`] as const;
/** Another project, whose name merely starts alike. */
const EVIL = `${PROJECT}-evil`;
const SECRETIVE = 'kitsune/private';
const OPEN = 'kitsune/open';

const REFUSED = /unauthorized|denied|authentication required/i;

describeWithEachRegistry('skopeo', (stock) => {
  let installation: Installation;
  let layout: string;
  let image: Image;
  let developer: Login;
  let developerPassword: Login;
  let maintainer: Login;
  let token: Login;
  let copies = 0;

  before(async () => {
    installation = await startInstallation({ registry: stock });
    layout = join(installation.folder, 'layout');
    image = await imageLayout(layout, { tag: '1' });
    await Promise.all([
      installation.addProject(PROJECT),
      installation.addProject(EVIL),
      installation.addProject(SECRETIVE),
      installation.addProject(OPEN, 'public'),
    ]);
    developerPassword = await installation.addUser('ada');
    await installation.addMember(PROJECT, developerPassword, 'developer');
    developer = await installation.addAccessToken(
      developerPassword,
      'read_registry',
      'write_registry',
    );
    maintainer = await installation.addMemberWithToken('mei', PROJECT, 'maintainer');
    token = await installation.addDeployToken(PROJECT);

    const admin = await installation.addUser('root', 'admin');
    for (const repository of [...NESTED, EVIL, SECRETIVE, OPEN]) {
      const pushed = await push(repository, admin);
      expect(pushed.code, pushed.output).to.equal(0);
    }
  });

  after(async () => {
    await installation.stop();
  });

  async function run(...args: string[]): Promise<RunResult> {
    return await skopeo(join(installation.folder, 'home'), args);
  }

  function address(repository: string, tag = '1'): string {
    return `docker://${installation.host}/${repository}:${tag}`;
  }

  async function push(repository: string, login: Login, tag = '1'): Promise<RunResult> {
    const flags = ['--dest-tls-verify=false', '--dest-creds', credsOf(login)];
    return await run('copy', ...flags, `oci:${layout}:1`, address(repository, tag));
  }

  async function inspect(repository: string, login: Login | null, tag = '1'): Promise<RunResult> {
    const creds = login === null ? ['--no-creds'] : ['--creds', credsOf(login)];
    return await run('inspect', '--tls-verify=false', ...creds, address(repository, tag));
  }

  /** Copies the image to a folder; returns the digest of the manifest that arrived. */
  async function pull(repository: string, login: Login): Promise<string> {
    copies += 1;
    const folder = join(installation.folder, `copy-${copies}`);
    const flags = ['--src-tls-verify=false', '--src-creds', credsOf(login)];
    const { code, output } = await run('copy', ...flags, address(repository), `dir:${folder}`);
    expect(code, output).to.equal(0);
    const manifest = await readFile(join(folder, 'manifest.json'));
    return `sha256:${createHash('sha256').update(manifest).digest('hex')}`;
  }

  async function remove(repository: string, login: Login, tag: string): Promise<RunResult> {
    const flags = ['--tls-verify=false', '--creds', credsOf(login)];
    return await run('delete', ...flags, address(repository, tag));
  }

  for (const repository of NESTED) {
    it(`lets a developer push ${repository} with a personal access token`, async () => {
      const pushed = await push(repository, developer, 'by-token');

      expect(pushed.code, pushed.output).to.equal(0);
    });

    it(`lets a deploy token pull ${repository}`, async () => {
      const digest = await pull(repository, token);

      expect(digest).to.equal(image.manifest.digest);
    });
  }

  it('lets a developer push with the password of the account', async () => {
    const pushed = await push(`${PROJECT}/api`, developerPassword, 'by-password');

    expect(pushed.code, pushed.output).to.equal(0);
  });

  it('refuses a deploy token a project whose name starts like its own', async () => {
    expectRefusal(await inspect(EVIL, token));
  });

  it('refuses a deploy token another private project, in the words for one that does not exist', async () => {
    const absent = 'kitsune/nothing';

    const [existing, missing] = [await inspect(SECRETIVE, token), await inspect(absent, token)];

    expectRefusal(existing);
    expect(withoutTime(existing).replaceAll(SECRETIVE, absent)).to.equal(withoutTime(missing));
  });

  it('refuses a deploy token to push, even to its own project', async () => {
    const pushed = await push(PROJECT, token, 'by-deploy-token');

    expectRefusal(pushed);
    expect((await inspect(PROJECT, developer, 'by-deploy-token')).output).to.match(/unknown/);
  });

  it('refuses a developer to push to a project of others', async () => {
    expectRefusal(await push(SECRETIVE, developer));
  });

  it('refuses a deploy token and a developer to delete, and lets a maintainer', async () => {
    await push(`${PROJECT}/old`, developer, 'gone');

    const byToken = await remove(`${PROJECT}/old`, token, 'gone');
    const byDeveloper = await remove(`${PROJECT}/old`, developerPassword, 'gone');
    const stillThere = await inspect(`${PROJECT}/old`, token, 'gone');
    const byMaintainer = await remove(`${PROJECT}/old`, maintainer, 'gone');
    const afterwards = await inspect(`${PROJECT}/old`, token, 'gone');

    expectRefusal(byToken);
    expectRefusal(byDeveloper);
    expect(stillThere.code, stillThere.output).to.equal(0);
    expect(byMaintainer.code, byMaintainer.output).to.equal(0);
    expect(afterwards.output).to.match(/unknown/);
  });

  it('lets anyone pull a public project without credentials, and nobody a private one', async () => {
    const open = await inspect(OPEN, null);
    const closed = await inspect(PROJECT, null);

    expect(open.code, open.output).to.equal(0);
    expectRefusal(closed);
  });

  it('lets a deploy token pull a public project of others', async () => {
    const open = await inspect(OPEN, token);

    expect(open.code, open.output).to.equal(0);
  });
});

function withoutTime({ output }: RunResult): string {
  return output.replace(/time="[^"]*"/, '');
}

function expectRefusal({ code, output }: RunResult): void {
  expect(output).to.match(REFUSED);
  expect(code).not.to.equal(0);
}
