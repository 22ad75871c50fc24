import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { connect as connectTcp } from 'node:net';
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
import { errorOf, sendRaw } from '../support/token-client.js';

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

  it('tells who speaks HTTP to it that it speaks HTTPS', async () => {
    const answer = await sendRaw(app.origin, 'GET /token HTTP/1.1\r\nHost: a\r\n\r\n');

    expect(answer.status).to.equal(400);
    expect(errorOf(answer).message).to.equal(
      'This port speaks HTTPS: the address has to begin with https://.',
    );
    expect(await servedCertificate()).to.match(/^[0-9A-F:]+$/);
  });

  it('lives on after connections that say nothing, or nothing that it knows', async () => {
    for (const bytes of ['', '\n', '\x16\x03', '\x00'.repeat(100)]) {
      const socket = connectTcp(app.service.port, '127.0.0.1');
      await once(socket, 'connect');
      socket.end(bytes);
      await once(socket.resume(), 'close');
    }

    expect(await servedCertificate()).to.match(/^[0-9A-F:]+$/);
  });

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
