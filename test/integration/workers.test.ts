import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { text as readText } from 'node:stream/consumers';
import { expect } from 'chai';
import { z } from 'zod';
import { beginPost, refusesConnections } from '../support/connections.js';
import { startInstallation, type Installation } from '../support/installation.js';
import { startPullgate, type OwnScript } from '../support/pullgate-process.js';
import { freePort, temporaryFolder } from '../support/run.js';
import { basic, grantedBy, parseAnswer, repository, SERVICE } from '../support/token-client.js';
import { hidden, webClient } from '../support/web-client.js';

const PROJECT = 'tanuki/awesome_project';
const SCOPE = `repository:${PROJECT}:pull`;
const TOKEN_TARGET = `/token?service=${SERVICE}&scope=${SCOPE}`;
const LogLine = z.looseObject({
  msg: z.string(),
  worker: z.int().optional(),
  pid: z.int().optional(),
  requestId: z.string().optional(),
});
type LogLine = z.infer<typeof LogLine>;

interface Worker {
  readonly id: number;
  readonly pid: number;
}

describe('serve with two workers', () => {
  let installation: Installation;

  beforeEach(async () => {
    installation = await startInstallation({ env: { PULLGATE_HTTP_WORKERS: '2' } });
    await installation.service().line(saysServing);
    await installation.addProject(PROJECT);
  });

  afterEach(async () => {
    await installation.stop();
  });

  /** One connection to each worker: the kernel gives a connection to a process that runs. */
  async function connections(): Promise<Connection[]> {
    const workers = workersOf(installation.service());
    const opened: Connection[] = [];
    for (const worker of workers) {
      const others = workers.filter(({ pid }) => pid !== worker.pid);
      others.forEach(({ pid }) => process.kill(pid, 'SIGSTOP'));
      const connection = connectionTo(installation.origin);
      const { requestId } = await connection.ask('GET', '/-/health');
      others.forEach(({ pid }) => process.kill(pid, 'SIGCONT'));
      expect(await workerOf(requestId), 'the worker that answered').to.equal(worker.id);
      opened.push(connection);
    }
    return opened;
  }

  async function workerOf(requestId: string): Promise<number | undefined> {
    const line = await installation.service().line((text) => text.includes(requestId));
    return LogLine.parse(JSON.parse(line)).worker;
  }

  it('refuses a token that was revoked at one of them at each of them, at once', async () => {
    const admin = await installation.addUser('root', 'admin');
    const [one, two] = await connections();
    if (one === undefined || two === undefined) {
      throw new Error('Two workers have a connection each.');
    }
    for (const [revoker, other] of [
      [one, two],
      [two, one],
    ] as const) {
      const token = await installation.addDeployToken(PROJECT);
      const authorization = basic(token);
      const browser = webClient(installation.origin);
      await browser.signIn(admin.username, admin.secret);
      const address = `/${PROJECT}/-/settings/repository/deploy_tokens/${token.id}/revoke`;
      const { html } = await browser.get(address);
      const before = [
        await other.ask('GET', TOKEN_TARGET, { headers: { authorization } }),
        await revoker.ask('GET', TOKEN_TARGET, { headers: { authorization } }),
      ];

      const revoked = await revoker.ask('POST', address, {
        headers: {
          origin: installation.origin,
          cookie: Array.from(browser.cookies, ([name, value]) => `${name}=${value}`).join('; '),
          'content-type': 'application/x-www-form-urlencoded',
        },
        body: new URLSearchParams({ csrf: hidden(html, 'csrf') }).toString(),
      });
      const after = [
        await other.ask('GET', TOKEN_TARGET, { headers: { authorization } }),
        await revoker.ask('GET', TOKEN_TARGET, { headers: { authorization } }),
      ];

      expect(before.map(({ status }) => status)).to.deep.equal([200, 200]);
      expect(revoked.status, revoked.body).to.equal(303);
      expect(after.map(({ status }) => status)).to.deep.equal([401, 401]);
    }
    one.close();
    two.close();
  });

  it('replaces a worker that is killed, and answers meanwhile', async () => {
    const service = installation.service();
    const [victim] = workersOf(service);

    process.kill(victim?.pid ?? 0, 'SIGKILL');
    const ended = LogLine.parse(JSON.parse(await service.line(saysEnded)));
    const meanwhile = await fetch(`${installation.origin}/-/readiness`);
    await service.line((line) => line.includes('"msg":"listening"') && line.includes('"worker":3'));

    expect(ended).to.include({ worker: victim?.id, pid: victim?.pid, signal: 'SIGKILL' });
    expect(meanwhile.status).to.equal(200);
    expect((await connections()).map((connection) => connection.close())).to.have.lengthOf(2);
  });

  it('drains when SIGTERM goes to the whole process group, as Ctrl-C and docker send it', async () => {
    const { username, secret } = await installation.addDeployToken(PROJECT);
    const service = installation.service();
    const form = new URLSearchParams({
      grant_type: 'password',
      client_id: 'slow',
      service: SERVICE,
      scope: SCOPE,
      username,
      password: secret,
    }).toString();
    const requests = await Promise.all(
      [1, 2, 3, 4].map(async () => await beginPost(installation.origin, form.length)),
    );
    const pids = workersOf(service).map(({ pid }) => pid);

    service.signal('SIGTERM');
    pids.forEach((pid) => process.kill(pid, 'SIGTERM'));
    await refusesConnections(installation.origin);
    for (const { socket } of requests) {
      socket.write(form);
    }
    await Promise.all(requests.map(async ({ closed }) => await closed));

    for (const { received } of requests) {
      const answer = parseAnswer(received());
      expect(answer.status).to.equal(200);
      expect(grantedBy(answer)).to.deep.equal([repository(PROJECT, 'pull')]);
    }
    expect(await service.exited).to.equal(0);
    expect(service.stderr()).to.equal('');
    expect(service.lines().at(-1)).to.contain('"msg":"stopped"');
    expect(service.lines().filter(saysEnded)).to.deep.equal([]);
  });

  for (const [first, second] of [
    ['SIGTERM', 'SIGINT'],
    ['SIGINT', 'SIGINT'],
  ] as const) {
    it(`ends at once, running requests or not, at ${first} and then ${second}`, async () => {
      const service = installation.service();
      const request = await beginPost(installation.origin, 100);

      service.signal(first);
      await service.line((line) => line.includes('"msg":"stopping"'));
      service.signal(second);

      expect(await service.exited).to.equal(null);
      await request.closed;
      await refusesConnections(installation.origin);
    });
  }

  it('leaves no worker behind when the primary is killed', async () => {
    const service = installation.service();
    const request = await beginPost(installation.origin, 100);

    service.signal('SIGKILL');

    await request.closed;
    await refusesConnections(installation.origin);
    expect(await service.exited).to.equal(null);
  });
});

