import { execFile } from 'node:child_process';
import { copyFile, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { parse } from 'yaml';
import { z } from 'zod';
import { registryConfig } from '../../src/config/registry-config.js';
import { loadConfig, settingNames } from '../../src/config/load.js';
import { temporaryFolder, type TemporaryFolder } from '../support/run.js';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const SCRIPT = 'deploy/compose/first-run.sh';

const Service = z.looseObject({
  image: z.string(),
  environment: z.record(z.string(), z.string()).default({}),
  healthcheck: z.looseObject({}).optional(),
  volumes: z.array(z.string()).default([]),
  ports: z.array(z.string()).default([]),
  read_only: z.boolean().default(false),
  cap_drop: z.array(z.string()).default([]),
  security_opt: z.array(z.string()).default([]),
  privileged: z.boolean().default(false),
});
const Compose = z.looseObject({
  services: z.record(z.string(), Service),
  volumes: z.record(z.string(), z.null()),
});

describe('docker-compose.yml', () => {
  let text: string;
  let compose: z.infer<typeof Compose>;

  before(async () => {
    text = await readFile(join(ROOT, 'docker-compose.yml'), 'utf8');
    compose = Compose.parse(parse(text, { merge: true }));
  });

  function service(name: string): z.infer<typeof Service> {
    const found = compose.services[name];
    if (found === undefined) {
      throw new Error(`docker-compose.yml has no service ${name}.`);
    }
    return found;
  }

  it('has no default for a secret: without first-run.sh nothing starts, and it says why', () => {
    const references = [...text.matchAll(/\$\{(\w+)([^}]*)\}/g)];

    const withDefault = references.filter(([, , rest = '']) => rest.startsWith(':-'));
    const others = references.filter(([, , rest = '']) => !rest.startsWith(':-'));
    expect(new Set(withDefault.map(([, name]) => name))).to.deep.equal(
      new Set(['PULLGATE_PORT', 'REGISTRY_PORT']),
    );
    for (const [whole, , rest] of others) {
      expect(rest, whole).to.equal(':?run deploy/compose/first-run.sh first');
    }
    expect(new Set(others.map(([, name]) => name))).to.include('MYSQL_PASSWORD');
  });

  it('sets nothing of Pullgate that is no setting, and nothing that is refused', async () => {
    const known = settingNames().map(({ variable }) => variable);
    const env = filledIn(service('pullgate').environment);

    const { config } = await loadConfig(env);

    expect(known).to.include.members(Object.keys(env));
    expect(config.database.url.type).to.equal('mysql');
  });

  it('configures the registry as registry-config does', async () => {
    const { config } = await loadConfig(filledIn(service('pullgate').environment));
    const printed = registryConfig(config, 'env', '/ca/ca.crt')
      .split('\n')
      .filter((line) => line.startsWith('REGISTRY_'))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]);

    expect(filledIn(service('registry').environment)).to.include(Object.fromEntries(printed));
  });

  it('gives the registry no key of Pullgate', () => {
    expect(service('registry').volumes).to.deep.equal(['ca:/ca:ro', 'images:/var/lib/registry']);
  });

  it('runs two replicas of Pullgate, which are given the time to finish their requests', () => {
    expect(service('pullgate')).to.deep.include({
      deploy: { replicas: 2 },
      stop_grace_period: '30s',
    });
  });

  it('gives Pullgate a file system that cannot be written to, and no capability', () => {
    for (const name of ['pullgate', 'migrate', 'ca']) {
      const { read_only, cap_drop, security_opt } = service(name);
      expect({ read_only, cap_drop, security_opt }, name).to.deep.equal({
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
      });
    }
  });

  it('has nothing but the proxy reachable from outside', () => {
    const published = Object.entries(compose.services).filter(([, { ports }]) => ports.length > 0);

    expect(published.map(([name]) => name)).to.deep.equal(['proxy']);
  });

  it('checks the health of every service that stays; that of Pullgate is in its image', async () => {
    const dockerfile = await readFile(join(ROOT, 'Dockerfile'), 'utf8');

    for (const [name, { healthcheck }] of Object.entries(compose.services)) {
      expect(healthcheck !== undefined || name === 'pullgate', name).to.equal(true);
    }
    expect(dockerfile).to.match(/^HEALTHCHECK .*CMD \["pullgate", "health"\]$/m);
  });

  it('keeps everything in named volumes', () => {
    const used = Object.values(compose.services).flatMap(({ volumes }) =>
      volumes.map((volume) => volume.split(':')[0] ?? '').filter((name) => !name.startsWith('.')),
    );

    expect(new Set(used)).to.deep.equal(new Set(Object.keys(compose.volumes)));
  });
});

