import { once } from 'node:events';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { z } from 'zod';
import { generateCaKey, makeCaCertificate } from '../../src/keys/certificate.js';
import { prepareKeys } from '../../src/keys/key-folder.js';
import { beginPost, endOf, refusesConnections } from '../support/connections.js';
import { saysListening, startInstallation, type Installation } from '../support/installation.js';
import { pullgate, startPullgate, type OwnScript } from '../support/pullgate-process.js';
import { freePort, temporaryFolder, type TemporaryFolder } from '../support/run.js';
import {
  askByGet,
  askByPost,
  basic,
  grantedBy,
  parseAnswer,
  repository,
  send,
  SERVICE,
} from '../support/token-client.js';

const PROJECT = 'tanuki/awesome_project';
/** A frame of a stack: `    at file.js:1:2` or `    at name (file.js:1:2)`. */
const STACK = /^\s+at .*:\d+:\d+\)?$/m;
const LogLine = z.looseObject({
  level: z.enum(['debug', 'info', 'warn', 'error']),
  time: z.iso.datetime(),
  msg: z.string(),
});

describe('serve', () => {
  let scratch: TemporaryFolder;
  let folders = 0;

  before(async () => {
    scratch = await temporaryFolder('pullgate-start');
  });

  after(async () => {
    await scratch.remove();
  });

  async function newFolder(): Promise<string> {
    folders += 1;
    const folder = join(scratch.path, String(folders));
    await mkdir(folder);
    return folder;
  }

  /** Keys made before: making them is what takes longest in a start. */
  async function sharedCerts(): Promise<string> {
    const dir = join(scratch.path, 'certs');
    await prepareKeys({ dir, algorithm: 'ES256', now: () => new Date() });
    return dir;
  }

  it('lists every mistake of the configuration at once, and does nothing else', async () => {
    const cwd = await newFolder();
    await mkdir(join(cwd, 'config'));
    await writeFile(join(cwd, 'config', 'pullgate.yml'), 'registry:\n  token_ttl: 5\n');

    const started = await refusal(cwd, {
      PULLGATE_HTTP_LISTEN: `127.0.0.1:${await freePort()}`,
      PULLGATE_HTTP_PUBLIC_URL: 'ftp://pullgate.example.com',
      PULLGATE_LOG_LEVEL: 'loud',
    });

    const [title, ...problems] = started.stderr().trimEnd().split('\n');
    expect(title).to.equal('pullgate: The configuration has 3 problems:');
    expect(problems.map((line) => line.trim().split(':')[0])).to.have.members([
      'PULLGATE_HTTP_PUBLIC_URL',
      'PULLGATE_LOG_LEVEL',
      'registry.token_ttl',
    ]);
    expect(started.stdout()).to.equal('');
    expect(await readdir(cwd)).to.deep.equal(['config']);
  });

  it('says in one line that its address is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const listen = addressOf(other.address());

    const started = await refusal(await newFolder(), {
      PULLGATE_HTTP_LISTEN: listen,
      PULLGATE_CERTS_DIR: await sharedCerts(),
    });

    other.close();
    expect(linesOf(started)).to.have.lengthOf(1);
    expect(started.stderr()).to.match(
      /^pullgate: http\.listen: .* Is it in use by another program/,
    );
    expect(started.stderr()).to.contain(listen);
  });

  it('says in one line which folder for its data cannot be made', async () => {
    const cwd = await newFolder();
    const file = join(cwd, 'file');
    await writeFile(file, '');

    const started = await refusal(cwd, {
      PULLGATE_HTTP_LISTEN: '127.0.0.1:0',
      PULLGATE_CERTS_DIR: await sharedCerts(),
      PULLGATE_DATABASE_URL: `sqlite:${join(file, 'data', 'pullgate.db')}`,
    });

    expect(linesOf(started)).to.have.lengthOf(1);
    expect(started.stderr()).to.match(/^pullgate: A file or folder cannot be used: /);
    expect(started.stderr()).to.contain(join(file, 'data'));
  });

  it('says in one line that its folder for keys cannot be made', async () => {
    const cwd = await newFolder();
    const file = join(cwd, 'file');
    await writeFile(file, '');

    const started = await refusal(cwd, {
      PULLGATE_HTTP_LISTEN: '127.0.0.1:0',
      PULLGATE_CERTS_DIR: join(file, 'certs'),
    });

    expect(linesOf(started)).to.have.lengthOf(1);
    expect(started.stderr()).to.contain(`The certs folder ${join(file, 'certs')} cannot be`);
  });

  it('says in one line that it cannot keep repositories where it is told to', async () => {
    const cwd = await newFolder();
    const file = join(cwd, 'letter');
    await writeFile(file, 'no folder');

    const started = await refusal(cwd, {
      PULLGATE_HTTP_LISTEN: '127.0.0.1:0',
      PULLGATE_CERTS_DIR: await sharedCerts(),
      PULLGATE_GIT_ROOT: file,
    });

    expect(linesOf(started)).to.have.lengthOf(1);
    expect(started.stderr()).to.match(/^pullgate: git\.root: .*letter cannot be used/);
  });

  it('warns of a missing git, and serves the registry all the same', async () => {
    const env = {
      PATH: '/nonexistent',
      PULLGATE_HTTP_LISTEN: '127.0.0.1:0',
      PULLGATE_CERTS_DIR: await sharedCerts(),
    };

    const started = startPullgate(['serve'], { cwd: await newFolder(), env });
    const warning = await started.line((line) => line.includes('git is not on the PATH'));
    await started.line(saysListening);
    await started.stop();

    expect(LogLine.parse(JSON.parse(warning)).level).to.equal('warn');
  });

  it('says in one line that its database is none', async () => {
    const cwd = await newFolder();
    const file = join(cwd, 'pullgate.db');
    await writeFile(file, 'This is a letter and not a database. '.repeat(100));

    const started = await refusal(cwd, {
      PULLGATE_HTTP_LISTEN: '127.0.0.1:0',
      PULLGATE_CERTS_DIR: await sharedCerts(),
      PULLGATE_DATABASE_URL: `sqlite:${file}`,
    });

    expect(linesOf(started)).to.have.lengthOf(1);
    expect(started.stderr()).to.match(/^pullgate: The database cannot be used: /);
  });

  // A certificate runs out in the night, and from that second on the registry refuses every JWT,
  // though all programs run and every health check is green. Nobody knows why nothing can be
  // pulled. A start with such a key is refused, and says what to do.
  it('says what to do about an expired signing key when the key of the CA is not there', async () => {
    const cwd = await newFolder();
    const dir = join(cwd, 'certs');
    const longAgo = new Date('2020-01-01T00:00:00Z');
    await prepareKeys({ dir, algorithm: 'ES256', now: () => longAgo });
    await rm(join(dir, 'ca.key'));

    const started = await refusal(cwd, { PULLGATE_HTTP_LISTEN: '127.0.0.1:0' });

    expect(linesOf(started)).to.have.lengthOf(1);
    expect(started.stderr()).to.contain('pullgate keys rotate');
    expect(started.stderr()).to.match(/no valid signing key|expired/);
  });

  it('renews an expired signing key by itself when the key of the CA is there', async () => {
    const cwd = await newFolder();
    const dir = join(cwd, 'certs');
    const longAgo = new Date('2020-01-01T00:00:00Z');
    const old = await prepareKeys({ dir, algorithm: 'ES256', now: () => longAgo });

    const started = startPullgate(['serve'], { cwd, env: { PULLGATE_HTTP_LISTEN: '127.0.0.1:0' } });
    const line = await started.line(saysListening);
    const code = await started.stop();

    expect(line).not.to.contain(old.keys[0].libtrustKid);
    expect(code).to.equal(0);
  });

  // The registry trusts one CA. With another one everything looked well here, and each login was 401.
  for (const [what, change, sentence] of [
    ['are lost', async (certs: string) => await rm(certs, { recursive: true }), 'There is no'],
    [
      'are of another CA',
      async (certs: string) => {
        await rm(certs, { recursive: true });
        await prepareKeys({ dir: certs, algorithm: 'ES256', now: () => new Date() });
      },
      'is another CA',
    ],
  ] as const) {
    it(`refuses to start when its keys ${what}, until the operator accepts the new CA`, async () => {
      const cwd = await newFolder();
      const certs = join(cwd, 'certs');
      const env = { PULLGATE_HTTP_LISTEN: '127.0.0.1:0' };
      const first = startPullgate(['serve'], { cwd, env });
      await first.line(saysListening);
      await first.stop();
      await change(certs);
      const left = await keysIn(cwd);

      const started = await refusal(cwd, env);

      expect(linesOf(started)).to.have.lengthOf(1);
      expect(started.stderr()).to.include(sentence).and.to.include('pullgate keys accept-ca');
      expect(await keysIn(cwd)).to.deep.equal(left);
      await pullgate(['keys', 'create'], { cwd });
      expect((await pullgate(['keys', 'accept-ca'], { cwd })).code).to.equal(0);
      const again = startPullgate(['serve'], { cwd, env });
      await again.line(saysListening);
      expect(await again.stop()).to.equal(0);
    });
  }

  it('starts with a key that is damaged beside one that is not, and tells which', async () => {
    const cwd = await newFolder();
    const dir = join(cwd, 'certs');
    await prepareKeys({ dir, algorithm: 'ES256', now: () => new Date() });
    const damaged = 'leaf-20990101T000000000Z-es256.pem';
    await writeFile(join(dir, damaged), 'no key');
    const env = { PULLGATE_HTTP_LISTEN: `127.0.0.1:${await freePort()}` };

    const started = startPullgate(['serve'], { cwd, env });
    const warning = await started.line((line) => line.includes(damaged));
    await started.line(saysListening);
    const readiness = await fetch(`http://${env.PULLGATE_HTTP_LISTEN}/-/readiness`);
    await started.stop();

    expect(LogLine.parse(JSON.parse(warning)).level).to.equal('warn');
    expect(readiness.status).to.equal(200);
    expect(await readiness.json()).to.include({ keys: 'ok, but for 1 damaged: see the log' });
  });

  it('ends at a signal before it has served anybody', async () => {
    const env = {
      PULLGATE_HTTP_LISTEN: '127.0.0.1:0',
      PULLGATE_CERTS_DIR: await sharedCerts(),
    };
    const started = startPullgate(['serve'], { cwd: await newFolder(), env });
    await started.line(saysListening);

    started.signal('SIGINT');

    expect(await started.exited).to.equal(0);
    expect(started.stderr()).to.equal('');
  });

  it('is not kept from ending by connections on which nobody asks anything', async () => {
    const env = {
      PULLGATE_HTTP_LISTEN: `127.0.0.1:${await freePort()}`,
      PULLGATE_CERTS_DIR: await sharedCerts(),
    };
    const started = startPullgate(['serve'], { cwd: await newFolder(), env });
    await started.line(saysListening);
    const origin = `http://${env.PULLGATE_HTTP_LISTEN}`;
    const silent = connect(Number(new URL(origin).port), '127.0.0.1');
    const idle = connect(Number(new URL(origin).port), '127.0.0.1');
    await Promise.all([once(silent, 'connect'), once(idle, 'connect')]);
    idle.write('GET /-/health HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await once(idle, 'data');
    const ends = [silent, idle].map(async (socket) => await endOf(socket));

    started.signal('SIGTERM');

    expect(await started.exited).to.equal(0);
    await Promise.all(ends);
  });
});

