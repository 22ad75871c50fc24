import { join } from 'node:path';
import { expect } from 'chai';
import { startDockerEngine, type DockerEngine } from '../support/docker-engine.js';
import { aTinyImage, dockerArchive, pushTinyImage } from '../support/image.js';
import { describeWithEachRegistry } from '../support/each-registry.js';
import { startInstallation, type Installation } from '../support/installation.js';
import type { RunResult } from '../support/run.js';
import type { Login } from '../support/token-client.js';

const PROJECT = 'tanuki/awesome_project';
const NESTED = [PROJECT, `${PROJECT}/api`, `${PROJECT}/api/v2`] as const;
const OTHER = 'kitsune/private';
const REFUSED = /denied|unauthorized|insufficient_scope/;

describeWithEachRegistry('a Docker engine', (stock) => {
  let installation: Installation;
  let engine: DockerEngine;
  let developer: Login;
  let configs = 0;

  before(async () => {
    installation = await startInstallation({ registry: stock });
    engine = await startDockerEngine();
    await Promise.all([installation.addProject(PROJECT), installation.addProject(OTHER)]);
    developer = await installation.addMemberWithToken('ada', PROJECT, 'developer');
    const admin = await installation.addUser('root', 'admin');
    for (const repository of [...NESTED, OTHER]) {
      await pushTinyImage({
        registry: `http://${installation.host}`,
        repository,
        tag: '1',
        content: repository,
        token: async (scope) => await installation.jwt(admin, scope),
      });
    }
  });

  after(async () => {
    await engine?.stop();
    await installation.stop();
  });

  type Docker = (args: readonly string[], input?: string | Uint8Array) => Promise<RunResult>;

  /** The docker program with logins of its own, after a login as this one. */
  async function loggedIn(login: Login): Promise<Docker> {
    configs += 1;
    const configDir = join(installation.folder, `docker-${configs}`);
    async function docker(
      args: readonly string[],
      input: string | Uint8Array = '',
    ): Promise<RunResult> {
      return await engine.docker(args, { configDir, input });
    }
    const flags = ['--username', login.username, '--password-stdin', installation.host];
    const { code, output } = await docker(['login', ...flags], login.secret);
    expect(code, output).to.equal(0);
    return docker;
  }

  function image(repository: string, tag = '1'): string {
    return `${installation.host}/${repository}:${tag}`;
  }

  async function load(docker: Docker, name: string, content: string): Promise<void> {
    const { code, output } = await docker(['load'], dockerArchive(aTinyImage(content), name));
    expect(code, output).to.equal(0);
  }

  it('logs in with a deploy token, and again with what was stored', async () => {
    const docker = await loggedIn(await installation.addDeployToken(PROJECT));

    const again = await docker(['login', installation.host]);

    expect(again.stdout).to.contain('Login Succeeded');
    expect(again.code).to.equal(0);
  });

  it('pulls every image of the project with its deploy token', async () => {
    const docker = await loggedIn(await installation.addDeployToken(PROJECT));

    for (const repository of NESTED) {
      const pulled = await docker(['pull', image(repository)]);

      expect(pulled.code, pulled.output).to.equal(0);
      await docker(['image', 'rm', image(repository)]);
    }
  });

  it('refuses a deploy token to push to its own project', async () => {
    const docker = await loggedIn(await installation.addDeployToken(PROJECT));
    await load(docker, image(PROJECT, 'by-token'), 'by a token');

    const pushed = await docker(['push', image(PROJECT, 'by-token')]);

    expectRefusal(pushed);
    await docker(['image', 'rm', image(PROJECT, 'by-token')]);
  });

  it('refuses a deploy token the images of another project', async () => {
    const docker = await loggedIn(await installation.addDeployToken(PROJECT));

    expectRefusal(await docker(['pull', image(OTHER)]));
  });

  it('pushes as a developer, to a new image of the project, with layers that another has', async () => {
    const docker = await loggedIn(developer);
    const [first, second] = [image(PROJECT, 'new'), image(`${PROJECT}/copy`, 'new')];
    await load(docker, first, 'new');
    await docker(['tag', first, second]);

    const pushes = [await docker(['push', first]), await docker(['push', second])];

    for (const { code, output } of pushes) {
      expect(code, output).to.equal(0);
    }
    await docker(['image', 'rm', first, second]);
  });

  it('refuses a pull after the logout', async () => {
    const docker = await loggedIn(await installation.addDeployToken(PROJECT));

    const out = await docker(['logout', installation.host]);

    expect(out.code, out.output).to.equal(0);
    expectRefusal(await docker(['pull', image(PROJECT)]));
  });

  it('refuses the next pull after the token was revoked, though it is still logged in', async () => {
    const token = await installation.addDeployToken(PROJECT);
    const docker = await loggedIn(token);
    const before = await docker(['pull', image(PROJECT)]);

    await installation.done('deploy-token', 'revoke', String(token.id));

    expect(before.code, before.output).to.equal(0);
    expectRefusal(await docker(['pull', image(PROJECT)]));
    await docker(['image', 'rm', image(PROJECT)]);
  });
});

function expectRefusal({ code, output }: RunResult): void {
  expect(output).to.match(REFUSED);
  expect(code).not.to.equal(0);
}
