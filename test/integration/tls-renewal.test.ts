import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { rename, writeFile } from 'node:fs/promises';
import { connect as connectTcp } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { connect as connectTls, createServer, type Server } from 'node:tls';
import { expect } from 'chai';
import { imageLayout } from '../support/image.js';
import { startInstallation, type Installation } from '../support/installation.js';
import { freePort, temporaryFolder, type TemporaryFolder } from '../support/run.js';
import { credsOf, skopeo } from '../support/skopeo.js';
import { newTlsAuthority } from '../support/tls-authority.js';
import type { Login } from '../support/token-client.js';

const PROJECT = 'tanuki/awesome_project';

describe('a certificate that is replaced on disk while clients pull', () => {
  const authority = newTlsAuthority();
  let folder: TemporaryFolder;
  let caFile: string;
  let port: number;
  let installation: Installation;
  let tlsRegistry: Server;
  let token: Login;

  before(async () => {
    folder = await temporaryFolder('pullgate-renewal');
    caFile = join(folder.path, 'authority.crt');
    await writeFile(caFile, authority.certificatePem);
    const { certificatePem, privateKeyPem } = authority.issue();
    await replace('tls.crt', certificatePem);
    await replace('tls.key', privateKeyPem);
    port = await freePort();
    installation = await startInstallation({
      env: {
        PULLGATE_HTTP_LISTEN: `127.0.0.1:${port}`,
        PULLGATE_HTTP_PUBLIC_URL: `https://localhost:${port}`,
        PULLGATE_HTTP_TLS_CERT: join(folder.path, 'tls.crt'),
        PULLGATE_HTTP_TLS_KEY: join(folder.path, 'tls.key'),
        PULLGATE_HTTP_WORKERS: '2',
      },
    });
    tlsRegistry = await serveOverTls(installation.host);
    await installation.addProject(PROJECT);
    token = await installation.addDeployToken(PROJECT);
    await push();
  });

  after(async () => {
    tlsRegistry.close();
    await installation.stop();
    await folder.remove();
  });

  /** As certbot and Kubernetes do it: a new file under the old name. */
  async function replace(name: string, pem: string): Promise<void> {
    await writeFile(join(folder.path, `${name}.new`), pem);
    await rename(join(folder.path, `${name}.new`), join(folder.path, name));
  }

  /** The stock registry behind HTTPS: a client that checks certificates then checks all of them. */
  async function serveOverTls(host: string): Promise<Server> {
    const { certificatePem, privateKeyPem } = authority.issue();
    const upstreamPort = Number(host.split(':')[1]);
    const server = createServer({ cert: certificatePem, key: privateKeyPem }, (client) => {
      const upstream = connectTcp(upstreamPort, '127.0.0.1');
      client.on('error', () => upstream.destroy());
      upstream.on('error', () => client.destroy());
      client.pipe(upstream).pipe(client);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return server;
  }

  async function push(): Promise<void> {
    const layout = join(folder.path, 'layout');
    await imageLayout(layout, { tag: '1' });
    const admin = await installation.addUser('root', 'admin');
    const flags = ['--dest-tls-verify=false', '--dest-creds', credsOf(admin)];
    const target = `docker://${installation.host}/${PROJECT}:1`;
    const pushed = await skopeo(folder.path, ['copy', ...flags, `oci:${layout}:1`, target]);
    expect(pushed.code, pushed.output).to.equal(0);
  }

  /** What was wrong; null when the image came, and every certificate on the way was good. */
  async function pull(number: number): Promise<string | null> {
    const address = tlsRegistry.address();
    const registryPort = typeof address === 'object' ? address?.port : 0;
    const source = `docker://localhost:${registryPort}/${PROJECT}:1`;
    const target = `dir:${join(folder.path, `pulled-${number}`)}`;
    const pulled = await skopeo(
      folder.path,
      ['copy', '--src-creds', credsOf(token), source, target],
      { SSL_CERT_FILE: caFile, SSL_CERT_DIR: '/nonexistent' },
    );
    return pulled.code === 0 ? null : pulled.output;
  }

  async function servedCertificate(): Promise<string> {
    const socket = connectTls({
      host: 'localhost',
      servername: 'localhost',
      port,
      ca: authority.certificatePem,
    });
    await once(socket, 'secureConnect');
    const { fingerprint256 } = socket.getPeerCertificate();
    socket.destroy();
    return fingerprint256;
  }

  it('fails no pull: half a pair leaves the old one in use, a whole one takes its place', async () => {
    const before = await servedCertificate();
    const renewed = authority.issue();
    const { fingerprint256 } = new X509Certificate(renewed.certificatePem);
    const pulls: (string | null)[] = [];
    const done = new AbortController();
    const pulling = (async () => {
      while (!done.signal.aborted) {
        pulls.push(await pull(pulls.length));
      }
    })();

    await replace('tls.key', renewed.privateKeyPem);
    await installation.service().line((line) => line.includes('TLS certificate cannot be used'));
    const half = await servedCertificate();
    await replace('tls.crt', renewed.certificatePem);
    const served = await allServe(fingerprint256);
    const pullsBefore = pulls.length;
    while (pulls.length < pullsBefore + 3) {
      await delay(100);
    }
    done.abort();
    await pulling;

    expect(half).to.equal(before);
    expect(served).to.equal(true);
    expect(pulls.filter((problem) => problem !== null)).to.deep.equal([]);
    expect(pulls.length).to.be.greaterThan(5);
  });

  /** Whether the new one is served, ten times in a row and so by every worker, before the test ends. */
  async function allServe(fingerprint256: string): Promise<boolean> {
    let inARow = 0;
    for (let attempt = 0; attempt < 600 && inARow < 10; attempt += 1) {
      inARow = (await servedCertificate()) === fingerprint256 ? inARow + 1 : 0;
      await delay(100);
    }
    return inARow >= 10;
  }
});
