import { expect } from 'chai';
import { OPERATOR } from '../../src/access/actor.js';
import { createDeployToken } from '../../src/services/deploy-tokens.js';
import { findProjectByPath } from '../../src/services/projects.js';
import { startContainerd, type Containerd } from '../support/containerd.js';
import { pushTinyImage } from '../support/image.js';
import { startInstallation, type Installation } from '../support/installation.js';
import { startNginx, type Nginx } from '../support/nginx.js';
import { freePort } from '../support/run.js';
import { credsOf, skopeo } from '../support/skopeo.js';
import type { Login } from '../support/token-client.js';

const PROJECT = 'tanuki/awesome_project';

// The kubelet shows what containerd says, and containerd drops the body of a refusal: somebody whose pods
// do not start reads "401 Unauthorized" and nothing more. The status line it does show.
for (const way of ['straight', 'through nginx'] as const) {
  describe(`what Kubernetes shows of a refused pull, ${way}`, () => {
    let installation: Installation;
    let nginx: Nginx | undefined;
    let containerd: Containerd;
    let image: string;

    before(async () => {
      const listen = await freePort();
      const env = { PULLGATE_HTTP_PUBLIC_URL: `http://localhost:${listen}` };
      installation = await startInstallation(way === 'straight' ? {} : { env });
      const upstream = Number(new URL(installation.origin).port);
      nginx = way === 'straight' ? undefined : await startNginx({ listen, upstream });
      containerd = await startContainerd({ plainHttpHosts: [installation.host] });
      await installation.addProject(PROJECT);
      const admin = await installation.addUser('root', 'admin');
      image = `${installation.host}/${PROJECT}:1`;
      await pushTinyImage({
        registry: `http://${installation.host}`,
        repository: PROJECT,
        tag: '1',
        content: PROJECT,
        token: async (scope) => await installation.jwt(admin, scope),
      });
    });

    after(async () => {
      await containerd?.stop();
      await nginx?.stop();
      await installation.stop();
    });

    async function eventOf({ username, secret }: Login): Promise<string> {
      return await containerd.pullImage(image, { username, password: secret }).then(
        () => 'it worked',
        (error: unknown) => String(error),
      );
    }

    it('says when a deploy token was revoked', async () => {
      const token = await installation.addDeployToken(PROJECT);
      await installation.done('deploy-token', 'revoke', String(token.id));

      expect(await eventOf(token)).to.match(
        /401 Unauthorized \(Pullgate: this deploy token was revoked on \d{4}-\d\d-\d\d\)/,
      );
    });

    it('says when it expired', async () => {
      const expired = await installation.withStore(async (store) => {
        const project = await findProjectByPath({ store }, PROJECT);
        const deps = { store, now: () => new Date('2020-01-01T00:00:00Z'), tokenPrefix: 'gldt-' };
        const { token, secret } = await createDeployToken(deps, OPERATOR, project, {
          name: 'expired',
          scopes: ['read_registry'],
          expiresAt: new Date('2020-02-01T00:00:00Z'),
          username: null,
        });
        return { username: token.username, secret: secret.reveal() };
      });

      expect(await eventOf(expired)).to.contain(
        '401 Unauthorized (Pullgate: this deploy token expired on 2020-02-01)',
      );
    });

    it('says which scope is missing', async () => {
      const token = await installation.addDeployToken(PROJECT, { scopes: ['read_repository'] });

      expect(await eventOf(token)).to.contain(
        '401 Unauthorized (Pullgate: this deploy token has no read_registry scope)',
      );
    });

    it('says that the secret ends with a line break', async () => {
      const token = await installation.addDeployToken(PROJECT);

      expect(await eventOf({ ...token, secret: `${token.secret}\n` })).to.contain(
        '401 Unauthorized (Pullgate: the username or the password ends with a line break)',
      );
    });

    it('says no more than 401 to whoever has no genuine token', async () => {
      const token = await installation.addDeployToken(PROJECT);

      const event = await eventOf({ ...token, secret: 'gldt-wrong' });

      expect(event).to.match(/401 Unauthorized(?! \()/);
      expect(event).not.to.contain('Pullgate:');
    });

    it('is what skopeo and podman show of a token without the scope, which they hide in a 403', async () => {
      const token = await installation.addDeployToken(PROJECT, { scopes: ['read_repository'] });

      const { code, output } = await skopeo(`${installation.folder}/skopeo`, [
        'inspect',
        '--tls-verify=false',
        `--creds=${credsOf(token)}`,
        `docker://${image}`,
      ]);

      expect(code).not.to.equal(0);
      expect(output).to.contain('This deploy token has no read_registry scope');
    });
  });
}
