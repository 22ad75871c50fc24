import { chmod, chown, cp, writeFile } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { expect } from 'chai';
import { z } from 'zod';
import { describeWithEachRegistry } from '../support/each-registry.js';
import { saysListening, startInstallation, type Installation } from '../support/installation.js';
import { startHeaderProxy, withoutAuthorization } from '../support/header-proxy.js';
import { definedWhere, IS_ROOT } from '../support/defined-where.js';
import { clockOff } from '../support/libfaketime.js';
import { startPullgate } from '../support/pullgate-process.js';
import type { TestRegistry } from '../support/registry.js';
import { eventually, freePort, temporaryFolder, type RunResult } from '../support/run.js';
import type { Login } from '../support/token-client.js';
import { newTlsAuthority } from '../support/tls-authority.js';
import { webClient } from '../support/web-client.js';

const Findings = z.array(
  z.strictObject({
    check: z.string(),
    problem: z.string(),
    clients: z.string(),
    change: z.string(),
  }),
);
type Findings = z.infer<typeof Findings>;

describeWithEachRegistry('doctor', (stock) => {
  let installation: Installation;
  let caFile: string;
  let snippet: string;
  let admin: Login | undefined;

  before(async () => {
    installation = await startInstallation({ registry: stock });
    caFile = join(installation.folder, 'certs', 'ca.crt');
    snippet = await installation.done('registry-config');
  });

  after(async () => {
    await installation.stop();
  });

  async function run(
    args: readonly string[],
    env: NodeJS.ProcessEnv = {},
    host = installation.host,
  ): Promise<RunResult> {
    return await installation.cli(['doctor', ...args], {
      env: { PULLGATE_REGISTRY_HOST: host, ...env },
    });
  }

  async function doctor(
    env: NodeJS.ProcessEnv = {},
    { host, config }: { readonly host?: string; readonly config?: string } = {},
  ): Promise<Findings> {
    const named = config === undefined ? [] : ['--config', config];
    const { code, stdout, stderr } = await run(['--json', ...named], env, host);
    const findings = Findings.parse(JSON.parse(stdout));
    expect(code, stderr).to.equal(findings.length === 0 ? 0 : 1);
    return findings;
  }

  /** What is found at a registry that has another configuration. */
  async function foundWith(authSnippet: string, isFileAtHand = false): Promise<Findings> {
    const registry = await stock.start({ authSnippet, caFile });
    return await seenAt(registry, isFileAtHand ? await fileOf(authSnippet) : undefined);
  }

  async function seenAt({ host, stop }: TestRegistry, config?: string): Promise<Findings> {
    try {
      return await doctor({}, config === undefined ? { host } : { host, config });
    } finally {
      await stop();
    }
  }

  async function fileOf(text: string): Promise<string> {
    const file = join(installation.folder, 'registry.yml');
    await writeFile(file, text);
    return file;
  }

  function set(name: string, value: string): string {
    const changed = snippet.replace(new RegExp(`^( +${name}:).*$`, 'm'), `$1 ${value}`);
    expect(changed).not.to.equal(snippet);
    return changed;
  }

  it('finds nothing in a good set-up, and says so; with the file of the registry, too', async () => {
    const { code, stdout, stderr } = await run([]);
    const findings = await doctor({}, { config: await fileOf(snippet) });

    expect(stdout + stderr).to.match(/^All is well/);
    expect(code).to.equal(0);
    expect(findings).to.deep.equal([]);
  });

  it('prints what is wrong, what clients see and the line to change, and exits 1', async () => {
    const { code, stdout, stderr } = await run([], { PULLGATE_REGISTRY_SERVICE: 'other' });

    expect(code).to.equal(1);
    expect(stdout).to.match(/^✗ service: .*\n  clients: .*\n  change:  .*`service: other`/m);
    expect(stderr).to.contain('finding');
  });

  it('names a realm of another port, where nobody answers', async () => {
    const realm = `http://localhost:${await freePort()}/token`;

    const findings = await foundWith(set('realm', realm));

    expect(checks(findings)).to.deep.equal(['realm', 'realm-unreachable']);
    expect(findings[0]?.change).to.contain(`realm: ${installation.origin}/token`);
  });

  it('names a realm that cannot be reached, since the service is elsewhere', async () => {
    const port = await freePort();
    const registry = await stock.start({
      authSnippet: set('realm', `http://localhost:${port}/token`),
      caFile,
    });
    try {
      const findings = await doctor(
        { PULLGATE_HTTP_PUBLIC_URL: `http://localhost:${port}` },
        { host: registry.host },
      );
      expect(checks(findings)).to.deep.equal(['realm-unreachable']);
      expect(findings[0]?.problem).to.contain('connection refused');
    } finally {
      await registry.stop();
    }
  });

  it('names the service', async () => {
    const findings = await foundWith(set('service', 'other'));

    expect(checks(findings)).to.deep.equal(['service']);
  });

  it('names an issuer that is usual by itself, and any other by the file', async () => {
    const usual = await foundWith(set('issuer', 'gitlab-issuer'));
    const candidates = await foundWith(set('issuer', 'somebody'));
    const named = await foundWith(set('issuer', 'somebody'), true);

    expect(checks(usual)).to.deep.equal(['issuer']);
    expect(checks(candidates)).to.deep.equal(['token-refused']);
    expect(candidates[0]?.problem).to.contain('auth.token.issuer').and.contain('rootcertbundle');
    expect(checks(named)).to.deep.equal(['issuer']);
    expect(named[0]?.problem).to.contain('"somebody"');
  });

  it('names service and issuer where both are wrong', async () => {
    const both = set('issuer', 'gitlab-issuer').replace(/^( +service:).*$/m, '$1 other');

    expect(checks(await foundWith(both))).to.deep.equal(['service', 'issuer']);
  });

  it('names another CA in the bundle, by the file', async () => {
    const other = await otherCerts();
    const bundle = join(other.certs, 'ca.crt');
    const authSnippet = set('rootcertbundle', bundle);
    try {
      const candidates = await seenAt(await stock.start({ authSnippet, caFile: bundle }));
      const registry = await stock.start({ authSnippet, caFile: bundle });
      const named = await seenAt(registry, await fileOf(authSnippet));

      expect(checks(candidates)).to.deep.equal(['token-refused']);
      expect(checks(named)).to.deep.equal(['rootcertbundle']);
      expect(named[0]?.change).to.contain(`Copy ${caFile} to ${bundle}`);
    } finally {
      await other.remove();
    }
  });

  it('says to restart a registry that was not since its bundle has the CA, by the file', async () => {
    const other = await otherCerts();
    const bundle = join(other.certs, 'ca.crt');
    const authSnippet = set('rootcertbundle', bundle);
    const registry = await stock.start({ authSnippet, caFile: bundle });
    try {
      await cp(caFile, bundle);
      const findings = await seenAt(registry, await fileOf(authSnippet));

      expect(checks(findings)).to.deep.equal(['not-restarted']);
    } finally {
      await other.remove();
    }
  });

  for (const [offset, which] of [
    ['+10m', 'ahead of'],
    ['-10m', 'behind'],
  ] as const) {
    it(`names a clock that is ${offset} off`, async () => {
      const findings = await doctor(clockOff(offset));

      expect(checks(findings)).to.deep.equal(['clock']);
      expect(findings[0]?.problem).to.match(new RegExp(`(599|60[0-2]) seconds ${which} the`));
      expect(findings[0]?.clients).to.contain('authentication required');
    });
  }

  it('names an http realm of a registry that clients ask by https', async () => {
    const findings = await doctor({
      PULLGATE_REGISTRY_HOST: 'registry.invalid',
      PULLGATE_REGISTRY_URL: `http://${installation.host}`,
    });

    expect(checks(findings)).to.deep.equal([
      'registry-host',
      'realm-refused-by-clients',
      'realm-refused-by-clients',
    ]);
    expect(findings[1]?.problem).to.contain('http.public_url is http://');
  });

  it('names a certificate of a CA that is not known here, and not once it is', async () => {
    const authority = newTlsAuthority();
    const { certificatePem: cert, privateKeyPem: key } = authority.issue();
    const { host } = installation;
    const proxy = createServer({ cert, key }, (_, response) => {
      const realm = `${installation.origin}/token`;
      const challenge = `Bearer realm="${realm}",service="container_registry"`;
      response.writeHead(401, { 'www-authenticate': challenge }).end();
    });
    const port = await freePort();
    await new Promise<void>((resolve) => proxy.listen(port, '127.0.0.1', resolve));
    const ca = join(installation.folder, 'company-ca.pem');
    await writeFile(ca, authority.certificatePem);
    const env = { PULLGATE_REGISTRY_URL: `https://localhost:${port}` };
    try {
      const unknown = await doctor(env, { host });
      const known = await doctor({ ...env, NODE_EXTRA_CA_CERTS: ca }, { host });

      expect(checks(unknown)).to.deep.equal(['certificate']);
      expect(unknown[0]?.change).to.contain('NODE_EXTRA_CA_CERTS');
      expect(checks(known)).not.to.include('certificate');
    } finally {
      proxy.close();
    }
  });

  it('names registry.host where there is no registry', async () => {
    const findings = await doctor({}, { host: `localhost:${await freePort()}` });
    const pages = await doctor({}, { host: new URL(installation.origin).host });

    expect(checks(findings)).to.deep.equal(['registry-host']);
    expect(checks(pages)).to.deep.equal(['registry-not-asking']);
  });

  it('names a registry that asks nobody for a token', async () => {
    expect(checks(await foundWith(''))).to.deep.equal(['registry-not-asking']);
  });

  it('names a proxy that drops Authorization', async () => {
    const findings = await behindProxy(withoutAuthorization);

    expect(checks(findings)).to.deep.equal(['authorization-dropped']);
  });

  it('names a proxy that is not trusted, by its address', async () => {
    const findings = await behindProxy((headers) => ({
      ...headers,
      'x-forwarded-for': '203.0.113.7',
    }));

    expect(checks(findings)).to.deep.equal(['proxy-not-trusted']);
    expect(findings[0]?.change).to.contain('Add 127.0.0.1 to http.trusted_proxies');
  });

  it('names a second Pullgate with other keys behind the realm', async () => {
    const other = await otherCerts();
    const service = startPullgate(['serve'], {
      cwd: other.folder,
      env: { PULLGATE_HTTP_LISTEN: `127.0.0.1:${other.port}` },
    });
    try {
      await service.line(saysListening);
      const findings = await behindProxy((headers) => headers, other.port);

      expect(checks(findings)).to.deep.equal(['other-pullgate']);
      expect(findings[0]?.problem).to.contain('also a Pullgate with other signing keys');
    } finally {
      await service.stop();
      await other.remove();
    }
  });

  it('says why there are no keys', async () => {
    const findings = await doctor({ PULLGATE_CERTS_DIR: join(installation.folder, 'nowhere') });

    expect(checks(findings)).to.deep.equal(['keys']);
    expect(findings[0]?.problem).to.contain('There is no');
  });

  definedWhere(IS_ROOT, { tests: 'files that doctor cannot read', need: 'root' }, () => {
    it('names keys that the service cannot read, and a key that everybody can', async () => {
      const copy = await temporaryFolder('pullgate-doctor');
      const certs = join(copy.path, 'certs');
      await cp(join(installation.folder, 'certs'), certs, { recursive: true });
      try {
        await chown(certs, 65534, 65534);
        const unreadable = await doctor({ PULLGATE_CERTS_DIR: certs });
        await chown(certs, 0, 0);
        await chmod(copy.path, 0o755);
        await chmod(certs, 0o755);
        await chmod(join(certs, 'ca.key'), 0o644);
        const open = await doctor({ PULLGATE_CERTS_DIR: certs });

        expect([...new Set(checks(unreadable))]).to.deep.equal(['files']);
        expect(unreadable.map(({ change }) => change)).to.include(
          `chown 65534 ${join(certs, 'ca.key')}`,
        );
        expect(open.map(({ change }) => change)).to.deep.equal([
          `chmod go= ${join(certs, 'ca.key')}`,
        ]);
      } finally {
        await copy.remove();
      }
    });
  });

  it('says what is the matter with the database', async () => {
    const findings = await doctor({ PULLGATE_DATABASE_URL: 'sqlite:/nowhere/pullgate.db' });

    expect(checks(findings)).to.deep.equal(['database']);
  });

  it('names git where it is missing', async () => {
    const findings = await doctor({ PATH: '/nowhere' });

    expect(checks(findings)).to.deep.equal(['git']);
  });

  it('leaves no trace of a refusal, and no token in the log of the service', async () => {
    await doctor();
    const denied = await installation.done('denied', '--json');

    expect(JSON.parse(denied)).to.deep.equal([]);
    expect(installation.serviceLog()).not.to.contain('eyJ');
  });

  it('is asked by the service itself, soon after its start: a warning, and shown to administrators', async () => {
    await installation.restartService({
      PULLGATE_REGISTRY_HOST: installation.host,
      PULLGATE_REGISTRY_SERVICE: 'other',
    });
    const line = await installation.service().line((text) => text.includes('"check":"service"'));
    const page = await registryPage();
    await installation.restartService({ PULLGATE_REGISTRY_SERVICE: undefined });

    expect(line).to.contain('"level":"warn"').and.contain('service: other');
    expect(page).to.contain('What is wrong').and.contain('auth.token.service');
    expect(page).to.contain('Clients see: ').and.contain('To change: ');
  });

  it('is measured by the service, whose page shows nothing where nothing is wrong', async () => {
    const listen = `127.0.0.1:${await freePort()}`;
    await installation.restartService({
      PULLGATE_REGISTRY_HOST: installation.host,
      PULLGATE_METRICS_LISTEN: listen,
    });

    await eventually(
      'a look at the way over the registry',
      async () => await (await fetch(`http://${listen}/-/metrics`)).text(),
      (metrics) => metrics.includes('\npullgate_registry_path_ok 1\n'),
    );
    expect(await registryPage()).not.to.contain('What is wrong');
  });

  /** As an administrator sees it. */
  async function registryPage(): Promise<string> {
    admin ??= await installation.addUser('root', 'admin');
    const client = webClient(installation.origin);
    await client.signIn(admin.username, admin.secret);
    return (await client.get('/admin/registry')).html;
  }

  /** The registry's realm is a proxy, which changes the headers; each second request goes to another port. */
  async function behindProxy(
    change: (headers: IncomingHttpHeaders) => IncomingHttpHeaders,
    other = Number(new URL(installation.origin).port),
  ): Promise<Findings> {
    const ports = [Number(new URL(installation.origin).port), other];
    const { origin, stop } = await startHeaderProxy(ports, change);
    const registry = await stock.start({ authSnippet: set('realm', `${origin}/token`), caFile });
    try {
      return await doctor({ PULLGATE_HTTP_PUBLIC_URL: origin }, { host: registry.host });
    } finally {
      await registry.stop();
      stop();
    }
  }

  async function otherCerts(): Promise<{
    readonly folder: string;
    readonly certs: string;
    readonly port: number;
    readonly remove: () => Promise<void>;
  }> {
    const { path, remove } = await temporaryFolder('pullgate-other');
    const certs = join(path, 'certs');
    await installation.cli(['keys', 'create'], { env: { PULLGATE_CERTS_DIR: certs } });
    return { folder: path, certs, port: await freePort(), remove };
  }
});

function checks(findings: Findings): readonly string[] {
  return findings.map(({ check }) => check);
}
