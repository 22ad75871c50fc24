/** Each kind of CA with each kind of leaf, as registries and their clients see it. */

import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { decodeProtectedHeader } from 'jose';
import { startContainerd, type Containerd } from '../support/containerd.js';
import { startDockerEngine, type DockerEngine } from '../support/docker-engine.js';
import { describeWithEachRegistry } from '../support/each-registry.js';
import { pushTinyImage } from '../support/image.js';
import { startInstallation, type Installation } from '../support/installation.js';
import { podman } from '../support/podman.js';
import { writeRsaCa } from '../support/rsa-ca.js';
import type { RunResult } from '../support/run.js';
import { credsOf, skopeo } from '../support/skopeo.js';
import type { Login } from '../support/token-client.js';

const PROJECT = 'tanuki/awesome_project';
const PAIRS = [
  ['P-256', 'ES256'],
  ['P-256', 'RS256'],
  ['RSA', 'ES256'],
  ['RSA', 'RS256'],
] as const;

describeWithEachRegistry('kinds of keys', (stock) => {
  let engine: DockerEngine;
  let containerd: Containerd;

  before(async () => {
    engine = await startDockerEngine();
    containerd = await startContainerd({ plainHttpHosts: [] });
  });

  after(async () => {
    await containerd?.stop();
    await engine?.stop();
  });

  for (const [caKind, algorithm] of PAIRS) {
    describe(`CA ${caKind}, leaf ${algorithm}`, () => {
      let installation: Installation;
      let token: Login;
      let image: string;

      before(async () => {
        installation = await startInstallation({
          algorithm,
          registry: stock,
          // Without a CA, the service makes one with a P-256 key.
          ...(caKind === 'RSA'
            ? { prepareCerts: async (dir) => await writeRsaCa(dir, new Date()) }
            : {}),
        });
        image = `${installation.host}/${PROJECT}:1`;
        await installation.addProject(PROJECT);
        token = await installation.addDeployToken(PROJECT);
        const admin = await installation.addUser('root', 'admin');
        await pushTinyImage({
          registry: `http://${installation.host}`,
          repository: PROJECT,
          tag: '1',
          token: async (scope) => await installation.jwt(admin, scope),
        });
      });

      after(async () => {
        await installation.stop();
      });

      function home(program: string): string {
        return join(installation.folder, program);
      }

      it('sign the JWT, with the leaf in it and the CA in ca.crt', async () => {
        const jwt = await installation.jwt(token, `repository:${PROJECT}:pull`);
        const { alg, x5c = [] } = decodeProtectedHeader(jwt);
        const ca = new X509Certificate(
          await readFile(join(installation.folder, 'certs', 'ca.crt')),
        );
        const [leaf, ...others] = x5c.map((der) => new X509Certificate(Buffer.from(der, 'base64')));

        expect(alg).to.equal(algorithm);
        expect(ca.publicKey.asymmetricKeyType).to.equal(caKind === 'RSA' ? 'rsa' : 'ec');
        expect(leaf?.verify(ca.publicKey)).to.equal(true);
        expect(others).to.deep.equal([]);
      });

      it('let docker log in and pull', async () => {
        const options = { configDir: home('docker') };
        const login = ['login', '--username', token.username, '--password-stdin'];

        expectSuccess(
          await engine.docker([...login, installation.host], { ...options, input: token.secret }),
        );
        expectSuccess(await engine.docker(['pull', image], options));
        expectSuccess(await engine.docker(['image', 'rm', image], options));
      });

      it('let containerd pull', async () => {
        const flags = ['--plain-http', '--user', credsOf(token)];

        expectSuccess(await containerd.ctr(['images', 'pull', ...flags, image]));
      });

      it('let skopeo pull', async () => {
        const flags = ['--src-tls-verify=false', '--src-creds', credsOf(token)];
        const target = `dir:${join(installation.folder, 'copy')}`;

        expectSuccess(
          await skopeo(home('skopeo'), ['copy', ...flags, `docker://${image}`, target]),
        );
      });

      it('let podman pull', async () => {
        const flags = ['--tls-verify=false', '--creds', credsOf(token)];

        expectSuccess(await podman(home('podman'), ['pull', ...flags, image]));
      });
    });
  }
});

function expectSuccess({ code, output }: RunResult): void {
  expect(code, output).to.equal(0);
}
