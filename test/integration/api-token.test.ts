import { Gitlab } from '@gitbeaker/rest';
import { expect } from 'chai';
import { pushImage } from '../../src/quickstart/demo-image.js';
import { cloneUrl, newGitClient, type GitClient } from '../support/git-client.js';
import { aTinyImage } from '../support/image.js';
import { startInstallation, type Installation } from '../support/installation.js';
import { basic, send, type Login } from '../support/token-client.js';

const PROJECT = 'tanuki/awesome_project';
const MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';

describe('a deploy token made by the API', () => {
  let installation: Installation;
  let git: GitClient;
  let admin: Login;

  before(async () => {
    installation = await startInstallation();
    git = await newGitClient();
    admin = await installation.addUser('root', 'admin');
  });

  after(async () => {
    await installation.stop();
    await git.remove();
  });

  /** As a client of the registry goes about it: asks for a JWT, then for the manifest. */
  async function pull(login: Login): Promise<number> {
    const scope = encodeURIComponent(`repository:${PROJECT}:pull`);
    const asked = await send(installation.origin, {
      method: 'GET',
      target: `/token?service=container_registry&scope=${scope}`,
      headers: { authorization: basic(login) },
    });
    if (asked.status !== 200) {
      return asked.status;
    }
    const manifest = await send(`http://${installation.host}`, {
      method: 'GET',
      target: `/v2/${PROJECT}/manifests/1`,
      headers: {
        authorization: `Bearer ${await installation.jwt(login, `repository:${PROJECT}:pull`)}`,
        accept: MANIFEST,
      },
    });
    return manifest.status;
  }

  it('pulls from the real registry and clones with the real git at once, and neither once it is deleted', async () => {
    // All that the command line does: the first personal access token. The rest is the API's.
    const { secret } = await installation.addAccessToken(admin, 'api');
    const gitlab = new Gitlab({ host: installation.origin, token: secret });
    const { id } = await gitlab.Projects.create({ path: PROJECT });
    await pushImage({
      registry: `http://${installation.host}`,
      repository: PROJECT,
      tag: '1',
      image: aTinyImage('by the API'),
      token: async (scope) => await installation.jwt(admin, scope),
    });

    const made = await gitlab.DeployTokens.create('ci', ['read_registry', 'read_repository'], {
      projectId: id,
    });
    const login = { username: made.username, secret: made.token };
    const pulled = await pull(login);
    const cloned = await git.run([
      'clone',
      cloneUrl(installation.origin, PROJECT, login),
      'before',
    ]);
    await gitlab.DeployTokens.remove(made.id, { projectId: id });
    const pulledAfter = await pull(login);
    const clonedAfter = await git.run([
      'clone',
      cloneUrl(installation.origin, PROJECT, login),
      'after',
    ]);

    expect([pulled, pulledAfter]).to.deep.equal([200, 401]);
    expect(cloned.code, cloned.output).to.equal(0);
    expect(clonedAfter.code).not.to.equal(0);
    expect(clonedAfter.output).to.contain('Authentication failed');
    expect(installation.serviceLog()).not.to.contain(made.token).and.not.to.contain(secret);
  });
});
