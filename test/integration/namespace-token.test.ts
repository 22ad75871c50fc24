import { expect } from 'chai';
import { authConfigFromSecret, startContainerd, type Containerd } from '../support/containerd.js';
import {
  cloneUrl,
  importInto,
  history,
  newGitClient,
  type GitClient,
} from '../support/git-client.js';
import { pushTinyImage } from '../support/image.js';
import { startInstallation, type Installation } from '../support/installation.js';
import { credsOf, skopeo } from '../support/skopeo.js';
import type { Login } from '../support/token-client.js';

const PROJECTS = ['tanuki/shop', 'tanuki/backend/api', 'tanuki/backend/worker'];
const LATER = 'tanuki/made-later';
const ELSEWHERE = 'tanuki-evil/shop';

describe('one deploy token of a namespace, for a whole cluster', () => {
  let installation: Installation;
  let containerd: Containerd;
  let git: GitClient;
  let admin: Login;

  before(async () => {
    installation = await startInstallation();
    containerd = await startContainerd({ plainHttpHosts: [installation.host] });
    git = await newGitClient();
    admin = await installation.addUser('root', 'admin');
    for (const project of [...PROJECTS, ELSEWHERE]) {
      await addProjectWithImage(project);
    }
  });

  after(async () => {
    await git?.remove();
    await containerd?.stop();
    await installation.stop();
  });

  async function addProjectWithImage(project: string): Promise<void> {
    await installation.addProject(project);
    await pushTinyImage({
      registry: `http://${installation.host}`,
      repository: `${project}/web`,
      tag: '1',
      content: project,
      token: async (scope) => await installation.jwt(admin, scope),
    });
  }

  function image(project: string): string {
    return `${installation.host}/${project}/web:1`;
  }

  /** One secret for the whole host, as every pod of the cluster has it. */
  async function pullWithSecret({ username, secret }: Login, project: string): Promise<string> {
    const auth = Buffer.from(`${username}:${secret}`).toString('base64');
    const auths = { [installation.host]: { username, password: secret, auth } };
    const pullSecret = {
      apiVersion: 'v1',
      kind: 'Secret',
      type: 'kubernetes.io/dockerconfigjson',
      metadata: { name: 'pullgate' },
      data: { '.dockerconfigjson': Buffer.from(JSON.stringify({ auths })).toString('base64') },
    };
    const config = authConfigFromSecret(pullSecret, image(project));
    const { imageRef } = await containerd.pullImage(image(project), config ?? undefined);
    await containerd.removeImage(image(project));
    return imageRef;
  }

  it('pulls the images of three projects with one imagePullSecret, and nothing beside them', async () => {
    const token = await installation.addDeployToken('tanuki');

    for (const project of PROJECTS) {
      expect(await pullWithSecret(token, project)).to.match(/^sha256:/);
    }
    expect(await outcomeOf(pullWithSecret(token, ELSEWHERE))).to.equal('refused');
  });

  it('pulls from a project that is made later, without a change to it', async () => {
    const token = await installation.addDeployToken('tanuki');

    await addProjectWithImage(LATER);

    expect(await pullWithSecret(token, LATER)).to.match(/^sha256:/);
  });

  it('clones the repositories of two projects', async () => {
    const token = await installation.addDeployToken('tanuki', { scopes: ['read_repository'] });

    for (const project of PROJECTS.slice(0, 2)) {
      await installation.withStore(async (store) => {
        const id = (await store.projects.findByPath(project))?.id ?? 0;
        await importInto(`${installation.folder}/data/git/${id}.git`, history({ commits: 1 }));
      });
      const address = cloneUrl(installation.origin, `${project}.git`, token);
      await git.git(['clone', '--quiet', address, project.replaceAll('/', '-')]);
    }
    const push = await git.run(
      ['push', cloneUrl(installation.origin, `${PROJECTS[0]}.git`, token), 'HEAD:x'],
      {
        in: 'tanuki-shop',
      },
    );
    expect(push.output).to.contain('A deploy token only reads: it cannot push.');
  });

  it('is refused a push of an image, wherever', async () => {
    const token = await installation.addDeployToken('tanuki');

    for (const project of [PROJECTS[0], 'tanuki/never']) {
      const { code, output } = await skopeo(`${installation.folder}/skopeo`, [
        'copy',
        '--src-tls-verify=false',
        '--dest-tls-verify=false',
        `--src-creds=${credsOf(token)}`,
        `--dest-creds=${credsOf(token)}`,
        `docker://${image(PROJECTS[1] ?? '')}`,
        `docker://${installation.host}/${project}/pushed:1`,
      ]);
      expect(code, output).not.to.equal(0);
    }
  });

  it('is narrowed by `only`, for images and git alike', async () => {
    const token = await installation.addDeployToken('tanuki', {
      scopes: ['read_registry', 'read_repository'],
      only: ['tanuki/backend'],
    });

    expect(await outcomeOf(pullWithSecret(token, 'tanuki/backend/api'))).to.equal('pulled');
    expect(await outcomeOf(pullWithSecret(token, 'tanuki/shop'))).to.equal('refused');
    const address = cloneUrl(installation.origin, 'tanuki/shop.git', token);
    const clone = await git.run(['ls-remote', address]);
    expect(clone.output).to.contain('could not be found');
  });

  it('is refused at once when it is revoked', async () => {
    const token = await installation.addDeployToken('tanuki');
    await pullWithSecret(token, 'tanuki/shop');

    await installation.done('deploy-token', 'revoke', String(token.id));

    expect(await outcomeOf(pullWithSecret(token, 'tanuki/shop'))).to.equal('refused');
  });
});

async function outcomeOf(work: Promise<string>): Promise<string> {
  return await work.then(
    () => 'pulled',
    (error: unknown) =>
      /denied|authoriz|insufficient/.test(String(error)) ? 'refused' : String(error),
  );
}