describe('serve, with a project and a deploy token', () => {
  let installation: Installation;

  before(async () => {
    installation = await startInstallation();
    await installation.addProject(PROJECT);
  });

  after(async () => {
    await installation.stop();
  });

  it('finishes the request that runs when SIGTERM comes, takes no other, and exits 0', async () => {
    const { username, secret } = await installation.addDeployToken(PROJECT);
    const service = installation.service();
    const form = new URLSearchParams({
      grant_type: 'password',
      client_id: 'slow',
      service: SERVICE,
      scope: `repository:${PROJECT}:pull`,
      username,
      password: secret,
    }).toString();
    const request = await beginPost(installation.origin, form.length);
    request.socket.write(form.slice(0, 20));

    service.signal('SIGTERM');
    await service.line((line) => line.includes('"msg":"stopping"'));
    await refusesConnections(installation.origin);
    request.socket.write(form.slice(20));
    await request.closed;

    const answer = parseAnswer(request.received());
    expect(answer.status).to.equal(200);
    expect(grantedBy(answer)).to.deep.equal([repository(PROJECT, 'pull')]);
    expect(await service.exited).to.equal(0);
    expect(service.stderr()).to.equal('');
    expect(service.lines().at(-1)).to.contain('"msg":"stopped"');
    await installation.restartService();
  });

  it('knows after a second start what it knew before', async () => {
    const login = await installation.addDeployToken(PROJECT);
    const scopes = [`repository:${PROJECT}:pull`];

    await installation.restartService();

    const answer = await askByGet(installation.origin, { login, scopes });
    expect(grantedBy(answer)).to.deep.equal([repository(PROJECT, 'pull')]);
  });

  it('sees the changes of the command line, which writes to the same database meanwhile', async () => {
    const logins = await Promise.all(
      [1, 2, 3].map(async () => await installation.addDeployToken(PROJECT)),
    );

    const answers = await Promise.all(
      logins.map(async (login) => await askByGet(installation.origin, { login })),
    );

    expect(answers.map(({ status }) => status)).to.deep.equal([200, 200, 200]);
  });

  it('writes one line of JSON a request, and no secret in any of them', async () => {
    await installation.restartService({ PULLGATE_LOG_LEVEL: 'debug' });
    const { origin } = installation;
    const person = await installation.addUser('ada');
    const accessToken = await installation.addAccessToken(person, 'api');
    const token = await installation.addDeployToken(PROJECT);
    const wrong = { username: token.username, secret: 'a-secret-mistyped-by-its-holder' };
    const query = new URLSearchParams({ service: SERVICE, password: token.secret });
    const authorization = basic(token);

    const answers = [
      await askByGet(origin, { login: token, scopes: [`repository:${PROJECT}:pull`] }),
      await askByPost(origin, { login: token, scopes: [`repository:${PROJECT}:pull`] }),
      await askByGet(origin, { login: accessToken, scopes: [`repository:${PROJECT}:pull`] }),
      await askByPost(origin, { login: person, scopes: [`repository:${PROJECT}:pull`] }),
      await askByGet(origin, { login: wrong }),
      await askByPost(origin, { login: wrong }),
      await send(origin, {
        method: 'GET',
        target: `/token?${query.toString()}`,
        headers: { authorization },
      }),
      await send(origin, {
        method: 'POST',
        target: '/token',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(token),
      }),
      await send(origin, { method: 'PUT', target: '/token', body: token.secret }),
      await send(origin, {
        method: 'GET',
        target: `/token?service=${SERVICE}`,
        headers: { authorization: `Bearer ${token.secret}` },
      }),
    ];

    const logged = await installation.requests();
    const { lines, stderr } = installation.service();
    const text = lines().join('\n');
    const secrets = [...installation.secrets(), wrong.secret, authorization.slice('Basic '.length)];
    expect(logged.map(({ status }) => status)).to.deep.equal(answers.map(({ status }) => status));
    for (const line of lines()) {
      LogLine.parse(JSON.parse(line));
    }
    expect(secrets.filter((secret) => text.includes(secret))).to.deep.equal([]);
    // A JWT, or the beginning of one.
    expect(text).not.to.contain('eyJ');
    expect(stderr()).to.equal('');
  });
});