describe('serve with workers', () => {
  it('ends with one clear line when the port is in use', async () => {
    const folder = await temporaryFolder('pullgate-workers');
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const address = taken.address();
    const port = typeof address === 'object' ? address?.port : 0;

    const started = startPullgate(['serve'], {
      cwd: folder.path,
      env: { PULLGATE_HTTP_LISTEN: `127.0.0.1:${port}`, PULLGATE_HTTP_WORKERS: '4' },
    });
    const code = await started.exited;

    taken.close();
    await folder.remove();
    expect(code).to.equal(1);
    expect(started.stderr().trimEnd().split('\n')).to.have.lengthOf(1);
    expect(started.stderr()).to.match(/^pullgate: http\.listen: .* cannot be listened on/);
    expect(
      started.lines().filter((line) => line.includes('"msg":"worker started"')),
    ).to.have.lengthOf(1);
  });

  it('tells why a worker cannot be replaced, tries less and less often, and goes on once it can', async () => {
    const folder = await temporaryFolder('pullgate-workers');
    const config = join(folder.path, 'pullgate.yml');
    const good = `http: { workers: 2, listen: '127.0.0.1:${await freePort()}' }\n`;
    await writeFile(config, good);
    const started = startPullgate(['serve'], {
      cwd: folder.path,
      env: { PULLGATE_CONFIG: config },
    });
    await started.line(saysServing);

    await writeFile(config, 'htttp: {}\n');
    process.kill(workersOf(started)[0]?.pid ?? 0, 'SIGKILL');
    const third = await started.line((line) => saysEnded(line) && line.includes('"pauseMs":400'));
    await writeFile(config, good);
    await started.line(
      (line) => line.includes('"msg":"listening"') && !/"worker":[12],/.test(line),
    );

    const code = await started.stop();
    await folder.remove();
    expect(third).to.contain('htttp: is not a setting');
    expect(code).to.equal(0);
  });
});

describe('serve alone', () => {
  it('ends at once at a second signal, whichever it is', async () => {
    const installation = await startInstallation();
    const service = installation.service();
    const request = await beginPost(installation.origin, 100);

    service.signal('SIGTERM');
    await service.line((line) => line.includes('"msg":"stopping"'));
    service.signal('SIGINT');
    const code = await service.exited;

    await request.closed;
    await installation.stop();
    expect(code).to.equal(null);
  });
});

interface Connection {
  readonly ask: (
    method: string,
    path: string,
    options?: { readonly headers?: Record<string, string>; readonly body?: string },
  ) => Promise<{ readonly status: number; readonly requestId: string; readonly body: string }>;
  readonly close: () => void;
}

/** A client that keeps one connection, and so speaks to one worker. */
function connectionTo(origin: string): Connection {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  return {
    async ask(method, path, { headers = {}, body = '' } = {}) {
      const response = await new Promise<IncomingMessage>((resolve, reject) => {
        httpRequest(origin + path, { agent, method, headers }, resolve)
          .once('error', reject)
          .end(body);
      });
      return {
        status: response.statusCode ?? 0,
        requestId: z.string().parse(response.headers['x-request-id']),
        body: await readText(response),
      };
    },
    close() {
      agent.destroy();
    },
  };
}

function saysServing(line: string): boolean {
  return line.includes('"msg":"workers serve"');
}

function saysEnded(line: string): boolean {
  return line.includes('"msg":"worker ended"');
}

/** Those that were started and have not ended. */
function workersOf(service: OwnScript): Worker[] {
  const lines = service.lines().map((line): LogLine => LogLine.parse(JSON.parse(line)));
  const ended = lines.filter(({ msg }) => msg === 'worker ended').map(({ worker }) => worker);
  return lines
    .filter(({ msg, worker }) => msg === 'worker started' && !ended.includes(worker))
    .map(({ worker = 0, pid = 0 }) => ({ id: worker, pid }));
}