describe('the image', () => {
  it('runs as a user by number, who is not root', async () => {
    const dockerfile = await readFile(join(ROOT, 'Dockerfile'), 'utf8');

    expect(dockerfile.match(/^USER .*$/gm)).to.deep.equal(['USER 1000:1000']);
  });

  it('is built from what it needs and nothing else: no key, no data, no history', async () => {
    const ignore = await readFile(join(ROOT, '.dockerignore'), 'utf8');

    expect(ignore.trim().split('\n')).to.deep.equal([
      '*',
      '!package.json',
      '!package-lock.json',
      '!.npmrc',
      '!tsconfig.json',
      '!src',
    ]);
  });
});

describe('first-run.sh', () => {
  let folder: TemporaryFolder;

  beforeEach(async () => {
    folder = await temporaryFolder('pullgate-first-run');
    await mkdir(join(folder.path, 'deploy', 'compose'), { recursive: true });
    await copyFile(join(ROOT, SCRIPT), join(folder.path, SCRIPT));
  });

  afterEach(async () => {
    await folder.remove();
  });

  async function firstRun(...args: string[]): Promise<string> {
    return (await promisify(execFile)('sh', [join(folder.path, SCRIPT), ...args])).stdout;
  }

  async function madeFile(name: string): Promise<string> {
    return await readFile(join(folder.path, name), 'utf8');
  }

  it('makes passwords that nobody else can read, another time others', async () => {
    await firstRun();
    const env = await madeFile('.env');
    const { mode } = await stat(join(folder.path, '.env'));

    expect(mode & 0o777).to.equal(0o600);
    expect(env).to.match(/^PULLGATE_HOST=localhost$/m);
    const secrets = [...env.matchAll(/^(?:MYSQL_PASSWORD|REGISTRY_HTTP_SECRET)=([0-9a-f]{48})$/gm)];
    expect(new Set(secrets.map(([, secret]) => secret))).to.have.property('size', 2);
  });

  it('makes a certificate for the host that it is given, with a key that nobody else can read', async () => {
    await firstRun('registry.example.com');

    const certificate = join(folder.path, 'deploy/compose/tls/tls.crt');
    const { mode } = await stat(join(folder.path, 'deploy/compose/tls/tls.key'));
    const flags = ['x509', '-in', certificate, '-noout', '-ext', 'subjectAltName'];
    const { stdout } = await promisify(execFile)('openssl', flags);

    expect(mode & 0o777).to.equal(0o600);
    expect(stdout).to.contain('DNS:registry.example.com');
  });

  it('changes nothing that is there', async () => {
    await firstRun();
    const before = [await madeFile('.env'), await madeFile('deploy/compose/tls/tls.crt')];

    const said = await firstRun('localhost');

    expect([await madeFile('.env'), await madeFile('deploy/compose/tls/tls.crt')]).to.deep.equal(
      before,
    );
    expect(said.match(/^kept:/gm)).to.have.lengthOf(2);
  });

  it('refuses another host than the first, and says how to change it', async () => {
    await firstRun('one.example.com');
    const before = [await madeFile('.env'), await madeFile('deploy/compose/tls/tls.crt')];

    const refusal = await firstRun('other.example.com').then(
      () => '',
      (error: unknown) => String(error),
    );

    expect(refusal)
      .to.contain('says PULLGATE_HOST=one.example.com, so nothing was changed')
      .and.contain('write PULLGATE_HOST=other.example.com');
    expect([await madeFile('.env'), await madeFile('deploy/compose/tls/tls.crt')]).to.deep.equal(
      before,
    );
    expect(await firstRun()).to.match(/^kept:/);
  });

  it('leaves a certificate alone that was there before', async () => {
    const file = join(folder.path, 'deploy/compose/tls/tls.crt');
    await mkdir(join(folder.path, 'deploy/compose/tls'));
    await writeFile(file, 'ours');

    await firstRun();

    expect(await readFile(file, 'utf8')).to.equal('ours');
  });

  it('refuses what is no name of a host', async () => {
    const refusal = await firstRun('https://registry.example.com').then(
      () => '',
      (error: unknown) => String(error),
    );

    expect(refusal).to.contain('is no name of a host');
  });
});

/** What compose makes of `${NAME:-default}` and `${NAME:?text}` after first-run.sh. */
function filledIn(environment: Readonly<Record<string, string>>): Record<string, string> {
  const values: Readonly<Record<string, string>> = {
    PULLGATE_HOST: 'registry.example.com',
    MYSQL_PASSWORD: '0123abcd',
    REGISTRY_HTTP_SECRET: '4567cdef',
  };
  return Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [
      name,
      value.replaceAll(
        /\$\{(\w+):(?:-(\w+)|\?[^}]*)\}/g,
        (_, key: string, fallback?: string) => fallback ?? values[key] ?? '',
      ),
    ]),
  );
}