describe('health', () => {
  let scratch: TemporaryFolder;

  before(async () => {
    scratch = await temporaryFolder('pullgate-health');
  });

  after(async () => {
    await scratch.remove();
  });

  for (const [host, asked] of [
    ['127.0.0.1', 'the address that it listens on'],
    ['0.0.0.0', 'one of every address that it listens on'],
  ] as const) {
    it(`exits 0 for a service that is ready, asked at ${asked}`, async () => {
      const env = { PULLGATE_HTTP_LISTEN: `${host}:${await freePort()}` };
      const service = startPullgate(['serve'], { cwd: scratch.path, env });
      await service.line(saysListening);

      const { code, stdout, stderr } = await pullgate(['health'], { cwd: scratch.path, env });

      await service.stop();
      expect(code, stderr).to.equal(0);
      expect(stdout).to.equal('The service is ready.\n');
    });
  }

  it('speaks HTTPS to a service that does', async () => {
    const [cert, key] = [join(scratch.path, 'tls.crt'), join(scratch.path, 'tls.key')];
    const privateKeyPem = await generateCaKey();
    await writeFile(cert, makeCaCertificate(privateKeyPem, new Date()));
    await writeFile(key, privateKeyPem);
    const env = {
      PULLGATE_HTTP_LISTEN: `127.0.0.1:${await freePort()}`,
      PULLGATE_HTTP_TLS_CERT: cert,
      PULLGATE_HTTP_TLS_KEY: key,
    };
    const service = startPullgate(['serve'], { cwd: scratch.path, env });
    await service.line(saysListening);

    const { code, stderr } = await pullgate(['health'], { cwd: scratch.path, env });

    await service.stop();
    expect(code, stderr).to.equal(0);
  });

  it('exits 1 and says where nobody answers', async () => {
    const env = { PULLGATE_HTTP_LISTEN: `127.0.0.1:${await freePort()}` };

    const { code, stderr } = await pullgate(['health'], { cwd: scratch.path, env });

    expect(code).to.equal(1);
    expect(stderr).to.match(/^pullgate: The service at 127\.0\.0\.1:\d+ does not answer: /);
  });

  it('exits 1 and says what is wrong with a service that is not ready', async () => {
    const server = createHttpServer((_, response) => {
      response.statusCode = 503;
      response.end(
        JSON.stringify({ status: 'unavailable', database: 'does not answer', keys: 'ok' }),
      );
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const env = { PULLGATE_HTTP_LISTEN: addressOf(server.address()) };

    const { code, stderr } = await pullgate(['health'], { cwd: scratch.path, env });

    server.close();
    expect(code).to.equal(1);
    expect(stderr).to.equal('pullgate: The service is not ready: database: does not answer\n');
  });
});

describe('the command line', () => {
  let scratch: TemporaryFolder;

  before(async () => {
    scratch = await temporaryFolder('pullgate-usage');
  });

  after(async () => {
    await scratch.remove();
  });

  for (const [what, args] of [
    ['no command', []],
    ['an unknown command', ['surf']],
    ['an unknown option', ['serve', '--fast']],
    ['a missing argument', ['project', 'create']],
    ['one argument too many', ['project', 'create', 'tanuki/a', 'tanuki/b']],
    ['a missing option', ['deploy-token', 'create', PROJECT, '--name', 'ci']],
    [
      'a scope that deploy tokens do not have',
      ['deploy-token', 'create', PROJECT, '--name', 'ci', '--scopes', 'write_registry'],
    ],
    [
      'a date that does not exist',
      [
        'deploy-token',
        'create',
        PROJECT,
        '--name',
        'ci',
        '--scopes',
        'read_registry',
        '--expires-at',
        '2027-02-30',
      ],
    ],
    ['a command group without a command', ['deploy-token']],
  ] as const) {
    it(`exits 2 for ${what}, says so, and makes nothing`, async () => {
      const { code, stdout, stderr } = await pullgate(args, { cwd: scratch.path });

      expect(code).to.equal(2);
      expect(stdout).to.equal('');
      expect(stderr).not.to.equal('');
      expect(stderr).not.to.match(STACK);
      expect(await readdir(scratch.path)).to.deep.equal([]);
    });
  }

  for (const args of [
    ['--help'],
    ['help', 'serve'],
    ['deploy-token', 'create', '--help'],
    ['--version'],
  ]) {
    it(`exits 0 for ${args.join(' ')}, with the answer on standard output`, async () => {
      const { code, stdout, stderr } = await pullgate(args, { cwd: scratch.path });

      expect(code).to.equal(0);
      expect(stdout).not.to.equal('');
      expect(stderr).to.equal('');
      expect(await readdir(scratch.path)).to.deep.equal([]);
    });
  }
});

function linesOf(started: OwnScript): string[] {
  return started.stderr().trimEnd().split('\n');
}

function addressOf(address: ReturnType<ReturnType<typeof createServer>['address']>): string {
  if (address === null || typeof address === 'string') {
    throw new Error('A listening server has no port.');
  }
  return `${address.address}:${address.port}`;
}

async function keysIn(cwd: string): Promise<string[]> {
  const all = await readdir(cwd, { recursive: true });
  return all.filter((path) => path.startsWith('certs')).toSorted();
}

/** Starts it where it must refuse to serve, and waits for its end. */
async function refusal(cwd: string, env: NodeJS.ProcessEnv): Promise<OwnScript> {
  const started = startPullgate(['serve'], { cwd, env });
  const code = await started.exited;
  expect(code, started.stderr()).to.equal(1);
  expect(started.lines().filter(saysListening)).to.deep.equal([]);
  expect(started.stderr()).not.to.match(STACK);
  return started;
}
