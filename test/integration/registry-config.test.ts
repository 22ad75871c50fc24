import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { describeWithEachRegistry } from '../support/each-registry.js';
import { startInstallation, type Installation } from '../support/installation.js';
import type { TestRegistry } from '../support/registry.js';
import { send, SERVICE, type Answer, type Login } from '../support/token-client.js';

const PROJECT = 'tanuki/awesome_project';

const Compose = z.strictObject({
  services: z.strictObject({
    registry: z.strictObject({
      image: z.string(),
      environment: z.record(z.string(), z.string()),
      volumes: z.array(z.string()),
    }),
  }),
});

describeWithEachRegistry('registry-config', (stock) => {
  let installation: Installation;
  let token: Login;
  let caFile: string;

  before(async () => {
    installation = await startInstallation({ registry: stock });
    caFile = join(installation.folder, 'certs', 'ca.crt');
    await installation.addProject(PROJECT);
    token = await installation.addDeployToken(PROJECT);
  });

  after(async () => {
    await installation.stop();
  });

  async function expectTrust(registry: TestRegistry): Promise<void> {
    const jwt = await installation.jwt(token, `repository:${PROJECT}:pull`);

    const asked = await get(registry, '/v2/', null);
    const loggedIn = await get(registry, '/v2/', jwt);
    const tags = await get(registry, `/v2/${PROJECT}/tags/list`, jwt);
    const others = await get(registry, '/v2/tanuki/other/tags/list', jwt);

    const challenge = `Bearer realm="${installation.origin}/token",service="${SERVICE}"`;
    expect(asked.status).to.equal(401);
    expect(asked.headers['www-authenticate']).to.equal(challenge);
    expect(loggedIn.status).to.equal(200);
    // Let in, and there is nothing yet.
    expect(tags.status).to.equal(404);
    expect(others.status).to.equal(401);
  }

  it('prints YAML with which a stock registry asks for our tokens and takes them', async () => {
    const printed = await installation.done('registry-config', '--format', 'yaml');

    const registry = await stock.start({ authSnippet: printed, caFile });

    try {
      await expectTrust(registry);
    } finally {
      await registry.stop();
    }
  });

  it('prints an environment with which a stock registry asks for our tokens and takes them', async () => {
    const printed = await installation.done('registry-config', '--format', 'env');

    const environment = parseEnvFile(printed);
    const registry = await stock.start({ authSnippet: '', caFile, environment });

    try {
      await expectTrust(registry);
    } finally {
      await registry.stop();
    }
  });

  it('prints a compose service that mounts the certificate where it tells the registry', async () => {
    const printed = await installation.done('registry-config', '--format', 'compose');

    const { registry } = Compose.parse(parseYaml(printed)).services;
    const mounted = '/etc/docker/registry/pullgate-ca.crt';
    expect(registry).to.deep.equal({
      image: 'registry:2',
      environment: {
        ...parseEnvFile(await installation.done('registry-config', '--format', 'env')),
        REGISTRY_AUTH_TOKEN_ROOTCERTBUNDLE: mounted,
      },
      volumes: [`${caFile}:${mounted}:ro`],
    });
  });

  it('names the certificate by another path where the registry sees it at another place', async () => {
    const elsewhere = ['--rootcertbundle', '/certs/ca.crt'];

    const yaml = await installation.done('registry-config', ...elsewhere);
    const compose = await installation.done('registry-config', '--format', 'compose', ...elsewhere);

    const { registry } = Compose.parse(parseYaml(compose)).services;
    expect(yaml).to.contain('rootcertbundle: /certs/ca.crt');
    expect(registry.environment).to.include({
      REGISTRY_AUTH_TOKEN_ROOTCERTBUNDLE: '/certs/ca.crt',
    });
    expect(registry.volumes).to.deep.equal([`${caFile}:/certs/ca.crt:ro`]);
  });

  it('prints no private key in any form, and changes no certificate', async () => {
    const before = await readFile(caFile, 'utf8');

    const printed = await Promise.all(
      ['yaml', 'env', 'compose'].map(
        async (format) => await installation.done('registry-config', '--format', format),
      ),
    );

    expect(printed.join()).not.to.match(/PRIVATE|ca\.key|leaf-/);
    expect(await readFile(caFile, 'utf8')).to.equal(before);
  });

  it('warns of a realm that clients refuse, beside what it prints; the service does so in its log', async () => {
    const env = { PULLGATE_HTTP_PUBLIC_URL: 'http://10.1.2.3:5080' };

    const { code, stdout, stderr } = await installation.cli(['registry-config'], { env });
    await installation.restartService(env);
    const line = await installation.service().line((text) => text.includes('such a realm'));
    await installation.restartService({ PULLGATE_HTTP_PUBLIC_URL: installation.origin });

    expect(code).to.equal(0);
    expect(stdout).not.to.contain('warning');
    expect(stderr).to.match(/^warning: .*10\.1\.2\.3.* crane, cosign, Flux and Helm refuse/m);
    expect(line).to.contain('"level":"warn"').and.contain('http://10.1.2.3:5080/token');
  });

  it('says what registry 3 wants besides', async () => {
    const yaml = await installation.done('registry-config');
    const environment = await installation.done('registry-config', '--format', 'env');

    expect(yaml).to.contain('# signingalgorithms: [ES256]');
    expect(yaml).to.contain('OTEL_TRACES_EXPORTER=none');
    expect(environment).to.contain('\nOTEL_TRACES_EXPORTER=none\n');
    expect(yaml + environment).not.to.contain('jwks');
  });

  it('refuses a format that it does not know as wrong usage', async () => {
    const { code, stderr } = await installation.cli(['registry-config', '--format', 'toml']);

    expect(code).to.equal(2);
    expect(stderr).to.contain('yaml, env, compose');
  });
});

/** As `docker run --env-file` reads it. */
function parseEnvFile(text: string): Record<string, string> {
  const settings = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return Object.fromEntries(
    settings.map((line) => {
      const equals = line.indexOf('=');
      return [line.slice(0, equals), line.slice(equals + 1)];
    }),
  );
}

async function get({ host }: TestRegistry, path: string, jwt: string | null): Promise<Answer> {
  return await send(`http://${host}`, {
    method: 'GET',
    target: path,
    headers: jwt === null ? {} : { authorization: `Bearer ${jwt}` },
  });
}
