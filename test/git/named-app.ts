import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startConnectProxy } from '../support/connect-proxy.js';
import { temporaryFolder } from '../support/run.js';
import { startApp, type TestApp } from '../support/start-app.js';
import { newTlsAuthority } from '../support/tls-authority.js';

export const HOST = 'git.example.com';

export interface NamedApp {
  readonly app: TestApp;
  /** For files of the test. */
  readonly folder: string;
  /** With which programs find it at `https://git.example.com`, and trust it. */
  readonly env: NodeJS.ProcessEnv;
  readonly stop: () => Promise<void>;
}

/** A service by HTTPS and under a name, which some clients insist on. */
export async function startNamedApp(): Promise<NamedApp> {
  const folder = await temporaryFolder('pullgate-named');
  const authority = newTlsAuthority();
  const { certificatePem, privateKeyPem } = authority.issue(1, HOST);
  const ca = join(folder.path, 'ca.crt');
  const cert = join(folder.path, 'tls.crt');
  const key = join(folder.path, 'tls.key');
  await writeFile(ca, authority.certificatePem);
  await writeFile(cert, certificatePem);
  await writeFile(key, privateKeyPem);
  const app = await startApp({
    env: {
      PULLGATE_HTTP_TLS_CERT: cert,
      PULLGATE_HTTP_TLS_KEY: key,
      PULLGATE_HTTP_PUBLIC_URL: `https://${HOST}`,
    },
  });
  const proxy = await startConnectProxy(app.service.port);
  return {
    app,
    folder: folder.path,
    env: {
      PATH: process.env['PATH'],
      HTTPS_PROXY: proxy.url,
      SSL_CERT_FILE: ca,
      GIT_SSL_CAINFO: ca,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_TERMINAL_PROMPT: '0',
    },
    async stop() {
      proxy.stop();
      await app.stop();
      await folder.remove();
    },
  };
}
