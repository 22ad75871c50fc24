import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { connect } from 'node:tls';
import { expect } from 'chai';
import {
  generateCaKey,
  issueLeaf,
  makeCaCertificate,
  type CertificateAndKey,
} from '../../src/keys/certificate.js';
import { temporaryFolder, type TemporaryFolder } from '../support/run.js';
import { startApp, type TestApp } from '../support/start-app.js';

describe('HTTPS', () => {
  let folder: TemporaryFolder;
  let ca: CertificateAndKey;
  let app: TestApp;

  before(async () => {
    folder = await temporaryFolder('pullgate-tls-');
    const privateKeyPem = await generateCaKey();
    ca = { privateKeyPem, certificatePem: makeCaCertificate(privateKeyPem, new Date()) };
    await replaceFiles(await issueLeaf(ca, 'RS256', new Date()));
    app = await startApp({
      env: {
        PULLGATE_HTTP_TLS_CERT: join(folder.path, 'tls.crt'),
        PULLGATE_HTTP_TLS_KEY: join(folder.path, 'tls.key'),
      },
    });
  });

  after(async () => {
    await app.stop();
    await folder.remove();
  });

  /** As certbot and Kubernetes do it: new files under the old names. */
  async function replaceFiles({ certificatePem, privateKeyPem }: CertificateAndKey): Promise<void> {
    for (const [name, pem] of [
      ['tls.key', privateKeyPem],
      ['tls.crt', certificatePem],
    ] as const) {
      await writeFile(join(folder.path, `${name}.new`), pem);
      await rename(join(folder.path, `${name}.new`), join(folder.path, name));
    }
  }

  async function servedCertificate(): Promise<string> {
    // The certificate names no host; which one it is, is what is asked here.
    const socket = connect({
      host: '127.0.0.1',
      port: app.service.port,
      ca: ca.certificatePem,
      checkServerIdentity: () => undefined,
    });
    await once(socket, 'secureConnect');
    const { fingerprint256 } = socket.getPeerCertificate();
    socket.destroy();
    return fingerprint256;
  }

  it('serves the configured certificate, and a new one once the files change', async () => {
    const first = await servedCertificate();
    const renewed = await issueLeaf(ca, 'RS256', new Date());
    const { fingerprint256 } = new X509Certificate(renewed.certificatePem);

    await replaceFiles(renewed);
    let served = first;
    for (let attempt = 0; attempt < 60 && served === first; attempt += 1) {
      await delay(250);
      served = await servedCertificate();
    }

    expect(first).not.to.equal(fingerprint256);
    expect(served).to.equal(fingerprint256);
  });
});
