import { expect } from 'chai';
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { loadConfig, readConfig, settingNames } from '../../src/config/load.js';
import { ConfigError } from '../../src/config/problems.js';
import { registryUrl } from '../../src/config/registry-url.js';
import type { Config } from '../../src/config/schema.js';

describe('loadConfig', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pullgate-config-'));
  });

  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  /** The environment, with a file of this text in it. */
  async function withFile(yaml: string, env: NodeJS.ProcessEnv = {}): Promise<NodeJS.ProcessEnv> {
    const file = join(folder, 'pullgate.yml');
    await writeFile(file, yaml);
    return { PULLGATE_CONFIG: file, ...env };
  }

  async function configOf(yaml: string, env: NodeJS.ProcessEnv = {}): Promise<Config> {
    return (await loadConfig(await withFile(yaml, env))).config;
  }

  /** The lines of the one ConfigError. */
  async function problemsOf(yaml: string, env: NodeJS.ProcessEnv = {}): Promise<string[]> {
    return (await messageOf(loadConfig(await withFile(yaml, env)))).split('\n');
  }

  async function unknownOf(env: NodeJS.ProcessEnv): Promise<readonly string[]> {
    return (await loadConfig(await withFile('', env))).unknownVariables;
  }

  async function trusts(value: string, address: string): Promise<boolean> {
    const { http } = await configOf('', { PULLGATE_HTTP_TRUSTED_PROXIES: value });
    return http.trustedProxies.check(address, address.includes(':') ? 'ipv6' : 'ipv4');
  }

  describe('where nothing is set', () => {
    it('has the documented defaults', async () => {
      const { http, git, ...others } = await configOf('');
      const { trustedProxies, ...otherHttp } = http;

      expect(otherHttp).to.deep.equal({
        listen: { host: '127.0.0.1', port: 5080 },
        publicUrl: 'http://localhost:5080',
        workers: 1,
        maxConnections: 10_000,
      });
      expect(trustedProxies.rules).to.deep.equal([]);
      expect(git.root).to.equal(join(folder, 'data', 'git'));
      expect(git.maxProcesses).to.equal(2 * availableParallelism());
      expect(git.queueSeconds).to.equal(300);
      expect(git.maxMemoryBytes).to.equal(1024 ** 3);
      expect(others).to.deep.equal({
        database: {
          url: { type: 'sqlite', file: join(folder, 'data', 'pullgate.db') },
          poolSize: 10,
          poolQueue: 256,
          timeoutMs: 800,
        },
        certs: { dir: join(folder, 'certs') },
        signing: { algorithm: 'ES256' },
        web: { sessionIdleMinutes: 480, sessionHours: 168 },
        registry: {
          service: 'container_registry',
          issuer: 'pullgate',
          tokenTtl: 300,
          tokenReuseSeconds: 5,
          host: 'localhost:5000',
          corsOrigins: new Set(),
        },
        deployTokens: { prefix: 'gldt-' },
        projects: { create: 'maintainers' },
        quotas: {
          projectsPerUser: 1000,
          accessTokensPerUser: 100,
          lfsBytesPerProject: 20 * 1024 ** 3,
        },
        audit: { retentionDays: 365 },
        metrics: {},
        log: { level: 'info' },
      });
    });

    it('takes sections with nothing under them for defaults', async () => {
      const config = await configOf('http:\nregistry:\n');

      expect(config.registry.tokenTtl).to.equal(300);
    });
  });

  describe('the file', () => {
    const folderBefore = process.cwd();

    afterEach(() => {
      process.chdir(folderBefore);
    });

    it('overrides the defaults', async () => {
      const { registry, deployTokens } = await configOf(
        'registry:\n  token_ttl: 120\n  host: registry.example.com\ndeploy_tokens:\n  prefix: acme-\n',
      );

      expect(registry).to.include({ tokenTtl: 120, host: 'registry.example.com' });
      expect(deployTokens.prefix).to.equal('acme-');
    });

    it('is config/pullgate.yml of the working folder where none is named', async () => {
      await mkdir(join(folder, 'config'));
      await writeFile(join(folder, 'config/pullgate.yml'), 'registry: { issuer: from-file }\n');
      process.chdir(folder);

      const { config } = await loadConfig({});

      expect(config.registry.issuer).to.equal('from-file');
    });

    it('may be absent where none is named', async () => {
      process.chdir(folder);

      const { config } = await loadConfig({});

      expect(config.registry.issuer).to.equal('pullgate');
    });

    it('must be there when it is named', async () => {
      const file = join(folder, 'absent.yml');

      const message = await messageOf(loadConfig({ PULLGATE_CONFIG: file }));

      expect(message).to.contain(`The configuration file ${file} cannot be read`);
    });

    it('must be a file', async () => {
      const message = await messageOf(loadConfig({ PULLGATE_CONFIG: folder }));

      expect(message).to.contain(`The configuration file ${folder} cannot be read`);
    });

    it('must be YAML', async () => {
      const [problem] = await problemsOf('http: [\n');

      expect(problem).to.contain('pullgate.yml is not YAML');
    });

    // The parser would quote the lines around the mistake.
    for (const [title, yaml] of [
      ['an indentation', 'database:\n  url: mysql://u:hunter2@db/x\n http: 1\n'],
      ['a key that is there twice', 'database:\n  url: mysql://u:hunter2@db/x\n  url: x\n'],
    ] as const) {
      it(`has a mistake in its YAML told without the lines around it: ${title}`, async () => {
        const problems = await problemsOf(yaml);

        expect(problems).to.have.lengthOf(1);
        expect(problems[0]).to.match(/is not YAML: .+ at line 3, column \d+$/);
      });
    }

    for (const yaml of ['just text\n', '- a\n- list\n', '42\n']) {
      it(`must hold sections, unlike ${JSON.stringify(yaml)}`, async () => {
        expect(await problemsOf(yaml)).to.deep.equal([
          'The configuration file must hold sections, such as `http:`.',
        ]);
      });
    }
  });

  describe('the environment', () => {
    it('overrides the file, setting by setting', async () => {
      const { registry } = await configOf('registry:\n  token_ttl: 120\n  issuer: from-file\n', {
        PULLGATE_REGISTRY_TOKEN_TTL: '600',
      });

      expect(registry).to.include({ tokenTtl: 600, issuer: 'from-file' });
    });

    it('has the documented names, section and key in upper snake case', () => {
      expect(settingNames().map(({ variable }) => variable)).to.include.members([
        'PULLGATE_HTTP_LISTEN',
        'PULLGATE_HTTP_PUBLIC_URL',
        'PULLGATE_HTTP_TLS_CERT',
        'PULLGATE_HTTP_TLS_KEY',
        'PULLGATE_HTTP_TRUSTED_PROXIES',
        'PULLGATE_HTTP_WORKERS',
        'PULLGATE_DATABASE_URL',
        'PULLGATE_CERTS_DIR',
        'PULLGATE_SIGNING_ALGORITHM',
        'PULLGATE_REGISTRY_SERVICE',
        'PULLGATE_REGISTRY_ISSUER',
        'PULLGATE_REGISTRY_TOKEN_TTL',
        'PULLGATE_REGISTRY_HOST',
        'PULLGATE_REGISTRY_URL',
        'PULLGATE_PROJECTS_CREATE',
        'PULLGATE_GIT_ROOT',
        'PULLGATE_DEPLOY_TOKENS_PREFIX',
        'PULLGATE_LOG_LEVEL',
      ]);
    });

    for (const [host, url] of [
      ['localhost:5000', 'http://localhost:5000'],
      ['127.0.0.1:5000', 'http://127.0.0.1:5000'],
      ['[::1]:5000', 'http://[::1]:5000'],
      ['registry.localhost', 'http://registry.localhost'],
      ['registry.example.com', 'https://registry.example.com'],
      ['10.0.0.7:5000', 'https://10.0.0.7:5000'],
      ['localhost.example.com', 'https://localhost.example.com'],
    ]) {
      it(`reaches the registry ${host} at ${url}, unless it says where`, async () => {
        const { registry } = await configOf('', { PULLGATE_REGISTRY_HOST: host });
        const own = { PULLGATE_REGISTRY_URL: 'http://registry:5000/' };

        expect(registryUrl(registry)).to.equal(url);
        expect(registryUrl((await configOf('', own)).registry)).to.equal('http://registry:5000');
      });
    }

    it('reaches settings whose names have several words', async () => {
      const { http, deployTokens } = await configOf('', {
        PULLGATE_HTTP_PUBLIC_URL: 'https://pullgate.example.com/',
        PULLGATE_DEPLOY_TOKENS_PREFIX: '',
      });

      expect(http.publicUrl).to.equal('https://pullgate.example.com');
      expect(deployTokens.prefix).to.equal('');
    });

    it('has its misspelt variables told', async () => {
      expect(
        await unknownOf({
          PULLGATE_HTTP_LISTEN: '127.0.0.1:0',
          PULLGATE_HTP_LISTEN: 'x',
          PULLGATE_REGISTRY_TTL: '60',
          REGISTRY_HTTP_ADDR: 'x',
          PATH: '/bin',
        }),
      ).to.deep.equal(['PULLGATE_HTP_LISTEN', 'PULLGATE_REGISTRY_TTL']);
    });

    it('has a port told that is no setting, though Kubernetes ends names like that', async () => {
      const env = { PULLGATE_HTTP_PORT: '8080', PULLGATE_PORTAL: 'x', PULLGATE_PORT: '5080' };

      expect(await unknownOf(env)).to.deep.equal(Object.keys(env));
    });

    it('may hold what Kubernetes sets for a Service called pullgate', async () => {
      expect(
        await unknownOf({
          PULLGATE_SERVICE_HOST: '10.0.0.7',
          PULLGATE_SERVICE_PORT: '5080',
          PULLGATE_SERVICE_PORT_HTTP: '5080',
          PULLGATE_PORT: 'tcp://10.0.0.7:5080',
          PULLGATE_PORT_5080_TCP: 'tcp://10.0.0.7:5080',
          PULLGATE_PORT_5080_TCP_PROTO: 'tcp',
          PULLGATE_PORT_5080_TCP_PORT: '5080',
          PULLGATE_PORT_5080_TCP_ADDR: '10.0.0.7',
          PULLGATE_WEB_SERVICE_HOST: '10.0.0.8',
          PULLGATE_WEB_PORT: 'tcp://10.0.0.8:80',
        }),
      ).to.deep.equal([]);
    });
  });

  describe('with mistakes', () => {
    it('tells all of them at once, each by the name under which it was set', async () => {
      const problems = await problemsOf(
        'http:\n  public_url: pullgate.example.com\nregistry:\n  token_ttl: 5\n',
        { PULLGATE_HTTP_LISTEN: 'everywhere', PULLGATE_SIGNING_ALGORITHM: 'HS256' },
      );

      expect(problems.map((line) => line.split(':')[0])).to.deep.equal([
        'The configuration has 4 problems',
        '  PULLGATE_HTTP_LISTEN',
        '  http.public_url',
        '  PULLGATE_SIGNING_ALGORITHM',
        '  registry.token_ttl',
      ]);
    });

    it('speaks of one problem as one', async () => {
      expect(await problemsOf('log: { level: loud }')).to.have.lengthOf(2);
      expect((await problemsOf('log: { level: loud }'))[0]).to.equal(
        'The configuration has a problem:',
      );
    });

    it('names keys and sections of the file that are no settings', async () => {
      const problems = await problemsOf('http:\n  prot: 1\n  hots: 2\nhtttp:\n  listen: x\n');

      expect(problems.slice(1).sort()).to.deep.equal([
        '  http.hots: is not a setting; see docs/configuration.md',
        '  http.prot: is not a setting; see docs/configuration.md',
        '  htttp: is not a setting; see docs/configuration.md',
      ]);
    });

    it('blames the variable and not the file where both set it', async () => {
      const problems = await problemsOf('registry: { token_ttl: 300 }', {
        PULLGATE_REGISTRY_TOKEN_TTL: 'soon',
      });

      expect(problems[1]).to.match(/^ {2}PULLGATE_REGISTRY_TOKEN_TTL: is not a whole number/);
    });

    it('refuses a section that is a single value, even where the environment fills it', async () => {
      const problems = await problemsOf('registry: 5\n', { PULLGATE_REGISTRY_ISSUER: 'x' });

      expect(problems[1]).to.match(/^ {2}registry: /);
    });

    for (const [yaml, problem] of [
      ['http: { listen: 5080 }', 'http.listen: must be text: put it in quotes'],
      ['certs: { dir: [a] }', 'certs.dir: must be text: put it in quotes'],
      ["certs: { dir: '' }", 'certs.dir: must not be empty'],
      ['registry: 5', 'registry: is a section: its settings go under it, indented'],
      ['http: { trusted_proxies: 10 }', 'http.trusted_proxies: must be text or a list of texts'],
      [
        'registry: { issuer: régistry }',
        'registry.issuer: has other characters than ASCII, which it must be to stand in an HTTP header',
      ],
      ['signing: { algorithm: HS256 }', 'signing.algorithm: must be one of ES256, RS256'],
      ['http: { workers: [2] }', 'http.workers: is neither auto nor a whole number from 1 to 64'],
    ] as const) {
      it(`tells a value of the wrong kind in plain words: ${yaml}`, async () => {
        expect((await problemsOf(`${yaml}\n`))[1]).to.equal(`  ${problem}`);
      });
    }

    // A message ends up in logs, tickets and chats.
    for (const url of [
      'mysql://pullgate:hunter2@db.example.com:3306',
      'mysql:/pullgate:hunter2@db/x',
      'postgres://pullgate:hunter2@db.example.com/pullgate',
      'mysql://pullgate:hunter2@db.example.com:port/pullgate',
      'pullgate:hunter2@db.example.com/pullgate',
    ]) {
      it(`keeps the password of the database to itself: ${url.replace('hunter2', '…')}`, async () => {
        const inFile = await problemsOf(`database:\n  url: ${url}\n`);
        const inSection = await problemsOf(`database: ${url}\n`);
        const inEnvironment = await problemsOf('', { PULLGATE_DATABASE_URL: url });

        for (const lines of [inFile, inSection, inEnvironment]) {
          expect(lines.join('\n')).to.contain('database').and.not.to.contain('hunter2');
        }
      });
    }
  });

  describe('http.listen', () => {
    for (const [text, host, port] of [
      ['127.0.0.1:5080', '127.0.0.1', 5080],
      ['0.0.0.0:80', '0.0.0.0', 80],
      ['localhost:0', 'localhost', 0],
      [':5080', '0.0.0.0', 5080],
      ['[::]:5080', '::', 5080],
      ['[::1]:65535', '::1', 65_535],
    ] as const) {
      it(`takes ${text}`, async () => {
        const { http } = await configOf('', { PULLGATE_HTTP_LISTEN: text });

        expect(http.listen).to.deep.equal({ host, port });
      });
    }

    for (const text of [
      '',
      '5080',
      '127.0.0.1',
      '127.0.0.1:',
      '::1:5080',
      'a:65536',
      'a:-1',
      'a:x',
    ]) {
      it(`refuses ${JSON.stringify(text)} and says what was got`, async () => {
        const problems = await problemsOf('', { PULLGATE_HTTP_LISTEN: text });

        expect(problems[1]).to.contain('is not host:port').and.to.contain(JSON.stringify(text));
      });
    }
  });

  describe('http.public_url', () => {
    for (const [text, expected] of [
      ['https://pullgate.example.com', 'https://pullgate.example.com'],
      ['https://pullgate.example.com/', 'https://pullgate.example.com'],
      ['http://10.0.0.1:5080', 'http://10.0.0.1:5080'],
      ['http://[::1]:5080', 'http://[::1]:5080'],
      ['https://Pullgate.Example.com:443', 'https://pullgate.example.com'],
    ] as const) {
      it(`takes ${text}`, async () => {
        const { http } = await configOf('', { PULLGATE_HTTP_PUBLIC_URL: text });

        expect(http.publicUrl).to.equal(expected);
      });
    }

    for (const text of [
      '',
      'pullgate.example.com',
      'ftp://pullgate.example.com',
      'https://pullgate.example.com/sub',
      'https://pullgate.example.com?x',
      'https://user:hunter2@pullgate.example.com',
    ]) {
      it(`refuses ${JSON.stringify(text)}`, async () => {
        const problems = await problemsOf('', { PULLGATE_HTTP_PUBLIC_URL: text });

        expect(problems[1])
          .to.match(/PULLGATE_HTTP_PUBLIC_URL: (is not an address such as|may have neither a path)/)
          .and.not.to.contain('hunter2');
      });
    }
  });

  describe('http.tls_cert and http.tls_key', () => {
    it('are taken together', async () => {
      const { http } = await configOf('http: { tls_cert: a.crt, tls_key: a.key }');

      expect(http).to.include({ tlsCert: join(folder, 'a.crt'), tlsKey: join(folder, 'a.key') });
    });

    for (const yaml of ['http: { tls_cert: a.crt }', 'http: { tls_key: a.key }']) {
      it(`are refused apart: ${yaml}`, async () => {
        expect((await problemsOf(yaml))[1]).to.contain('tls_cert and tls_key go together');
      });
    }
  });

  describe('http.trusted_proxies', () => {
    for (const [value, address, expected] of [
      ['', '127.0.0.1', false],
      ['10.0.0.1', '10.0.0.1', true],
      ['10.0.0.1', '10.0.0.2', false],
      ['10.0.0.0/8', '10.255.0.1', true],
      ['10.0.0.0/8', '11.0.0.1', false],
      [' 10.0.0.1 , fd00::/8,', 'fd12::1', true],
      [' 10.0.0.1 , fd00::/8,', 'fe80::1', false],
      ['::1', '::1', true],
    ] as const) {
      it(`${expected ? 'cover' : 'leave out'} ${address} when set to ${JSON.stringify(value)}`, async () => {
        expect(await trusts(value, address)).to.equal(expected);
      });
    }

    it('are a list in the file', async () => {
      const { http } = await configOf("http: { trusted_proxies: [10.0.0.0/8, '::1'] }");

      expect(http.trustedProxies.check('10.1.1.1')).to.equal(true);
      expect(http.trustedProxies.check('::1', 'ipv6')).to.equal(true);
    });

    for (const value of [
      'everybody',
      '10.0.0.0/',
      '10.0.0.0/8/9',
      '10.0.0.0/0x8',
      '10.0.0.0/33',
      '10.0.0/8',
      '::/129',
      '/8',
      '10.0.0.1:80',
    ]) {
      it(`refuse ${value}, and name it`, async () => {
        const problems = await problemsOf('', {
          PULLGATE_HTTP_TRUSTED_PROXIES: `127.0.0.1,${value}`,
        });

        expect(problems[1]).to.equal(
          `  PULLGATE_HTTP_TRUSTED_PROXIES: ${value} is no address or CIDR`,
        );
      });
    }
  });

  describe('database.url', () => {
    for (const [text, expected] of [
      ['sqlite:./data/x.db', { type: 'sqlite', file: './data/x.db' }],
      ['sqlite::memory:', { type: 'sqlite', file: ':memory:' }],
    ] as const) {
      it(`takes ${text}`, async () => {
        const { database } = await configOf('', { PULLGATE_DATABASE_URL: text });

        expect(database.url).to.deep.equal(expected);
      });
    }

    for (const [text, hosts] of [
      ['mysql://u:p%40s%2Fs@db/pullgate', [{ host: 'db', port: 3306 }]],
      [
        'mysql://u:p%40s%2Fs@db.example.com:3307/pullgate',
        [{ host: 'db.example.com', port: 3307 }],
      ],
      ['mysql://u:p%40s%2Fs@[fd00::1]:3307/pullgate', [{ host: 'fd00::1', port: 3307 }]],
      [
        'mysql://u:p%40s%2Fs@a:3307,b,10.0.0.3:3309/pullgate',
        [
          { host: 'a', port: 3307 },
          { host: 'b', port: 3306 },
          { host: '10.0.0.3', port: 3309 },
        ],
      ],
    ] as const) {
      it(`takes ${text}`, async () => {
        const { database } = await configOf('', { PULLGATE_DATABASE_URL: text });

        const { url } = database;
        expect(url).to.include({ type: 'mysql', user: 'u', database: 'pullgate' });
        expect(url).to.have.deep.property('hosts', hosts);
        expect(url.type === 'mysql' && url.password.reveal()).to.equal('p@s/s');
      });
    }

    for (const text of [
      '',
      'sqlite:',
      'mysql://db',
      'mysql://db/',
      'mysql:///x',
      './x.db',
      'mysql://u:p@a,/x',
      'mysql://u:p@a:3306:3307/x',
      'mysql://u:p@a:0/x',
      'mysql://u:p@a:65536/x',
      'mysql://u:100%@a/x',
      'mysql://u:p@a/x?ssl=true',
    ]) {
      it(`refuses ${JSON.stringify(text)}`, async () => {
        const problems = await problemsOf('', { PULLGATE_DATABASE_URL: text });

        expect(problems[1]).to.contain('is neither sqlite:FILE nor mysql://');
      });
    }
  });

  describe('PULLGATE_DATABASE_URL_FILE', () => {
    const url = 'mysql://pullgate:hunter2@db/pullgate';

    it('names a file that holds the address, so that no environment shows the password', async () => {
      const file = join(folder, 'database-url');
      await writeFile(file, `${url}\n`);
      const env = { PULLGATE_DATABASE_URL_FILE: file };

      const { database } = await configOf('database: { url: sqlite:x.db }', env);

      expect(database.url).to.include({ type: 'mysql', user: 'pullgate', database: 'pullgate' });
      expect(await unknownOf(env)).to.deep.equal([]);
    });

    it('gives way to PULLGATE_DATABASE_URL', async () => {
      const { database } = await configOf('', {
        PULLGATE_DATABASE_URL: url,
        PULLGATE_DATABASE_URL_FILE: join(folder, 'absent'),
      });

      expect(database.url).to.include({ type: 'mysql', user: 'pullgate', database: 'pullgate' });
    });

    it('must name a file that can be read', async () => {
      const file = join(folder, 'absent');

      const [problem] = await problemsOf('', { PULLGATE_DATABASE_URL_FILE: file });

      expect(problem).to.contain('PULLGATE_DATABASE_URL_FILE').and.to.contain(file);
    });
  });

  describe('http.workers', () => {
    for (const [text, expected] of [
      ['1', 1],
      ['64', 64],
      ['auto', Math.min(availableParallelism(), 64)],
    ] as const) {
      it(`takes ${text}`, async () => {
        const { http } = await configOf('', { PULLGATE_HTTP_WORKERS: text });

        expect(http.workers).to.equal(expected);
      });
    }

    for (const text of ['0', '65', '1.5', '-1', 'all', '']) {
      it(`refuses ${JSON.stringify(text)}`, async () => {
        const problems = await problemsOf('', { PULLGATE_HTTP_WORKERS: text });

        expect(problems[1]).to.match(/PULLGATE_HTTP_WORKERS: is .*a whole number from 1 to 64$/);
      });
    }
  });

  describe('registry.host', () => {
    for (const host of ['localhost:5000', 'registry.example.com', '10.0.0.1:443', '[::1]:5000']) {
      it(`takes ${host}`, async () => {
        const { registry } = await configOf('', { PULLGATE_REGISTRY_HOST: host });

        expect(registry.host).to.equal(host);
      });
    }

    // A kubelet finds no Secret whose key has a capital.
    it('is in lower case, whatever is written', async () => {
      const { registry } = await configOf('', { PULLGATE_REGISTRY_HOST: 'Registry.Example.COM' });

      expect(registry.host).to.equal('registry.example.com');
    });

    for (const text of [
      'https://registry.example.com',
      'registry.example.com/tanuki',
      'registry.example.com:',
      'user@registry.example.com',
      'registry example.com',
    ]) {
      it(`refuses ${text}, which nobody could put before the name of an image`, async () => {
        const problems = await problemsOf('', { PULLGATE_REGISTRY_HOST: text });

        expect(problems[1]).to.contain('PULLGATE_REGISTRY_HOST: is not host or host:port');
      });
    }
  });

  describe('registry.token_ttl', () => {
    for (const seconds of [60, 300, 3600]) {
      it(`takes ${seconds} seconds`, async () => {
        expect((await configOf(`registry: { token_ttl: ${seconds} }`)).registry.tokenTtl).to.equal(
          seconds,
        );
      });
    }

    for (const text of ['59', '3601', '300.5', '-300', 'soon', '']) {
      it(`refuses ${JSON.stringify(text)}`, async () => {
        const problems = await problemsOf('', { PULLGATE_REGISTRY_TOKEN_TTL: text });

        expect(problems[1]).to.match(/^ {2}PULLGATE_REGISTRY_TOKEN_TTL: /);
      });
    }
  });

  for (const variable of [
    'PULLGATE_HTTP_TLS_CERT',
    'PULLGATE_HTTP_TLS_KEY',
    'PULLGATE_CERTS_DIR',
    'PULLGATE_REGISTRY_SERVICE',
    'PULLGATE_REGISTRY_ISSUER',
    'PULLGATE_REGISTRY_HOST',
    'PULLGATE_GIT_ROOT',
  ]) {
    it(`takes a single character for ${variable}, and refuses nothing at all`, async () => {
      const other = { PULLGATE_HTTP_TLS_CERT: 'x', PULLGATE_HTTP_TLS_KEY: 'x' };

      const problems = await problemsOf('', { ...other, [variable]: '' });
      await configOf('', { ...other, [variable]: 'x' });

      expect(problems[1]).to.match(new RegExp(`^ {2}${variable}: `));
    });
  }

  for (const algorithm of ['ES256', 'RS256'] as const) {
    it(`takes ${algorithm} for signing`, async () => {
      const { signing } = await configOf('', { PULLGATE_SIGNING_ALGORITHM: algorithm });

      expect(signing.algorithm).to.equal(algorithm);
    });
  }

  for (const algorithm of ['es256', 'HS256', 'none', '']) {
    it(`refuses ${JSON.stringify(algorithm)} for signing`, async () => {
      const problems = await problemsOf('', { PULLGATE_SIGNING_ALGORITHM: algorithm });

      expect(problems[1]).to.match(/^ {2}PULLGATE_SIGNING_ALGORITHM: /);
    });
  }

  it('refuses a prefix of deploy tokens that would need escaping in an address', async () => {
    for (const prefix of ['a b', 'a:b', 'a/b', 'ä', 'a'.repeat(33)]) {
      expect(await problemsOf('', { PULLGATE_DEPLOY_TOKENS_PREFIX: prefix })).to.have.lengthOf(2);
    }
  });

  describe('paths', () => {
    const RELATIVE =
      'http: { tls_cert: tls/a.crt, tls_key: tls/a.key }\n' +
      'database: { url: "sqlite:./some/pullgate.db", tls_ca: ca.pem }\n' +
      'certs: { dir: keys }\ngit: { root: ../repositories }\n';

    async function configAt(file: string, env: NodeJS.ProcessEnv = {}): Promise<Config> {
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, RELATIVE);
      return (await loadConfig({ PULLGATE_CONFIG: file, ...env })).config;
    }

    for (const [where, file] of [
      ['its folder', 'pullgate/pullgate.yml'],
      ['the folder above one called config', 'pullgate/config/production.yml'],
    ] as const) {
      it(`of a file begin in ${where}`, async () => {
        const { http, database, certs, git } = await configAt(join(folder, file));

        expect(http).to.include({
          tlsCert: join(folder, 'pullgate', 'tls', 'a.crt'),
          tlsKey: join(folder, 'pullgate', 'tls', 'a.key'),
        });
        expect(database.url).to.include({ file: join(folder, 'pullgate', 'some', 'pullgate.db') });
        expect(database.tlsCa).to.equal(join(folder, 'pullgate', 'ca.pem'));
        expect(certs.dir).to.equal(join(folder, 'pullgate', 'keys'));
        expect(git.root).to.equal(join(folder, 'repositories'));
      });
    }

    it('of variables begin in the working folder, and whole ones nowhere else', async () => {
      const { database, certs, git } = await configAt(join(folder, 'pullgate.yml'), {
        PULLGATE_DATABASE_URL: 'sqlite::memory:',
        PULLGATE_CERTS_DIR: './keys',
        PULLGATE_GIT_ROOT: '/srv/git',
      });

      expect(database.url).to.include({ file: ':memory:' });
      expect([certs.dir, git.root]).to.deep.equal(['./keys', '/srv/git']);
    });

    it('that would lead to a new database, with one left in the working folder, are refused', async () => {
      const left = relative('.', join(folder, 'left.db'));
      await writeFile(left, '');
      const file = join(folder, 'some', 'where', 'else', 'pullgate.yml');
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, `database: { url: "sqlite:${left}" }`);
      const program = { env: { PULLGATE_CONFIG: file }, writeError: () => {} };

      const refusal = await messageOf(readConfig(program));

      expect(refusal).to.include(`There is a database at ${join(folder, 'left.db')}`);
      await mkdir(dirname(join(dirname(file), left)), { recursive: true });
      await writeFile(join(dirname(file), left), '');
      expect((await readConfig(program)).database.url.type).to.equal('sqlite');
    });
  });
});

async function messageOf(loading: Promise<unknown>): Promise<string> {
  try {
    await loading;
  } catch (error) {
    expect(error).to.be.instanceOf(ConfigError);
    return error instanceof ConfigError ? error.message : '';
  }
  throw new Error('the configuration was accepted');
}
