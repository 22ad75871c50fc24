import { expect } from 'chai';
import { authConfigFromSecret, startContainerd, type Containerd } from '../support/containerd.js';
import { pushTinyImage } from '../support/image.js';
import { describeWithEachRegistry } from '../support/each-registry.js';
import { startInstallation, type Installation, type RequestLine } from '../support/installation.js';
import { credsOf } from '../support/skopeo.js';
import type { Login } from '../support/token-client.js';

const PROJECT = 'tanuki/awesome_project';
const NESTED = `${PROJECT}/api/v2`;
/** Another project, whose name merely starts alike. */
const EVIL = `${PROJECT}-evil`;

describeWithEachRegistry('containerd', (stock) => {
  let installation: Installation;
  let containerd: Containerd;

  before(async () => {
    installation = await startInstallation({ registry: stock });
    containerd = await startContainerd({ plainHttpHosts: [installation.host] });
    await Promise.all([installation.addProject(PROJECT), installation.addProject(EVIL)]);
    const admin = await installation.addUser('root', 'admin');
    for (const repository of [PROJECT, NESTED, EVIL]) {
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
    await containerd?.stop();
    await installation.stop();
  });

  function image(repository: string): string {
    return `${installation.host}/${repository}:1`;
  }

  /** As the settings page would give it, for images whose names start like the project's. */
  function imagePullSecret({ username, secret }: Login): object {
    const auth = Buffer.from(`${username}:${secret}`).toString('base64');
    const key = `${installation.host}/${PROJECT}`;
    const json = JSON.stringify({ auths: { [key]: { username, password: secret, auth } } });
    return {
      apiVersion: 'v1',
      kind: 'Secret',
      type: 'kubernetes.io/dockerconfigjson',
      metadata: { name: 'pullgate' },
      data: { '.dockerconfigjson': Buffer.from(json).toString('base64') },
    };
  }

  /** As kubelet does: the credentials that the secret has for the image, handed to the runtime. */
  async function pullWithSecret(login: Login, repository: string): Promise<string> {
    const auth = authConfigFromSecret(imagePullSecret(login), image(repository));
    if (auth === null) {
      throw new Error(`The secret has nothing for ${repository}.`);
    }
    return (await containerd.pullImage(image(repository), auth)).imageRef;
  }

  async function tokenRequestsDuring(work: () => Promise<unknown>): Promise<RequestLine[]> {
    const before = (await installation.requests()).length;
    await work();
    return (await installation.requests()).slice(before).filter(({ path }) => path === '/token');
  }

  it('pulls with ctr and a deploy token, by POST, and needs no GET after it', async () => {
    const token = await installation.addDeployToken(PROJECT);
    const flags = ['--plain-http', '--user', credsOf(token)];

    const requests = await tokenRequestsDuring(async () => {
      const { code, output } = await containerd.ctr(['images', 'pull', ...flags, image(PROJECT)]);
      expect(code, output).to.equal(0);
    });

    const answers = new Set(requests.map(({ method, status }) => `${method} ${status}`));
    expect([...answers]).to.deep.equal(['POST 200']);
  });

  it('pulls every image of the project for a pod with its imagePullSecret', async () => {
    const token = await installation.addDeployToken(PROJECT);

    for (const repository of [PROJECT, NESTED]) {
      const imageRef = await pullWithSecret(token, repository);

      expect(imageRef).to.match(/^sha256:/);
      await containerd.removeImage(image(repository));
    }
  });

  it('pulls with the same credentials as one base64 text', async () => {
    const token = await installation.addDeployToken(PROJECT);
    const auth = Buffer.from(credsOf(token)).toString('base64');

    const { imageRef } = await containerd.pullImage(image(PROJECT), { auth });

    expect(imageRef).to.match(/^sha256:/);
    await containerd.removeImage(image(PROJECT));
  });

  it('is refused a project for which kubelet presents the secret because its name starts alike', async () => {
    const token = await installation.addDeployToken(PROJECT);

    const message = await messageOf(pullWithSecret(token, EVIL));

    expect(authConfigFromSecret(imagePullSecret(token), image(EVIL))).not.to.equal(null);
    expect(message).to.match(/denied|authorization failed|insufficient_scope/);
  });

  it('is refused with a token that is revoked by then, first by POST and then by GET', async () => {
    const token = await installation.addDeployToken(PROJECT);
    await pullWithSecret(token, PROJECT);
    await containerd.removeImage(image(PROJECT));
    await installation.done('deploy-token', 'revoke', String(token.id));

    let message = '';
    const requests = await tokenRequestsDuring(async () => {
      message = await messageOf(pullWithSecret(token, PROJECT));
    });

    expect(message).to.match(/401 Unauthorized/);
    expect(requests.slice(0, 2).map(({ method }) => method)).to.deep.equal(['POST', 'GET']);
    expect(new Set(requests.map(({ status, refusal }) => `${status} ${refusal}`))).to.deep.equal(
      new Set(['401 revoked']),
    );
  });

  it('is refused without any secret', async () => {
    const message = await messageOf(containerd.pullImage(image(PROJECT)));

    expect(message).to.match(/denied|authorization failed|insufficient_scope/);
  });

  it('leaves no secret in the log of the service, though the POST has them in its body', async () => {
    await installation.requests();

    const log = installation.serviceLog();

    expect(installation.secrets().filter((secret) => log.includes(secret))).to.deep.equal([]);
  });
});

async function messageOf(work: Promise<unknown>): Promise<string> {
  return await work.then(
    () => 'it worked',
    (error: unknown) => String(error),
  );
}
